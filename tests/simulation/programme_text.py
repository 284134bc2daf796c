"""The text of a programme file out of plain values."""

from typing import Any


def exact(text: str) -> dict[str, str]:
    """A text that is written in quotes, as decimals and hours are."""
    return {"quoted": text}


def flow(value: Any) -> str:
    """A value in YAML's flow style with plain scalars."""
    if isinstance(value, dict) and list(value) == ["quoted"]:
        return f'"{value["quoted"]}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:_}" if isinstance(value, int) else str(value)


def block(content: dict[str, Any]) -> str:
    """The text of a programme file: a line a key, and a line an item."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines.append(f"{key}:")
            lines += [f"  - {flow(item)}" for item in value]
        else:
            lines.append(f"{key}: {flow(value)}")
    return "\n".join(lines) + "\n"
