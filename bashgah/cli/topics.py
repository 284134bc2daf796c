"""`bashgah topics`: create the club's topics, check them, show them."""

import asyncio
import getpass
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import Settings, load
from agents.task.ownership import check_club
from bashgah.admin.first_watermarks import From, first_watermarks
from bashgah.admin.provision import (
    PARTITIONS_DEFAULT,
    PARTITIONS_MAX,
    TopicDifference,
    TopicPlan,
    club_partitions,
    create_missing,
    look,
    unlike_plan,
)
from bashgah.brokers import EMBEDDED, broker_of
from bashgah.cli.asking import ask
from bashgah.cli.consoles import table_console
from bashgah.cli.instants import FORMS, instant
from monitoring.terminal import say
from schemas import topics
from schemas.records import TopicPartition

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The club's topics: create, check, describe.")

BrokerUrl = Annotated[str | None, typer.Option("--broker", metavar="URL", help="Default: BASHGAH_BROKER_URL.")]
Dev = Annotated[bool, typer.Option("--dev", help="For one broker: one replica. Not for production.")]
Replication = Annotated[int, typer.Option(min=1, help="Copies of each record.")]
MinInsync = Annotated[int, typer.Option(min=1, help="Copies that must be written before a record counts.")]
_DAY_MS = 86_400_000


@app.callback()
def about() -> None:
    """The club's topics on a broker."""


@app.command(
    epilog="Examples: bashgah topics create --broker kafka://kafka1:9092,kafka2:9092 --from earliest   |   "
    "one broker on this machine: bashgah topics create --broker kafka://127.0.0.1:9092 --dev --from earliest"
)
def create(
    broker: BrokerUrl = None,
    partitions: Annotated[
        int, typer.Option(min=1, max=PARTITIONS_MAX, help="The club's partition count. It cannot grow later.")
    ] = PARTITIONS_DEFAULT,
    replication: Replication = 3,
    min_insync: MinInsync = 2,
    dev: Dev = False,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="earliest|latest|DATE",
            help="Where lanes that never ran begin to read: all, only what comes, or what was published since a date.",
        ),
    ] = None,
) -> None:
    """Create the topics that are missing; those that exist are left as they are, and checked.

    The partition count stays for ever: with another one a member's events would move to another lane, away from the
    member's points. Take several times as many as you will ever run workers.

    --from writes each lane's first watermark; without one a worker refuses to start. Lanes that have one keep it. A
    date is Jalali (1405-01-01), Gregorian (2026-03-21), both from midnight in Tehran, or RFC 3339 with an offset.

    Exit codes: 0 all topics are as planned, 69 no answer, 78 a topic differs or was refused.
    """
    settings = load(broker_url=broker)
    start = None if begin is None else _beginning(begin)
    asyncio.run(_create(settings, _plan(settings, partitions, replication, min_insync, dev), start))


async def _create(settings: Settings, plan: TopicPlan, begin: From | None) -> None:
    broker = broker_of(settings, create=True)
    try:
        found = await look(broker)
        _refuse(unlike_plan(found, plan))
        await check_club(broker, settings.app_id)
        created = await create_missing(broker, found, plan)
        for spec in created:
            say(f"created {spec.name}, {spec.partitions} partition(s)")
        say(f"{len(created)} created, {len(found)} there before; {plan.partitions} partitions a club topic, for ever")
        if begin is None:
            say("no first watermarks written: lanes that never ran need `bashgah topics create --from …`")
        else:
            lanes = await first_watermarks(broker, begin, settings.app_id, getpass.getuser())
            say(f"{len(lanes)} lanes got their first watermark, {plan.partitions - len(lanes)} had one")
    finally:
        await broker.close()


@app.command(epilog="Example: bashgah topics check --broker kafka://kafka1:9092")
def check(
    broker: BrokerUrl = None,
    partitions: Annotated[int | None, typer.Option(min=1, help="Default: what the inputs have.")] = None,
    replication: Replication = 3,
    min_insync: MinInsync = 2,
    dev: Dev = False,
) -> None:
    """Compare the topics with what the club needs; changes nothing.

    Exit codes: 0 all topics are as they must be, 69 no answer, 78 a topic is missing or differs.
    """
    settings = load(broker_url=broker)
    asyncio.run(_check(settings, partitions, _plan(settings, PARTITIONS_DEFAULT, replication, min_insync, dev)))


async def _check(settings: Settings, partitions: int | None, plan: TopicPlan) -> None:
    broker = broker_of(settings)
    try:
        found = await look(broker)
    finally:
        await broker.close()
    count = partitions or club_partitions(found) or plan.partitions
    plan = TopicPlan(count, plan.replication, plan.min_insync)
    absent = [
        TopicDifference(topic.name, "topic", "nothing", "a topic", "create it with `bashgah topics create`")
        for topic in topics.TOPICS
        if topic.name not in found
    ]
    _refuse([*absent, *unlike_plan(found, plan)])
    say(f"{len(found)} topics are as they must be; {count} partitions a club topic")


@app.command(epilog="Example: bashgah topics describe --broker kafka://127.0.0.1:9092")
def describe(broker: BrokerUrl = None) -> None:
    """Show each topic: its partitions, how it is kept, how many offsets it spans."""
    ask(load(broker_url=broker), _show)


async def _show(broker: Broker) -> None:
    found = await look(broker)
    places = [TopicPartition(name, number) for name, each in found.items() for number in range(each.partitions)]
    begins, ends = await broker.begin_offsets(places), await broker.end_offsets(places)
    table = Table("topic", "partitions", "replicas", "kept", "offsets", "id", box=None, pad_edge=False)
    for topic in topics.TOPICS:
        description = found.get(topic.name)
        if description is None:
            table.add_row(topic.name, "", "", "", "", "missing")
            continue
        table.add_row(
            topic.name,
            str(description.partitions),
            str(description.replication),
            _kept(description.config),
            f"{sum(ends[place] - begins[place] for place in places if place.topic == topic.name):,}",
            description.id,
        )
    table_console().print(table)


def _kept(config: Mapping[str, str] | None) -> str:
    if config is None:
        return "no right to read"
    if config.get("cleanup.policy") == "compact":
        return "compacted"
    retention_ms = config.get("retention.ms", "-1")
    return "for ever" if int(retention_ms) < 0 else f"{int(retention_ms) // _DAY_MS} days"


def _plan(settings: Settings, partitions: int, replication: int, min_insync: int, dev: bool) -> TopicPlan:
    if dev or settings.broker_url.startswith(EMBEDDED):
        return TopicPlan(partitions, 1, 1)
    if min_insync > replication:
        reason = f"{min_insync} is more than the {replication} replicas"
        raise ClubError("--min-insync", reason, "ask for fewer; 2 of 3 survives one broker", ExitCode.USAGE)
    return TopicPlan(partitions, replication, min_insync)


def _beginning(text: str) -> From:
    if text in ("earliest", "latest"):
        return "earliest" if text == "earliest" else "latest"
    try:
        return instant(text)
    except ValueError as error:
        remedy = f"write earliest, latest, {FORMS}"
        raise ClubError("--from", f"{text!r}: {error}", remedy, ExitCode.USAGE) from None


def _refuse(unlike: Sequence[TopicDifference]) -> None:
    alike: dict[tuple[str, str, str], list[TopicDifference]] = {}
    for each in unlike:
        alike.setdefault((each.setting, each.found, each.wanted), []).append(each)
    problems = [
        ClubError(
            ", ".join(each.topic for each in group),
            f"{setting}: found {found}, wanted {wanted}",
            group[0].remedy,
            ExitCode.BAD_SETTING,
        )
        for (setting, found, wanted), group in alike.items()
    ]
    if problems:
        raise ExceptionGroup("topics", problems)
