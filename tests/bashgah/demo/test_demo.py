"""`bashgah demo` from start to end: its numbers agree, Ctrl-C is clean, a kept folder is gone on with."""

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from agents.lanes.spec import inputs_of
from bashgah.brokers import open_broker
from bashgah.demo.bank import DIRT
from bashgah.demo.play import PARTITIONS
from bashgah.simulator import Plan, simulate
from tests.bashgah.demo.running import ENTRY, FAST, ROOT, Summary, demo, environment, interrupted, summary
from tests.bashgah.simulator.bank import NEW_YEAR

EVENTS = 3_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """One run of all events in a fresh folder."""
    folder = tmp_path_factory.mktemp("whole")
    done = demo(folder, "--events", str(EVENTS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert list(folder.iterdir()) == [], "the fresh folder was left behind"
    return summary(done.stdout)


def test_a_run_scores_all_its_events_and_its_numbers_agree(whole: Summary) -> None:
    assert whole.events == EVENTS
    assert sum(whole.outcomes.values()) == EVENTS
    assert whole.outcomes["scored"] > EVENTS / 4
    assert whole.outcomes["dead letter"] > 0
    for column in (0, 1):
        parts = sum(figures[column] for rule, figures in whole.rules.items() if rule != "all")
        assert parts == whole.rules["all"][column]
    assert whole.rules["deposit-day"][0] > 0
    assert whole.rules["reward:welcome"][0] > 0
    assert len(whole.findings) == 4
    assert whole.faults == []


@pytest.mark.share
def test_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first, second = (demo(tmp_path, "--data", str(kept), "--events", str(part)) for part in (1_100, EVENTS - 1_100))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert summary(second.stdout).events == EVENTS - 1_100
    assert summary(second.stdout).faults == []
    assert summary(second.stdout).rules["all"] > summary(first.stdout).rules["all"]
    wanted = [each.value for each in simulate(Plan(500, 1, NEW_YEAR, EVENTS, dirt=DIRT))]
    assert Counter(asyncio.run(_inputs(kept / "broker"))) == Counter(wanted)


async def _inputs(directory: Path) -> list[bytes]:
    """Every record that was published to the club."""
    broker = open_broker(f"embedded://{directory}")
    reader = await broker.reader()
    await reader.assign(await broker.begin_offsets(inputs_of(range(PARTITIONS))))
    values = list[bytes]()
    while found := await reader.fetch(100, 1_000):
        values += [record.value or b"" for records in found.values() for record in records]
    await reader.close()
    await broker.close()
    return values


@pytest.mark.share
def test_an_interrupted_run_is_gone_on_with(tmp_path: Path) -> None:
    kept = ["--data", str(tmp_path / "kept")]
    code, out, errors = interrupted(tmp_path, "events", *kept, "--rate", "500")
    assert (code, errors) == (0, ""), "without --events Ctrl-C is how it ends"
    done = demo(tmp_path, *kept, "--events", "500")
    assert done.returncode == 0, done.stdout
    assert summary(done.stdout).events >= 500
    assert summary(out).faults + summary(done.stdout).faults == []


@pytest.mark.share
def test_a_members_own_page_shows_rank_gap_and_neighbours(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*ENTRY, "--rate", "2000"], stdout=subprocess.PIPE, text=True, env=environment(tmp_path)
    ) as process:
        timer = threading.Timer(60, process.kill)
        timer.start()
        assert process.stdout is not None
        said = next((line for line in process.stdout if line.startswith("a member's own page: ")), "")
        page, _, token = said.removeprefix("a member's own page: ").strip().partition("#")
        try:
            html, standings = _asked(page), json.loads(_asked(page.replace("/member", "/api/v1/me"), token))
            with pytest.raises(HTTPError, match="401"):
                _asked(page.replace("/member", "/api/v1/me"), token[:-1])
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            timer.cancel()
    assert process.returncode == 0
    assert summary(rest).faults == []
    assert "member.js" in html
    listed = [each for festival in standings["festivals"] for each in festival["standings"] if each["rank"]]
    assert any(each["gap"] and each["above"] and each["below"] and len(each["neighbours"]) >= 3 for each in listed)


def _asked(url: str, token: str = "") -> str:
    """What a browser gets."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


@pytest.mark.share
@pytest.mark.parametrize("after", ["starting", "making topics", "starting the worker", "Tehran"])
def test_ctrl_c_is_clean_at_any_time(after: str, tmp_path: Path) -> None:
    code, out, errors = interrupted(tmp_path, after, "--events", "100000")
    assert code == 130, out + errors
    assert errors == ""
    assert list(tmp_path.iterdir()) == []
    if "Tehran" in out:
        assert summary(out).faults == []


@pytest.mark.share
def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert demo(tmp_path, "--data", str(kept), "--events", "10", "--seed", "5").returncode == 0
    other_seed = demo(tmp_path, "--data", str(kept), "--events", "10", "--seed", "6")
    assert other_seed.returncode == 64
    assert "--seed: 6, but" in other_seed.stderr
    foreign = demo(tmp_path, "--data", str(ROOT / "tests"), "--events", "10")
    assert foreign.returncode == 64
    assert "something else than a demonstration" in foreign.stderr
    assert not (ROOT / "tests" / "demo.log").exists()
    assert demo(tmp_path, "--programme", str(tmp_path / "none.yaml")).returncode == 66


@pytest.mark.share
def test_a_fault_of_the_worker_ends_with_its_code_and_leaves_the_log(tmp_path: Path) -> None:
    strict = {"BASHGAH_DEAD_LETTER_PERCENT_MAX": "1", "BASHGAH_DEAD_LETTER_WINDOW_EVENTS": "100"}
    command = [*ENTRY, *FAST, "--events", "20000"]
    variables = environment(tmp_path) | strict
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=variables)
    assert done.returncode == 77
    assert "are dead letters" in done.stderr
    assert "Traceback" not in done.stderr
    (folder,) = tmp_path.iterdir()
    assert str(folder) in done.stderr
    assert (folder / "demo.log").stat().st_size > 0


@pytest.mark.share
def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    kept = ["--data", str(tmp_path / "kept")]
    command = [*ENTRY, *kept, "--rate", "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(tmp_path)) as holder:
        assert holder.stdout is not None
        assert any("Tehran" in line for line in holder.stdout)
        second = demo(tmp_path, *kept, "--events", "10")
        holder.send_signal(signal.SIGTERM)
        holder.communicate(timeout=30)
    assert second.returncode == 73
    assert "another process" in second.stderr
    assert holder.returncode == 0


@pytest.mark.share
@pytest.mark.parametrize("ctrl_c", [False, True], ids=["to the end", "Ctrl-C"])
def test_a_terminal_gets_a_live_view_and_is_given_back(ctrl_c: bool, tmp_path: Path) -> None:
    code, shown = _on_a_terminal(["--events", "2000" if not ctrl_c else "100000", "--rate", "1500"], tmp_path, ctrl_c)
    assert code == (130 if ctrl_c else 0)
    picture, _, after = shown.partition("\x1b[?1049l")
    assert picture.count("\x1b[?1049h") == 1, "the view has the whole terminal"
    for title in (
        "points by rule",
        "top members",
        "earned nothing",
        "dead letters",
        "rewards and messages",
        "خرید با کارت",
    ):
        assert title in picture
    assert "\x1b[?1049h" not in after
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l"), "the cursor is there again"
    assert "nothing is left unprocessed" in after or ctrl_c
    assert "Traceback" not in shown


def _on_a_terminal(arguments: Sequence[str], temporary: Path, ctrl_c: bool) -> tuple[int, str]:
    """Run on a terminal of 80 x 24; code and everything that was written to it."""
    ours, theirs = pty.openpty()
    variables = {**environment(temporary), "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen([*ENTRY, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    shown, give_up = b"", time.monotonic() + 60
    while time.monotonic() < give_up:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            shown += os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if ctrl_c and b"Tehran" in shown and b"reward" in shown:
            process.send_signal(signal.SIGINT)
            ctrl_c = False
    os.close(ours)
    return process.wait(timeout=10), shown.decode("utf-8", "replace")


@pytest.mark.share
def test_make_demo_stops_by_itself(tmp_path: Path) -> None:
    program, ready = tmp_path / "bashgah", tmp_path / "ready"
    program.write_text(f'#!/bin/sh\nexec "{ENTRY[0]}" -c "{ENTRY[2]}" "$@"\n')
    program.chmod(0o755)
    ready.touch()
    command = ["make", "-C", str(ROOT), "demo", "EVENTS=300", f"ARGS={' '.join(FAST)}", f"BIN={tmp_path}"]
    done = subprocess.run(
        [*command, f"READY={ready}"], capture_output=True, text=True, check=False, timeout=60, env=environment(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert summary(done.stdout).events == 300
