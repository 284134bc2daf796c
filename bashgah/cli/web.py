"""`bashgah web`: the HTTP API and the dashboard, and the keys and tokens that open them."""

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import Settings, load
from monitoring import logs
from monitoring.terminal import say

log = logging.getLogger(__name__)

app = typer.Typer(add_completion=False, help="Festivals and live boards over HTTP: the API and the dashboard.")

_SCOPES = "boards:read boards:identify members:read tokens:issue"


@app.callback(
    invoke_without_command=True,
    epilog="Examples: bashgah web --broker kafka://10.0.0.1:9092 --workers http://10.0.0.5:6066,http://10.0.0.6:6066"
    "   |   bashgah web key --name portal --scope tokens:issue. docs/WEB.md says more. "
    "Exit codes: 0 stopped, 69 broker away, 70 fault (restart helps with these); 65 the file of keys, 66 it is not "
    "there, 73 directory in use, 77 a programme that this release cannot read, 78 wrong settings or topics.",
)
def run(
    context: typer.Context,
    broker: Annotated[
        str | None, typer.Option(help="kafka://HOST:PORT[,HOST:PORT…]; an embedded one belongs to one process.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1, behind a proxy.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: 6080; 0: any free one.")] = None,
    workers: Annotated[
        str | None, typer.Option(metavar="URLS", help="The workers' internal pages, http://HOST:PORT,…; for ranks.")
    ] = None,
    keys: Annotated[Path | None, typer.Option(metavar="FILE", help="The API's keys, of `bashgah web key`.")] = None,
) -> None:
    """Serve festivals, live and final boards, and members' ranks; without a command, until told to stop.

    Every setting can be given as BASHGAH_…; an option goes before the environment.
    """
    if context.invoked_subcommand is not None:
        return
    settings = load(broker_url=broker, web_host=host, web_port=port, worker_urls=workers, web_keys_file=keys)
    logs.configure(settings.log_level.value, settings.log_format.value)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ExitCode.DONE))  # told to stop before anything was begun
    asyncio.run(_serve(settings))


@app.command(epilog="Example: bashgah web key --name portal --scope members:read --scope tokens:issue")
def key(
    name: Annotated[str, typer.Option(help="Who will have it; stands in the file.")],
    scope: Annotated[list[str], typer.Option(help=f"What it may do; several are possible. {_SCOPES}")],
) -> None:
    """Make an API key: its line for the file of keys, and on standard error the key itself, for whoever will use it.

    The key is shown once and kept nowhere; the file has only its hash. So `bashgah web key … >> FILE` adds it.
    """
    from bashgah.web.keys import Scope, new_key

    unknown = [each for each in scope if each not in [known.value for known in Scope]]
    if unknown:
        raise ClubError("--scope", f"there is no scope {unknown[0]!r}", f"the scopes are {_SCOPES}", ExitCode.USAGE)
    secret, kept = new_key(name, [Scope(each) for each in scope])
    say(f"the key of {name}, shown this once; its line for the file of keys follows:", to=sys.stderr)
    say(secret, to=sys.stderr)
    say(kept.line())


@app.command(epilog="Example: bashgah web token c-4711")
def token(
    member: Annotated[str, typer.Argument(help="The member's reference.")],
    lifetime_ms: Annotated[int | None, typer.Option(min=1_000, help="How long it is good at most.")] = None,
) -> None:
    """Make a token of a member's page, signed with BASHGAH_WEB_TOKEN_SECRET, and the page's address with it."""
    from agents.process.clock import wall_clock
    from bashgah.web.tokens import Tokens, has_page
    from engine.calendar import iso

    if not has_page(member):
        remedy = "it is 1 to 64 of A-Z a-z 0-9 . _ ~ -; `.` and `..` are no parts of an address"
        raise ClubError("MEMBER", f"{member!r} has no page", remedy, ExitCode.USAGE)
    settings = load()
    secret = settings.web_token_secret
    if secret is None:
        variable, remedy = "BASHGAH_WEB_TOKEN_SECRET", "give it the same value as the running `bashgah web` has"
        raise ClubError(variable, "is empty, so no token can be signed", remedy, ExitCode.BAD_SETTING)
    longest = settings.web_token_lifetime_ms
    expires = wall_clock() + min(lifetime_ms or longest, longest)
    made = Tokens(secret.get_secret_value()).issue(member, expires)
    say(f"token  {made}")
    say(f"until  {iso(expires)}")
    say(f"page   http://{settings.web_host}:{settings.web_port}/member#{made}")


async def _serve(settings: Settings) -> None:
    from prometheus_client import CollectorRegistry

    from bashgah.brokers import broker_of
    from bashgah.web.metering import MetricsServer
    from bashgah.web.server import WebServer
    from monitoring.metrics import WebMetrics

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    broker = broker_of(settings)
    metrics = WebMetrics(CollectorRegistry())
    server, page = WebServer(broker, settings, metrics=metrics), MetricsServer(metrics, settings)
    try:
        await server.start()
        await page.start()
        log.info("the dashboard is at http://%s:%s", settings.web_host, server.port)
        log.info("metrics at http://%s:%s/metrics", settings.web_host, page.port)
        faulty = asyncio.create_task(server.until_fault(), name="fault")
        stopped = asyncio.create_task(stopping.wait(), name="signal")
        await asyncio.wait([faulty, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if faulty.done():
            faulty.result()
        faulty.cancel()
        log.info("stopped")
    finally:
        await page.stop()
        await server.stop()
        await broker.close()
