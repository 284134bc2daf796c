"""The frame of the command line: quick help, one line for an error, the right code, never a traceback."""

import errno
import os
import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.main import get_command

from agents.broker import errors as broker
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.failures import failure_of
from bashgah.cli.main import COMMANDS, Command, main

ENTRY = [sys.executable, "-c", "from bashgah.cli.main import main; main()"]


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", **variables}
    return subprocess.run([*ENTRY, *arguments], capture_output=True, text=True, check=False, env=environment)


def test_help_lists_every_command_and_imports_none() -> None:
    done = _run("--help")
    assert done.returncode == 0
    for name, command in COMMANDS.items():
        assert name in done.stdout
        assert command.help in done.stdout
    for name, command in COMMANDS.items():
        known = getattr(get_command(import_module(command.module).app), "commands", {})
        assert [each for each in known if each not in command.help] == [], f"{name}: {command.help}"
    code = "import sys; from bashgah.cli.main import overview; overview(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"faust", "aiokafka", "pydantic", "rocksdict", "msgspec", "engine"} & set(loaded)


def test_without_a_command_help_is_shown() -> None:
    assert "Usage" in _run().stdout + _run().stderr


@pytest.mark.share
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_with_an_example(name: str) -> None:
    module = import_module(COMMANDS[name].module)
    assert isinstance(module.app, typer.Typer)
    done = _run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"bashgah {name}" in done.stdout


def test_a_usage_mistake_ends_with_64() -> None:
    done = _run("scroe")
    assert done.returncode == ExitCode.USAGE
    assert "scroe" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> type:
    """A command `fail` that raises what `failing.error` holds."""
    module = type(sys)("tests.bashgah.cli.failing")
    module.app = typer.Typer()  # type: ignore[attr-defined]

    class Holder:
        error: BaseException

    @module.app.command()  # type: ignore[attr-defined,untyped-decorator,unused-ignore]
    def fail() -> None:
        raise Holder.error

    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "fail", Command(module.__name__, "Fails."))
    monkeypatch.delenv("BASHGAH_DEBUG", raising=False)
    return Holder


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ClubError("A", "is wrong", "mend it", ExitCode.BAD_SETTING), 78, "bashgah: A: is wrong; mend it"),
        (broker.Fenced("bashgah-3"), 75, "bashgah-3"),
        (broker.OutcomeUnknown("bashgah-3", "no answer"), 76, "no answer"),
        (broker.OffsetOutOfRange("bank.card", 3, 7), 77, "lane resume"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "club.yaml"), 66, "club.yaml: No such file"),
        (FileExistsError(errno.EEXIST, "File exists", "out"), 66, "out: File exists; check the path"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x"), 66, "x: File name too long"),
        (ValueError("seven"), 70, "ValueError: seven"),
        (KeyboardInterrupt(), 130, ""),
        (ExceptionGroup("tasks", [ExceptionGroup("", [broker.Fenced("bashgah-3")])]), 75, "bashgah-3"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_an_error_becomes_a_line_and_a_code(
    failing: type, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    failing.error = error  # type: ignore[attr-defined]
    with pytest.raises(SystemExit) as end:
        main(["fail"])
    written = capsys.readouterr()
    assert end.value.code == code
    assert said in written.err
    assert "Traceback" not in written.err


def test_debug_shows_the_traceback(failing: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASHGAH_DEBUG", "1")
    failing.error = ValueError("seven")  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="seven"):
        main(["fail"])


def test_the_same_problem_of_several_lanes_is_said_once() -> None:
    group = ExceptionGroup("lanes", [ClubError("A", "b", "c"), ClubError("A", "b", "c"), ClubError("D", "e", "f")])
    assert failure_of(group).lines == ["A: b; c", "D: e; f"]


def test_which_codes_a_supervisor_restarts() -> None:
    assert {code for code in ExitCode if code.restart_helps} == {69, 70, 75, 76}


def test_nothing_that_a_command_makes_can_be_read_by_others() -> None:
    before = os.umask(0)
    try:
        with pytest.raises(SystemExit):
            main(["--version"])
        assert os.umask(before) == 0o077
    finally:
        os.umask(before)
