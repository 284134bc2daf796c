"""`bashgah worker`: scores what the bank publishes, until it is told to stop."""

import logging
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from agents.process.exit_codes import ExitCode
from agents.process.settings import ClockKind, load
from bashgah.brokers import broker_of
from monitoring import logs

app = typer.Typer(add_completion=False)

_CHATTY = ("kafka", "aiokafka.consumer.subscription_state", "faust", "mode")
"""Libraries that tell of each connection or service at the level at which a worker tells of what matters."""


@app.command(
    epilog="Examples: bashgah worker --broker kafka://10.0.0.1:9092,10.0.0.2:9092 --data /var/lib/bashgah | "
    "bashgah worker --broker embedded://trial --clock replay. "
    "Exit codes: 0 stopped, 69 broker away, 70 fault, 75 fenced, 76 outcome unknown (restart helps with these); "
    "73 directory in use, 77 refused (see `bashgah lane resume`), 78 wrong settings or topics (it does not)."
)
def run(
    broker: Annotated[
        str | None, typer.Option(help="kafka://HOST:PORT[,HOST:PORT…], embedded://DIRECTORY or embedded:// (memory).")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Where the lanes keep their rows; may be lost.")] = None,
    clock: Annotated[
        ClockKind | None,
        typer.Option(help="wall; replay: the events give the time, read to the present end, then exit 0."),
    ] = None,
    member_id: Annotated[
        str | None, typer.Option(help="Names this worker in its group; a short restart then moves no partition.")
    ] = None,
    http_port: Annotated[int | None, typer.Option(help="Port of /health/live, /health/ready and /metrics.")] = None,
) -> None:
    """Run one worker. Start as many as are needed; they share the partitions.

    Every setting can be given as BASHGAH_…; an option goes before the environment.
    """
    # Told to stop before anything was begun. An exception would be lost wherever a library swallows it.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(ExitCode.DONE))
    settings = load(broker_url=broker, data_dir=data, clock=clock, static_member_id=member_id, http_port=http_port)
    logs.configure(settings.log_level.value, settings.log_format.value)
    if os.environ.get("BASHGAH_DEBUG") != "1":
        for chatty in _CHATTY:
            logging.getLogger(chatty).setLevel(logging.WARNING)
        for handler in logging.getLogger().handlers:
            handler.addFilter(_without_expected_tracebacks)
    from agents.worker import run_worker  # after the settings are known to be right: these import Faust
    from bashgah.embedded import transport
    from bashgah.serving.worker_pages import WorkerPages

    transport.register()
    run_worker(settings, broker_of, WorkerPages)


def _without_expected_tracebacks(record: logging.LogRecord) -> bool:
    """A broker that goes away is no riddle: the libraries' lines about it stay, their tracebacks do not."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OSError | TimeoutError) or type(error).__module__.startswith(("aiokafka", "kafka", "agents")):
        record.exc_info = record.exc_text = None
    return True
