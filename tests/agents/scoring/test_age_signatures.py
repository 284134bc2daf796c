"""The file of keys that sign what operators let pass: read only where nobody else can read it."""

import os
from pathlib import Path

import pytest

from agents.app import create_app
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import Settings
from agents.process.watched_file import take_in
from agents.scoring.age_signatures import ReplayKeys, new_line
from bashgah.brokers import open_broker
from engine.calendar import DAY_MS
from schemas.dead_letter import replay_headers
from schemas.records import Record
from tests.tables.test_files import of_another_user

NOW = 1_790_000_000_000


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    """A file of keys."""
    file = folder / "keys"
    file.write_text(text)
    file.chmod(mode)
    return file


def record(keys: ReplayKeys, now: int = NOW, key: bytes | None = b"m-1", value: bytes | None = b"v") -> Record:
    """A record whose age is accepted, signed by the first of the keys."""
    headers = replay_headers("club.dead-letter/0/0", "too_old", "o", "r")
    return Record("bank.card", 0, 0, 0, key, value, keys.signed("bank.card", key, value, headers, now))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o602, 0o610, 0o777])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path, new_line("a"), mode)
    with pytest.raises(ClubError, match=f"mode 0{mode:o}") as found:
        ReplayKeys.read(file)
    assert found.value.code == ExitCode.BAD_SETTING
    assert f"chmod 600 {file}" in found.value.remedy
    settings = Settings(broker_url="embedded://", data_dir=tmp_path / "data", replay_keys_file=file)
    with pytest.raises(ClubError, match="may be read by others"):
        create_app(settings, open_broker(settings.broker_url), lambda _: None)


def test_another_users_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, new_line("a"), 0o600)
    of_another_user(file, monkeypatch)
    with pytest.raises(ClubError, match="another user's"):
        ReplayKeys.read(file)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    assert ReplayKeys.read(written(tmp_path, f"# keys\n\n{new_line('a')}\n", mode))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 keys"),
        ("a short", ":1: is no key"),
        (f"{'n' * 65} {'s' * 43}", ":1: is no key"),
        (f"a {'s' * 42}é", ":1: is no key"),
        (f"a {'s' * 43} b", ":1: is no key"),
        (f"a {'s' * 43}\na {'t' * 43}", ":2: is no key, or its name is there twice"),
        ("".join(f"k{number} {'s' * 43}\n" for number in range(101)), "has 101 keys"),
    ],
)
def test_a_file_that_holds_no_keys_is_refused_without_a_word_of_it(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ClubError) as found:
        ReplayKeys.read(written(tmp_path, text))
    assert said in str(found.value)
    assert found.value.code == ExitCode.BAD_FILE
    assert "ssss" not in str(found.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none", ExitCode.NO_FILE), (tmp_path, ExitCode.BAD_SETTING)):
        with pytest.raises(ClubError) as found:
            ReplayKeys.read(path)
        assert found.value.code == code
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ClubError, match="is no file"):
        ReplayKeys.read(tmp_path / "pipe")
    assert not ReplayKeys.read(None)


def test_every_key_of_the_file_holds_and_the_first_signs(tmp_path: Path) -> None:
    old, new = new_line("old"), new_line("new")
    before = ReplayKeys.read(written(tmp_path, old))
    both = ReplayKeys.read(written(tmp_path, f"{new}\n{old}"))
    after = ReplayKeys.read(written(tmp_path, new))
    assert both.hold(record(before), NOW, DAY_MS, 0)
    assert not after.hold(record(before), NOW, DAY_MS, 0)
    assert after.hold(record(both), NOW, DAY_MS, 0)
    assert not ReplayKeys().hold(record(both), NOW, DAY_MS, 0)


def test_a_name_that_is_used_again_with_another_secret_signs_otherwise(tmp_path: Path) -> None:
    first, second = (ReplayKeys.read(written(tmp_path, new_line("a"))) for _ in range(2))
    assert not second.hold(record(first), NOW, DAY_MS, 0)


def test_a_signature_holds_for_a_while() -> None:
    keys = ReplayKeys({"a": "s" * 43})
    one = record(keys)
    assert [keys.hold(one, NOW + after, DAY_MS, 5) for after in (-6, -5, 0, DAY_MS, DAY_MS + 1)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_no_key_is_another_key_than_an_empty_one() -> None:
    keys = ReplayKeys({"a": "s" * 43})
    assert keys.hold(record(keys, key=None), NOW, DAY_MS, 0)
    assert not keys.hold(record(keys, key=None)._replace(key=b""), NOW, DAY_MS, 0)
    assert keys.hold(record(keys, value=None), NOW, DAY_MS, 0)
    assert keys.hold(record(keys, key=b"k" * 900_000), NOW, DAY_MS, 0)


def test_a_changed_file_is_taken_in_and_a_wrong_one_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = new_line("a"), new_line("b")
    file = written(tmp_path, first)
    keys, others = ReplayKeys.read(file), ReplayKeys.read(file)
    signed = record(others)

    def holds() -> bool:
        take_in(keys.refresh, "the file")
        return keys.hold(signed, NOW, DAY_MS, 0)

    assert holds()
    written(tmp_path, "no key at all")
    assert holds()
    assert "what was read before stays in force" in caplog.text
    file.unlink()
    assert holds()
    written(tmp_path, second, 0o644)
    assert holds(), "others may read it: it is not taken in"
    file.chmod(0o600)
    assert not holds(), "the key has gone"
    written(tmp_path, f"{second}\n{first}")
    assert holds()
    assert keys.hold(record(keys), NOW, DAY_MS, 0)
    assert not others.hold(record(keys), NOW, DAY_MS, 0), "signed by the first of now"
