"""What somebody names on a command line is read, or refused at once: no command waits for a pipe's other end."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agents.process.exit_codes import ExitCode
from schemas.given_files import open_given
from tests.architecture.sources import ROOT


def test_what_is_no_file_is_refused_before_anybody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name is short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        Path("link").symlink_to("pipe")
        for name in ("pipe", "socket", "link"):
            with pytest.raises(OSError, match="a pipe or a socket") as refused:
                open_given(Path(name))
            assert (refused.value.errno, refused.value.filename) == (errno.EINVAL, name)


def test_what_a_shell_gives_is_read(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b"x")
    os.close(write)
    with open_given(Path(f"/dev/fd/{read}")) as file:
        assert file.read() == b"x"
    os.close(read)
    (tmp_path / "file").write_bytes(b"y")
    with open_given(tmp_path / "file") as file:
        assert file.read() == b"y"


@pytest.mark.parametrize(
    "command",
    [
        ["programme", "check", "{}"],
        ["programme", "check", "programmes/club.yaml", "--against", "{}"],
        ["programme", "publish", "{}", "--broker", "embedded://"],
        ["publish", "{}", "--broker", "embedded://{}.broker"],
        ["score", "--programme", "{}", "--events", "programmes", "--out", "{}.out"],
        ["demo", "--events", "1", "--programme", "{}"],
    ],
    ids=" ".join,
)
def test_no_command_waits_for_a_pipe(tmp_path: Path, command: list[str]) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    broker = f"embedded://{pipe}.broker"
    entry = [sys.executable, "-c", "from bashgah.cli.main import main; main()"]
    if command[0] == "publish":
        made = [*entry, "topics", "create", "--broker", broker, "--partitions", "1", "--from", "earliest"]
        subprocess.run(made, cwd=ROOT, check=True, capture_output=True, timeout=60)
    given = [*entry, *(part.replace("{}", pipe) for part in command)]
    done = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == ExitCode.NO_FILE, done.stderr
    assert f"{pipe}: is a pipe or a socket, no file; check the path" in done.stderr
