"""A process with few files that serves what `bashgah web` and a worker serve: `python -m tests.bashgah.web.serving N`.

Settings come from the environment. It prints the two ports, and logs as the real ones do.
"""

import asyncio
import resource
import sys

from prometheus_client import CollectorRegistry

from agents.process.settings import load
from bashgah.serving.worker_pages import WorkerPages
from bashgah.web.server import WebServer
from monitoring import logs
from monitoring.health import WorkerHealth
from monitoring.metrics import Metrics
from tests.bashgah.web.club import Club, lines


async def _serve() -> None:
    settings = load()
    club = await Club("few files").prepare()
    await club.live(lines(900))
    server = WebServer(club.broker, settings, clock=club.clock)
    pages = WorkerPages(settings, WorkerHealth(), Metrics(CollectorRegistry()))
    await server.start()
    await pages.start()
    print(server.port, pages.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    files = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    logs.configure()
    asyncio.run(_serve())
