"""Commands that are told to end in the middle leave nothing half done behind; a stream that cannot have a character
gets its number."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agents.process.exit_codes import ExitCode
from tests.architecture.sources import ROOT

EXPORT = """
    import os, signal, sys, types
    from pathlib import Path

    import typer

    from bashgah.cli.main import COMMANDS, Command, main
    from tables.files import replaced

    module = types.ModuleType("exporting")
    module.app = typer.Typer()

    @module.app.command()
    def export(file: Path) -> None:
        with replaced(file) as written:
            written.write("c-4711")
            written.flush()
            print(len(list(file.parent.glob(".bashgah-*.part"))), flush=True)
            os.kill(os.getpid(), int(sys.argv[2]))
            signal.pause()

    sys.modules["exporting"] = module
    COMMANDS["export"] = Command("exporting", "Exports.")
    main(["export", sys.argv[1]])
"""


def export(file: Path, number: int, *ignored: int) -> subprocess.CompletedProcess[str]:
    """An export that gets a signal in its middle, whatever whoever runs the tests ignores (as under nohup)."""
    handling = "SIG_IGN" if number in ignored else "SIG_DFL"
    begin = f"import signal; signal.signal({int(number)}, signal.{handling})\n"
    code = begin + textwrap.dedent(EXPORT.replace("signal.pause()", "pass" if ignored else "signal.pause()"))
    command = [sys.executable, "-c", code, str(file), str(int(number))]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGHUP, ExitCode.HUNG_UP)])
def test_an_export_that_is_told_to_end_leaves_no_part(tmp_path: Path, number: int, code: ExitCode) -> None:
    done = export(tmp_path / "members.csv", number)
    assert (done.returncode, done.stdout, done.stderr) == (code, "1\n", "")
    assert list(tmp_path.iterdir()) == []


def test_under_nohup_it_goes_on(tmp_path: Path) -> None:
    done = export(tmp_path / "members.csv", signal.SIGHUP, signal.SIGHUP)
    assert (done.returncode, (tmp_path / "members.csv").read_text()) == (0, "c-4711")


def run(*arguments: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    """A command whose output has another encoding."""
    command = [sys.executable, "-c", "from bashgah.cli.main import main; main()", *arguments]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp1256:strict"])
def test_what_a_stream_cannot_have_is_written_by_its_number(encoding: str) -> None:
    done = run("programme", "check", "programmes/club.yaml", "--allow-waiting", encoding=encoding)
    assert done.returncode == 0, done.stderr
    assert b"can be used" in done.stdout
    assert b"\\u" in done.stdout


def test_json_reads_back_whatever_the_encoding() -> None:
    said = "from monitoring.terminal import say_json; say_json({'alias': 'سارا é 🌹'})"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:backslashreplace"}
    command = [sys.executable, "-c", said]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == {"alias": "سارا é 🌹"}
