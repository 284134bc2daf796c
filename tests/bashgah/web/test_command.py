"""`bashgah web` as a command: a process of its own, its keys and its tokens."""

import asyncio
import json
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from agents.process.clock import wall_clock
from agents.process.exit_codes import ExitCode
from bashgah.admin.provision import TopicPlan, create_missing
from bashgah.brokers import open_broker
from bashgah.web.keys import Keys, Scope
from bashgah.web.tokens import Tokens
from tests.bashgah.web.asking import SECRET
from tests.integration.processes import COMMAND, ROOT, bashgah, environment
from tests.kafka.broker import free_port


def test_a_key_is_printed_once_and_its_line_goes_into_the_file_as_it_is(tmp_path: Path) -> None:
    arguments = ["web", "key", "--name", "portal", "--scope", "members:read", "--scope", "tokens:issue"]
    command = [*COMMAND, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    secret = done.stderr.split()[-1]
    assert secret not in done.stdout
    (tmp_path / "keys").write_text(done.stdout, encoding="utf-8")  # as it was printed: `>> keys` or pasted
    found = Keys(tmp_path / "keys").find(secret)
    assert found is not None
    assert (found.name, found.scopes) == ("portal", {Scope.MEMBERS_READ, Scope.TOKENS_ISSUE})


def test_a_token_is_that_of_the_server_with_the_same_secret() -> None:
    said = bashgah("web", "token", "c-4711", settings={"web_token_secret": SECRET})
    token = said.split()[1]
    assert Tokens(SECRET).read(token, wall_clock()).member == "c-4711"
    assert f"/member#{token}" in said


def _fails(*arguments: str, **settings: object) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, "web", *arguments], cwd=ROOT, env=environment(**settings), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.share
def test_what_is_wrong_is_said_with_what_to_do(tmp_path: Path) -> None:
    code, said = _fails("key", "--name", "portal", "--scope", "boards:write")
    assert (code, "boards:identify" in said) == (ExitCode.USAGE, True)
    code, said = _fails("token", "c-4711")
    assert (code, "BASHGAH_WEB_TOKEN_SECRET" in said) == (ExitCode.BAD_SETTING, True)
    for member in (".", "..", "c 4711", ""):
        code, said = _fails("token", member, web_token_secret=SECRET)
        assert (code, "has no page" in said) == (ExitCode.USAGE, True), member
    code, said = _fails(web_token_secret="short")
    assert (code, "32 characters" in said, "short" in said) == (ExitCode.BAD_SETTING, True, False)
    code, said = _fails("--broker", "embedded://", "--keys", str(tmp_path / "missing"))
    assert (code, "missing" in said) == (ExitCode.NO_FILE, True)
    code, said = _fails("--broker", f"embedded://{tmp_path / 'b'}")
    assert (code, "bashgah topics create" in said) == (ExitCode.BAD_SETTING, True)


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path / 'broker'}"

    async def prepare() -> None:
        broker = open_broker(url)
        await create_missing(broker, {}, TopicPlan(2, 1, 1))
        await broker.close()

    asyncio.run(prepare())
    port = free_port()
    metrics_port = free_port()
    settings = environment(broker_url=url, web_port=port, web_metrics_port=metrics_port)
    process = subprocess.Popen([*COMMAND, "web"], cwd=ROOT, env=settings, stderr=subprocess.PIPE, text=True)
    try:
        answer = _until_answered(f"http://127.0.0.1:{port}/api/v1/festivals")
        assert json.loads(answer) == {"festivals": []}
        metrics = _until_answered(f"http://127.0.0.1:{metrics_port}/metrics")
        assert b'bashgah_web_requests_total{route="festivals",status="2xx"} 1.0' in metrics
        assert _fails(broker_url=url)[0] == ExitCode.IN_USE
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[1]
        assert process.returncode == ExitCode.DONE, said
        assert "the dashboard is at" in said
    finally:
        process.kill()
        process.wait()


def _until_answered(url: str) -> bytes:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
