"""`bashgah dead-letter`: what the lanes refused, why, and how it gets another chance."""

import re
from typing import Annotated

import typer
from rich.table import Table

from agents.broker.interface import Broker
from agents.lanes.options import LaneOptions
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import load
from agents.scoring.age_signatures import ReplayKeys, new_line
from bashgah.admin.dead_letters import Filter, LetterList, Replayed, letters, listed, one, replay
from bashgah.admin.masking import shown, shown_detail, shown_key
from bashgah.cli.asking import ask
from bashgah.cli.consoles import cell, table_console
from bashgah.cli.instants import FORMS, instant_of
from bashgah.cli.text.members import REASONS, moment
from engine.outcome import Reason
from engine.words import Words, latin_digits
from monitoring.terminal import say, say_lines
from schemas import topics
from schemas.dead_letter import CODES

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The dead letters: list, show, replay, key.")

BrokerUrl = Annotated[str | None, typer.Option("--broker", metavar="URL", help="Default: BASHGAH_BROKER_URL.")]
Code = Annotated[str | None, typer.Option("--code", help="Only letters refused for this: " + ", ".join(CODES) + ".")]
Topic = Annotated[str | None, typer.Option("--topic", help="Only what stood on this input, as bank.card or card.")]
Member = Annotated[str | None, typer.Option("--member", metavar="REF", help="Only letters of this key.")]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help=f"Only letters since then: {FORMS}.")]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only letters before then.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show personal data too.")]
_SAID_MAX = 1_000
_UNKNOWN = Words("this release does not know the code; a later one wrote it", "این نسخه چنین کدی نمی‌شناسد")
_NAME = re.compile(r"(\d{1,9}):(\d{1,18})")


@app.callback()
def about() -> None:
    """Records that the lanes refused: kept unchanged, with the reason."""


@app.command(
    "list",
    epilog="Examples: bashgah dead-letter list --code invalid --since 1405-07-01   |   "
    "bashgah dead-letter list --topic card --limit 100 --broker kafka://127.0.0.1:9092",
)
def show_list(
    code: Code = None,
    topic: Topic = None,
    member: Member = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="Show the newest so many; all are counted.")] = 20,
    reveal: Reveal = False,
    broker: BrokerUrl = None,
) -> None:
    """Count the dead letters by code and topic, and list the newest.

    A letter stays when it was replayed, and looks as before: what came of it stands on its input topic alone, in a
    header of the record that was published again, anywhere behind the letter. Replaying twice counts once.

    Exit codes: 0 listed, 64 usage, 69 no answer, 78 no such topic.
    """
    wanted = _filter(code, topic, member, since, until)
    _print(ask(load(broker_url=broker), lambda found: listed(found, wanted, limit)), reveal)


@app.command(epilog="Example: bashgah dead-letter show 3:17 --reveal --broker kafka://127.0.0.1:9092")
def show(
    letter: Annotated[str, typer.Argument(metavar="PARTITION:OFFSET", help="As `list` names it.")],
    reveal: Reveal = False,
    broker: BrokerUrl = None,
) -> None:
    """Show one dead letter: its headers and its value. Personal data is masked without --reveal.

    Exit codes: 0 shown, 64 usage, 65 there is no such letter, 69 no answer.
    """
    partition, offset = _place(letter)
    found = ask(load(broker_url=broker), lambda connected: one(connected, partition, offset))
    say(f"letter     {found.name} of {topics.DEAD_LETTER.name}, {moment(found.at).en}")
    say(f"error      {found.code}: {CODES.get(found.code, _UNKNOWN.en)}")
    say(f"           {_meaning(found.code).fa}")
    say(f"detail     {shown_detail(found.detail, reveal=reveal)}")
    say(f"stood at   {found.topic}/{found.source_partition} offset {found.source_offset}")
    for part, whole in (("key", found.whole_key), ("value", found.whole_value)):
        if whole is not None:
            say(f"cut        the {part} has {whole.length:,} bytes, SHA-256 {whole.sha256}; this is its beginning")
    say(f"key        {shown_key(found.key, reveal=reveal)}")
    say_lines(shown(found.value, reveal=reveal))


@app.command(
    "replay",
    epilog="Examples: bashgah dead-letter replay 3:17 3:18 --operator m.karimi --reason 'ticket 4711: outage of 1404'"
    "   |   bashgah dead-letter replay --all --code wrong_partition --dry-run --operator m.karimi --reason partitioner",
)
def send_again(
    operator: Annotated[str, typer.Option(help="Who decides; kept with each record.")],
    reason: Annotated[str, typer.Option(help="Why; kept with each record.")],
    chosen: Annotated[
        list[str] | None, typer.Argument(metavar="PARTITION:OFFSET…", help="As `list` names them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All letters that the options below let pass.")] = False,
    code: Code = None,
    topic: Topic = None,
    member: Member = None,
    since: Since = None,
    until: Until = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; publish nothing.")] = False,
    broker: BrokerUrl = None,
) -> None:
    """Publish letters to their input topic again: the same bytes under the same key, in one transaction a batch.

    What was applied already is recognised and counts once. Letters that would be refused again stay where they are. A
    letter that was too old passes that check by the operator's decision, once: the club no longer remembers whether
    such an event was counted long ago, so make sure that it was not. That decision is signed with the first key of
    BASHGAH_REPLAY_KEYS_FILE, which the workers have too.

    Exit codes: 0 done, also where all of them stay (each is listed with the reason) or there is none, 64 usage, 65
    there is no such letter, 66 no file of keys, 69 no answer, 75 somebody else replays just now, 78 the file of
    keys may be read by others.
    """
    places = [_place(each) for each in chosen or ()]
    wanted = _filter(code, topic, member, since, until)
    if bool(places) == everything or (places and wanted != Filter()):
        remedy = "name letters, or give --all with or without --code, --topic, --member, --since, --until"
        raise ClubError("PARTITION:OFFSET, --all", "one of them says which letters", remedy, ExitCode.USAGE)
    for name, text in (("--operator", operator), ("--reason", reason)):
        if not text.strip():
            raise ClubError(name, "is empty", "say who decides, and why", ExitCode.USAGE)
        if len(text) > _SAID_MAX:
            raise ClubError(name, f"has {len(text):,} characters", f"say it in {_SAID_MAX:,}", ExitCode.USAGE)
    settings = load(broker_url=broker)
    keys = ReplayKeys.read(settings.replay_keys_file)

    async def work(connected: Broker) -> Replayed:
        if places:
            found = [await one(connected, *place) for place in dict.fromkeys(places)]
        else:
            found = [letter async for letter in letters(connected, wanted)]
        return await replay(
            connected, found, operator.strip(), reason.strip(), now=wall_clock(), app_id=settings.app_id,
            limits=LaneOptions.of(settings).limits, keys=keys, dry_run=dry_run,
        )  # fmt: skip

    _report(ask(settings, work), dry_run)


@app.command("key", epilog="Example: bashgah dead-letter key --name 1405-a >> /etc/bashgah/replay-keys")
def new_key(name: Annotated[str, typer.Option(help="Names the key in the file and in what it signs.")]) -> None:
    """Draw a key and print its line of BASHGAH_REPLAY_KEYS_FILE: a secret that the workers, and who replays, share.

    Exit codes: 0 printed, 64 the name has a blank.
    """
    say(new_line(name))


def _print(found: LetterList, reveal: bool) -> None:
    console = table_console()
    total = sum(found.counts.values())
    if not total:
        console.print("no dead letters / رویداد مردودی نیست")
        return
    counts = Table("error", "topic", "letters", "meaning", "معنی")
    for (code, topic), count in sorted(found.counts.items(), key=lambda entry: (-entry[1], entry[0])):
        counts.add_row(cell(code), cell(topic), f"{count:,}", *_meaning(code))
    console.print(counts)
    if found.newest:
        table = Table("letter", "since", "error", "stood at", "key", "detail", title="the newest", title_justify="left")
        for each in found.newest:
            stood = f"{each.topic}/{each.source_partition} {each.source_offset}"
            key = shown_key(each.key, reveal=reveal)
            table.add_row(
                each.name,
                moment(each.at).en,
                each.code,
                stood,
                cell(key),
                cell(shown_detail(each.detail, reveal=reveal)),
            )
        console.print(table)
    say(f"{total:,} dead letter(s), {len(found.newest)} shown")


def _meaning(code: str) -> Words:
    return REASONS[Reason(code)] if code in CODES else _UNKNOWN


def _report(done: Replayed, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    for letter, partition in done.sent:
        say(f"{letter.name} {would}replayed to {letter.topic}/{partition} ({letter.code})")
    for passed in done.passed:
        say(f"{passed.letter.name} stays ({passed.letter.code}): {passed.why}")
    nothing = "" if done.sent else f": nothing {would}published" if dry_run else ": nothing was published"
    say(f"{len(done.sent)} letter(s) {would}replayed, {len(done.passed)} stay{nothing}")


def _filter(code: str | None, topic: str | None, member: str | None, since: str | None, until: str | None) -> Filter:
    if code is not None and code not in CODES:
        raise ClubError("--code", f"{code!r} is none", f"it is one of {', '.join(CODES)}", ExitCode.USAGE)
    if topic is not None:
        known = {name: each.name for each in topics.INPUTS for name in (each.name, each.short)}
        if topic not in known:
            names = ", ".join(each.name for each in topics.INPUTS)
            raise ClubError("--topic", f"{topic!r} is no input", f"it is one of {names}", ExitCode.USAGE)
        topic = known[topic]
    return Filter(code, topic, member, instant_of("--since", since), instant_of("--until", until))


def _place(text: str) -> tuple[int, int]:
    found = _NAME.fullmatch(latin_digits(text.strip()))
    if found is None:
        remedy = "write PARTITION:OFFSET as `bashgah dead-letter list` shows it, e.g. 3:17"
        raise ClubError("PARTITION:OFFSET", f"{text!r} names no letter", remedy, ExitCode.USAGE)
    return int(found[1]), int(found[2])
