"""Simulated records into files, `member|card|ebanking|deposit.jsonl`, and a tally of what they are."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from agents.process.exit_codes import ClubError, ExitCode
from bashgah.simulator.world import BankMessage
from tables import files

TOPICS = ("member", "card", "ebanking", "deposit")
PROGRESS_EVERY = 1_000
_BUFFER_BYTES = 1 << 20


class Tally:
    """Counts records as they pass."""

    def __init__(self) -> None:
        self.types: Counter[tuple[str, str]] = Counter()
        """By topic and type."""
        self.marks: Counter[str] = Counter()
        """By what is out of the ordinary; the empty text: nothing."""
        self.first = self.last = 0
        """Arrival of the first and of the last record, ms since 1970 UTC."""

    @property
    def records(self) -> int:
        """How many have passed."""
        return self.types.total()

    def through(self, messages: Iterable[BankMessage], progress: Callable[[int], None]) -> Iterator[BankMessage]:
        """The same messages, counted; `progress` gets their number every so often."""
        types, marks = self.types, self.marks
        for index, message in enumerate(messages, 1):
            if index == 1:
                self.first = message.at
            self.last = message.at
            types[message.topic, message.type] += 1
            marks[message.mark] += 1
            if index % PROGRESS_EVERY == 0:
                progress(index)
            yield message


def record(messages: Iterable[BankMessage], folder: Path) -> None:
    """Write each message to its topic's file, in the order of arrival, a line each.

    Raises `ClubError` where the folder already holds a recording: two runs in one file are no stream of one bank.
    """
    files.folder(folder)
    for topic in TOPICS:
        if found := sorted(folder.glob(f"{topic}.jsonl*")):
            remedy = "name another folder, or move the files away"
            raise ClubError("--out", f"{found[0]} is there already", remedy, ExitCode.USAGE)
    with ExitStack() as stack:
        write = {
            topic: stack.enter_context(files.created(folder / f"{topic}.jsonl", buffering=_BUFFER_BYTES)).write
            for topic in TOPICS
        }
        for message in messages:
            write[message.topic](message.value + b"\n")
