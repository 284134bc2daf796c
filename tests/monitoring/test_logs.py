"""Logs: one JSON object a line, from structlog and from the standard library, and nobody's data in any of them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from monitoring.logs import HIDDEN, PERSONAL, configure, hide_personal
from monitoring.safe_text import plain_lines


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What was logged; logging is as before afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("info", "json", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)


def _last(lines: io.StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(lines.getvalue().splitlines()[-1])
    return line


def test_a_line_is_one_json_object(lines: io.StringIO) -> None:
    structlog.get_logger("agents.lanes").info("lane open", partition=3, rows=12)
    line = _last(lines)
    assert line["event"] == "lane open"
    assert (line["partition"], line["rows"], line["level"], line["logger"]) == (3, 12, "info", "agents.lanes")
    assert line["timestamp"].endswith("Z")


def test_a_member_is_never_logged(lines: io.StringIO) -> None:
    log = structlog.get_logger("x").bind(member="m-1")
    nested = {"Member": "m-1", "deep": [{"keys": ["m-1"]}]}
    log.warning("refused", key=b"m-1", subject="m-1", alias="سارا", outcome=nested)
    text = lines.getvalue()
    assert "m-1" not in text
    assert "سارا" not in text
    assert text.count(HIDDEN) == 6


def test_the_standard_librarys_lines_go_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").warning("heartbeat %s", "late", extra={"key": "m-1"})
    line = _last(lines)
    assert (line["event"], line["logger"], line["level"]) == ("heartbeat late", "aiokafka.consumer", "warning")
    assert "m-1" not in lines.getvalue()


def test_an_exception_is_a_field_of_the_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("seven")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    assert "ValueError: seven" in _last(lines)["exception"]
    assert len(lines.getvalue().splitlines()) == 1


def test_the_level_holds(lines: io.StringIO) -> None:
    structlog.get_logger("x").debug("too small")
    assert lines.getvalue() == ""


def test_the_console_is_for_people(lines: io.StringIO) -> None:
    configure("info", "console", lines)
    structlog.get_logger("x").info("lane open", partition=3, member="m-1")
    assert "lane open" in lines.getvalue()
    assert "partition=3" in lines.getvalue()
    assert "m-1" not in lines.getvalue()


_TEXTS = st.text(max_size=4)
_NAMES = st.sampled_from(sorted(PERSONAL)) | _TEXTS
_VALUES = st.recursive(
    _TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_no_personal_field_survives_at_any_depth(event: dict[str, Any]) -> None:
    assert _personal(hide_personal(None, "info", event)) <= {HIDDEN}


def _personal(value: Any) -> set[Any]:
    if isinstance(value, dict):
        own = {str(inner) for name, inner in value.items() if name.lower() in PERSONAL}
        return own.union(*(_personal(inner) for name, inner in value.items() if name.lower() not in PERSONAL))
    return set().union(*map(_personal, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_text_begins_no_line_and_commands_no_terminal(form: str) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("info", form, stream)
    evil = "\x1b[2J\x9b\u202e\r\n2026 [info] all is well"
    try:
        logging.getLogger("y").warning("found %s", evil)
        structlog.get_logger("x").warning("found " + evil, where=evil)
        assert len(stream.getvalue().splitlines()) == 2
        try:
            raise ValueError(evil)
        except ValueError:
            logging.getLogger("y").exception("failed")
    finally:
        structlog.reset_defaults()
        root.handlers[:], level = before[0], before[1]
        root.setLevel(level)
    assert plain_lines(stream.getvalue()) == stream.getvalue()


def test_libraries_that_try_for_ever_say_so_a_few_times_a_minute(lines: io.StringIO) -> None:
    for number in range(200):
        logging.getLogger("aiokafka.client").error("Unable connect to node with id %s: %s", 1, "refused")
        # kafka-python puts the values in before it logs
        logging.getLogger("kafka.net.manager").error(f"Bootstrap attempt to bootstrap-0 failed (backoff {number} secs)")
        logging.getLogger("agents.lanes.end_offsets").warning("the ends of the inputs are not known: %s", "no answer")
        logging.getLogger("agents.lanes.lane").info("lane %s is open", number)
        logging.getLogger("aiokafkaesque").info("another library")
    written = [json.loads(line)["logger"] for line in lines.getvalue().splitlines()]
    assert {name: written.count(name) for name in set(written)} == {
        "aiokafka.client": 5, "kafka.net.manager": 5, "agents.lanes.end_offsets": 5, "agents.lanes.lane": 200,
        "aiokafkaesque": 200,
    }  # fmt: skip


def test_what_libraries_say_of_a_process_that_waits_is_not_written(lines: io.StringIO) -> None:
    logging.getLogger("mode.timers").warning("Timer %s is overlapping (interval=%r runtime=%r)", "commit", 1.0, 5.0)
    logging.getLogger("kafka.net.selector").warning(
        "Task <x> ran for 0.268s (>0.100s threshold). It is blocking the event loop -- likely a tight sync loop"
    )
    assert lines.getvalue() == ""
    logging.getLogger("agents.lanes.lane").warning("It is blocking the event loop")
    assert _last(lines)["logger"] == "agents.lanes.lane"
