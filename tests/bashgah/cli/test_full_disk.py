"""A disk that takes no more: said as one, with its directory, and nothing is lost once there is room again.

As root the disk is a small file system of its own (in a mount namespace that ends with the command). Otherwise no file
may grow beyond a limit, which RocksDB meets in the same place.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from agents.broker.errors import StorageBroken
from agents.process.exit_codes import ExitCode
from agents.task.refusal import problem_of
from tables.store import StoreBroken

pytestmark = pytest.mark.share  # minutes of processes: CI runs them beside those with a broker

BASHGAH = f"{sys.executable} -c 'from bashgah.cli.main import main; main()'"
ROOT = Path(__file__).parents[3]


class Cramped(NamedTuple):
    """A folder with little room. `enter` and `widen` are lines of a shell, `limit` stands before a command."""

    enter: str
    limit: str
    widen: str
    said: str


def cramped(folder: Path, kib: int) -> Cramped:
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={kib}k tmpfs {folder}"
    probe = ["unshare", "-m", "sh", "-c", mount]
    if os.geteuid() == 0 and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return Cramped(mount, "", f"mount -o remount,size=256m {folder}", "the disk is full; free space")
    blocks = kib * 2 // 4
    return Cramped("true", f"ulimit -f {blocks};", "true", "a file may not grow any more; raise the limit")


def run(script: str, folder: Path) -> list[str]:
    """The lines that a script writes, both streams; in a mount namespace of its own where that can be had."""
    apart = ["unshare", "-m"] if script.startswith("mount") else []
    path = {"PYTHONPATH": str(ROOT)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BASHGAH_")} | path
    done = subprocess.run(
        [*apart, "sh", "-c", script], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False, timeout=300,
    )  # fmt: skip
    return done.stdout.splitlines()


def prepared(url: str) -> str:
    return f"""
        {BASHGAH} topics create --broker {url} --partitions 1 --from earliest
        {BASHGAH} programme publish {ROOT}/programmes/club.yaml --backdated --allow-waiting --operator o --broker {url}
    """


def recorded(tmp_path: Path) -> str:
    """Files of events."""
    run(f"{BASHGAH} simulate --members 60 --events 2000 --seed 3 --days 20 --out recorded", tmp_path)
    return " ".join(f"recorded/{name}.jsonl" for name in ("member", "card", "ebanking", "deposit"))


def test_the_embedded_brokers(tmp_path: Path) -> None:
    files = recorded(tmp_path)
    room = cramped(tmp_path / "small", 340)
    url = "embedded://small/broker"
    lines = run(
        f"""{room.enter}
        {prepared(url)}
        ({room.limit} {BASHGAH} publish {files} --broker {url}); echo code $?
        ({room.limit} {BASHGAH} publish {files} --broker {url}); echo code $?
        {room.widen}
        {BASHGAH} publish {files} --broker {url}; echo code $?
        {BASHGAH} worker --clock replay --data rows --http-port 0 --broker {url} >worker.log 2>&1; echo code $?
        {BASHGAH} verify --broker {url}; echo code $?
        """,
        tmp_path,
    )
    codes = [int(line.split()[1]) for line in lines if line.startswith("code ")]
    assert codes == [ExitCode.FAULT, ExitCode.FAULT, 0, 0, 0], lines
    said = [line for line in lines if "bashgah: " in line]
    assert len(said) == 2
    for line in said:
        assert f"{tmp_path}/small/broker: {room.said}" in line
        assert line.endswith("nothing that was committed is lost, and the next start goes on from there")
    assert "2000 events published" in lines
    assert any("verified byte for byte" in line for line in lines)


def test_that_of_the_lanes_rows(tmp_path: Path) -> None:
    files = recorded(tmp_path)
    room = cramped(tmp_path / "small", 180)
    url = "embedded://broker"
    worker = f"{BASHGAH} worker --clock replay --data small/data --http-port 0 --broker {url}"
    lines = run(
        f"""{room.enter}
        {prepared(url)}
        {BASHGAH} publish {files} --broker {url}
        (mkdir -p small/data; {room.limit} {worker}); echo code $?
        {room.widen}
        {worker}; echo code $?
        {BASHGAH} verify --broker {url}; echo code $?
        """,
        tmp_path,
    )
    codes = [int(line.split()[1]) for line in lines if line.startswith("code ")]
    assert codes == [ExitCode.FAULT, 0, 0], lines[-20:]
    [said] = [line for line in lines if line.startswith("bashgah: ")]
    assert room.said.partition(";")[0] in said
    assert "fault in bashgah" not in said
    assert any("verified byte for byte" in line for line in lines)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("ENOSPC", "the disk is full"),
        ("EROFS", "the disk is mounted read-only"),
        ("EMFILE", "too many files and connections are open"),
        ("EIO", "the disk does not read or write"),
        ("EACCES", "this user may not write there"),
    ],
)
def test_what_the_system_refuses_is_said_alike_by_whoever_meets_it(number: str, said: str) -> None:
    import errno

    code = getattr(errno, number)
    of_rocksdb = f"IO error: {os.strerror(code)}: While appending to file: /data/000004.log"
    for problem in (
        StorageBroken("/data", Exception(of_rocksdb)),
        StorageBroken("/data", OSError(code, os.strerror(code))),
        problem_of(StoreBroken("/data", of_rocksdb), "lane 0"),
        problem_of(OSError(code, os.strerror(code), "/data"), "lane 0"),
    ):
        assert problem.code == ExitCode.FAULT
        assert problem.field == "/data"
        assert said in problem.reason
        assert "lost" in problem.remedy
