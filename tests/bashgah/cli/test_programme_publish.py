"""`bashgah programme publish` and `list`, as people run them."""

from pathlib import Path

import pytest

from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError, ExitCode
from engine.calendar import day_of, jalali
from schemas import topics
from schemas.programme_file import load
from schemas.programmes import decode_programme, encode_programme
from schemas.records import OutputRecord
from tests.bashgah.cli.club import RULES, DiskClub, Ended, purchase
from tests.bashgah.cli.letters import NOW, NOW_TEXT

TOMORROW = str(jalali(day_of(wall_clock()) + 1))


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    monkeypatch.setenv("COLUMNS", "200")
    return DiskClub(tmp_path, capsys, partitions=1).prepare()


def written(folder: Path, name: str, text: str = RULES, **changes: str) -> Path:
    for key, value in changes.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{key}:"))
        text = text.replace(line, f"{key}: {value}")
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_version_is_published_and_listed(club: DiskClub, tmp_path: Path) -> None:
    first = written(tmp_path, "first.yaml")
    done = club.run("programme", "publish", first, "--operator", "m.karimi", "--backdated")
    assert done.code == 0, done.err
    assert "club/1 is published, in force from 1404-01-01 (2025-03-21)" in done.out
    assert "منتشر شد" in done.out
    second = written(tmp_path, "second.yaml", version="2", effective=TOMORROW)
    done = club.run("programme", "publish", second, "--operator", "z.rad")
    assert done.code == 0, done.err
    assert "note: version" not in done.err
    records = [decode_programme(r.key, r.value) for r in club.read(topics.PROGRAMME.name, [0])]
    assert [(r.version, r.operator, r.document) for r in records] == [
        (1, "m.karimi", first.read_text("utf-8")),
        (2, "z.rad", second.read_text("utf-8")),
    ]
    listed = club.run("programme", "list")
    assert listed.code == 0
    rows = {line.split("│")[1].strip(): line for line in listed.out.splitlines() if "club/" in line}
    assert "1404-01-01 (2025-03-21)" in rows["club/1"]
    assert "in force" in rows["club/1"]
    assert "z.rad" in rows["club/2"]
    assert "to come" in rows["club/2"]
    assert TOMORROW in rows["club/2"]


def test_the_same_file_again_is_there_already(club: DiskClub, tmp_path: Path) -> None:
    path = written(tmp_path, "club.yaml", effective=TOMORROW)
    assert club.run("programme", "publish", path, "--operator", "m.karimi").code == 0
    again = club.run("programme", "publish", path)
    assert again.code == 0
    assert "club/1 is there already with the very same text, published by m.karimi" in again.out
    assert len(club.read(topics.PROGRAMME.name, [0])) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "2", "title": "{fa: دیگر}"}, "version: 2 was published at"),
        ({"version": "1"}, "version 1 is not above 2"),
        ({"version": "3", "programme": "other"}, "other"),
        ({"version": "3"}, "effective: 1404-01-01 (2025-03-21) has begun"),
    ],
    ids=["other text", "back", "another programme", "in the past"],
)
def test_what_may_not_follow_is_refused(
    club: DiskClub, tmp_path: Path, changes: dict[str, str], said: str
) -> None:  # fmt: skip
    published = written(tmp_path, "published.yaml", version="2")
    assert club.run("programme", "publish", published, "--backdated").code == 0
    refused = club.run("programme", "publish", written(tmp_path, "next.yaml", **changes))
    assert refused.code == ExitCode.BAD_FILE
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert len(club.read(topics.PROGRAMME.name, [0])) == 1


def test_an_open_festivals_terms_are_kept(club: DiskClub, tmp_path: Path) -> None:
    source = (Path(__file__).parents[3] / "programmes" / "club.yaml").read_text("utf-8")
    opened = str(jalali(day_of(wall_clock()) - 3)), str(jalali(day_of(wall_clock()) + 300))
    text = source.replace("opens: 1405-07-01", f"opens: {opened[0]}").replace(
        "closes: 1405-10-01", f"closes: {opened[1]}"
    )
    first = tmp_path / "club.yaml"
    first.write_text(text, "utf-8")
    assert club.run("programme", "publish", first, "--backdated", "--allow-waiting").code == 0
    changed = text.replace("version: 3", "version: 4").replace("effective: 1405-01-01", f"effective: {TOMORROW}")
    second = tmp_path / "second.yaml"
    second.write_text(changed.replace("joining: opt_in", "joining: automatic"), "utf-8")
    refused = club.run("programme", "publish", second, "--allow-waiting")
    assert refused.code == ExitCode.BAD_FILE
    assert "physicians-autumn-1405" in refused.err
    assert "joining" in refused.err
    second.write_text(changed.replace("id: early-instalment", "id: instalment"), "utf-8")
    done = club.run("programme", "publish", second, "--allow-waiting")
    assert done.code == 0, done.err
    assert "note: rules: the rule `early-instalment` is gone" in done.out


def test_every_published_version_binds_the_next_one(club: DiskClub, tmp_path: Path) -> None:
    source = (Path(__file__).parents[3] / "programmes" / "club.yaml").read_text("utf-8")
    festival, (opens, closes) = "physicians-autumn-1405", (_in_days(10), _in_days(100))
    text = source.replace("opens: 1405-07-01", f"opens: {opens}").replace("closes: 1405-10-01", f"closes: {closes}")

    def publish(number: int, effective: str, text: str) -> Ended:
        path = tmp_path / f"{number}.yaml"
        head = f"version: {number}\neffective: {effective}"
        path.write_text(text.replace("version: 3\neffective: 1405-01-01", head), "utf-8")
        return club.run("programme", "publish", path, "--allow-waiting")

    without = text.replace(f"id: {festival}", "id: of-another-year")
    assert publish(1, _in_days(20), text).code == 0
    assert publish(2, _in_days(1), text).code == 0
    assert publish(3, _in_days(250), without).code == 0
    changed = publish(4, _in_days(2), text.replace("joining: opt_in", "joining: automatic"))
    assert changed.code == ExitCode.BAD_FILE
    assert f"the festival `{festival}` opens before version 1 is in force again" in changed.err
    removed = publish(4, _in_days(50), without)
    assert removed.code == ExitCode.BAD_FILE
    assert f"the festival `{festival}` has opened and is missing here" in removed.err
    again = publish(4, _in_days(251), text.replace(f"closes: {closes}", f"closes: {_in_days(400)}"))
    assert again.code == ExitCode.BAD_FILE
    assert "would close later" in again.err
    assert publish(4, _in_days(2), text).code == 0


def _in_days(number: int) -> str:
    return str(jalali(day_of(wall_clock()) + number))


def test_a_bad_file_and_missing_topics(club: DiskClub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = club.run("programme", "publish", written(tmp_path, "bad.yaml", version="x"))
    assert bad.code == ExitCode.BAD_FILE
    assert "error: version" in bad.err
    assert club.run("programme", "publish", tmp_path / "none.yaml").code == ExitCode.NO_FILE
    empty = DiskClub(tmp_path / "empty", capsys)
    refused = empty.run("programme", "publish", written(tmp_path, "club.yaml"))
    assert refused.code == ExitCode.BAD_SETTING
    assert "bashgah topics create" in refused.err
    assert empty.run("programme", "list").code == ExitCode.BAD_SETTING


def test_what_is_not_executed_is_published_only_where_it_may_wait(club: DiskClub, tmp_path: Path) -> None:
    month = "  - {id: month, event: deposit.month.closed, earn: {points: 1, per: 10_000, of: average_balance}}\n"
    path = written(tmp_path, "club.yaml", RULES.replace("rules:\n", "rules:\n" + month), effective=TOMORROW)
    refused = club.run("programme", "publish", path)
    assert refused.code == ExitCode.BAD_FILE
    assert "rules[0].event (month): this is not executed yet: nobody works out the months' averages" in refused.err
    assert club.read(topics.PROGRAMME.name, [0]) == []
    assert club.run("programme", "publish", path, "--allow-waiting").code == 0


def stray(club: DiskClub, key: bytes, value: bytes | None) -> None:
    async def ask(broker: Broker) -> None:
        await broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])

    club.ask(ask)


@pytest.mark.parametrize(
    ("key", "value"), [(b"club/9", b"garbage"), (b"club/9", None), (b"nobody", b""), (b"club/9", b"{}" + b" " * 99)]
)
def test_a_record_that_is_no_version_is_passed_over_and_listed(
    club: DiskClub, tmp_path: Path, key: bytes, value: bytes | None
) -> None:
    path = written(tmp_path, "club.yaml")
    assert club.run("programme", "publish", path, "--operator", "m.karimi", "--backdated").code == 0
    stray(club, key, value)
    club.publish(purchase("p1", NOW_TEXT, 500_000))
    club.score(NOW)
    assert len(club.read(topics.POINTS.name)) == 1
    club.verify()
    listed = club.run("programme", "list")
    assert listed.code == 0
    assert f"club.programme/0 offset 2, under {key.decode()}: is no programme version" in listed.out
    assert "it is passed over" in listed.out
    second = written(tmp_path, "second.yaml", version="9", effective=TOMORROW)
    assert club.run("programme", "publish", second, "--operator", "m.karimi").code == 0
    club.score(NOW)
    club.verify()
    assert "passed over" not in club.run("programme", "list").out or key != b"club/9"


@pytest.mark.parametrize("value", [b"garbage", None, b"another text"])
def test_what_stands_over_a_version_stops_the_lanes_until_it_is_published_again(
    club: DiskClub, tmp_path: Path, value: bytes | None
) -> None:
    path = written(tmp_path, "club.yaml")
    assert club.run("programme", "publish", path, "--operator", "m.karimi", "--backdated").code == 0
    if value == b"another text":
        other = load(RULES + "# other\n", "programme")
        _, value = encode_programme(other.id, other.version, other.effective, RULES + "# other\n", 0)
    stray(club, b"club/1", value)
    club.publish(purchase("p1", NOW_TEXT, 500_000))
    with pytest.raises(ClubError, match="publish club/1 again with its first text"):
        club.score(NOW)
    for arguments in (("lane", "resume", "0", "--accept", "--operator", "o", "--reason", "r"), ("verify",)):
        done = club.run(*arguments)
        assert (done.code, "publish club/1 again" in done.err) == (ExitCode.REFUSED, True), done.err
    assert "publish club/1 again with its first text" in club.run("programme", "list").out
    again = club.run("programme", "publish", path, "--operator", "m.karimi", "--backdated")
    assert again.code == 0, again.err
    club.score(NOW)
    assert len(club.read(topics.POINTS.name)) == 1
    club.verify()
    assert club.run("programme", "list").out.count("club/1") == 1
