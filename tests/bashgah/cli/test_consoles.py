"""What tables and coloured lines show of a text is the text: whoever copies it from the screen finds it again."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.table import Table

from bashgah.cli.consoles import cell, clean_console
from monitoring.safe_text import plain

ODD = [
    "a :bomb: b", "8834:on:17", "ends with \\", "two \\\\", "[red]x[/red]", "\\[red]x", "x\\[", "[/]", "a\\\\[b]", "[",
    "[link=http://x", "[none]", "\\[none]\\", "]", "\x1b[31m",
]  # fmt: skip


def printed(*markup: str) -> str:
    console = clean_console(width=400)
    with console.capture() as said:
        for each in markup:
            console.print(each, highlight=False)
    return said.get()


@pytest.mark.parametrize("text", ODD)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    assert printed(cell(text)) == f"{plain(text)}\n"


@given(st.text("\\[]:ab/= ", max_size=12), st.text("\\[]:ab/= ", max_size=12))
@example("\\", "\\[a")
def test_whatever_stands_around_it(first: str, second: str) -> None:
    assert printed(f"[bold]{cell(first)}[/]|{cell(second)}]|[bold]x[/]") == f"{first}|{second}]|x\n"


def test_cells_of_a_table_too() -> None:
    table = Table()
    for text in ODD:
        table.add_row(cell(text))
    console = clean_console(width=400)
    with console.capture() as said:
        console.print(table)
    for text in ODD:
        assert f" {plain(text)} " in said.get()
