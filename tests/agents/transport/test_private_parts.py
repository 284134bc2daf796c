"""The check of private parts passes here, and notices each kind of change."""

import pytest

from agents.process.exit_codes import ClubError, ExitCode
from agents.transport import private_parts


def test_the_installed_versions_are_as_expected() -> None:
    private_parts.check()


@pytest.mark.parametrize(
    ("table", "place", "wanted", "said"),
    [
        ("PINS", "aiokafka", "0.13.9", "is installed, 0.13.9 is needed"),
        ("OVERRIDDEN", "faust.transport.consumer:Consumer._gone", ("self",), "is gone"),
        ("CALLED", "faust.transport.consumer:Consumer.getmany", ("self",), "other parameters"),
        ("ATTRIBUTES", "aiokafka.consumer.consumer:AIOKafkaConsumer.start", ("_no_such_name",), "_no_such_name"),
    ],
)
def test_a_change_is_refused(
    monkeypatch: pytest.MonkeyPatch, table: str, place: str, wanted: object, said: str
) -> None:
    monkeypatch.setitem(getattr(private_parts, table), place, wanted)
    with pytest.raises(ClubError, match=said) as caught:
        private_parts.check()
    assert caught.value.code is ExitCode.BAD_SETTING
