"""From the command line to a demonstration: terminal, folder, log and signals, before anything slow is imported."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import NoReturn

from agents.process.exit_codes import ExitCode
from bashgah.cli.consoles import clean_console
from bashgah.demo.folder import Folder
from bashgah.demo.lines import Lines
from bashgah.demo.options import Options
from bashgah.demo.scene import View
from bashgah.demo.screen import Screen
from monitoring import logs
from tables.files import continued


def demonstrate(options: Options) -> ExitCode:
    """Run a demonstration and print its summary; what the process ends with. Raises what stands in its way."""
    out = clean_console(highlight=False)
    with ExitStack() as stack:
        folder = Folder(options.data)
        stack.callback(folder.close)
        # Lines must not be written into the view. Left open: something may be logged until the process is gone.
        logs.configure("info", "json", continued(folder.log))
        logging.captureWarnings(True)
        view: View = Screen(out) if out.is_terminal and not out.is_dumb_terminal else Lines(sys.stdout)
        stack.callback(view.close)

        def leave() -> NoReturn:
            view.close()
            folder.close()
            os._exit(ExitCode.INTERRUPTED)

        on_signals(leave)
        view.starting("starting")
        from bashgah.demo.play import play  # imports Faust: with the view to look at meanwhile

        ending = asyncio.run(play(options, folder, view, leave))
        view.close()
        if ending is None:
            return ExitCode.INTERRUPTED
        from bashgah.demo.reckoning import summarise

        summarise(ending.scene, ending.counted, ending.findings, out)
        if folder.kept:
            out.print(f"kept in {folder.path}; the same command goes on from here", soft_wrap=True)
        return ending.code


def on_signals(leave: Callable[[], NoReturn]) -> None:
    """Until the event loop takes signals over, end at once: whatever was interrupted is not needed any more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: leave())
