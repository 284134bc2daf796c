"""A demonstration from its start to its end: the club's real worker, the simulated bank and a consumer, in one process.

The worker runs on a replay clock, since the bank's weeks pass in seconds: holds end, points activate, rewards come.
"""

import asyncio
import getpass
import secrets
import signal
from collections.abc import Callable, Mapping
from heapq import nlargest
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from agents.app import ClubApp, create_app
from agents.broker.interface import Broker
from agents.lanes.catch_up import last_tick
from agents.lanes.options import LaneOptions
from agents.lanes.spec import inputs_of
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import ClockKind, Settings, load
from agents.topics.programmes import PROGRAMME, ProgrammeFollower
from agents.worker import end_process, lanes_of, run_app, running
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, create_missing, look, unlike_plan
from bashgah.admin.status import lane_status
from bashgah.brokers import broker_of
from bashgah.demo.bank import Bank
from bashgah.demo.consumer import Ledger, LedgerFeed
from bashgah.demo.folder import Folder, Story
from bashgah.demo.options import Options
from bashgah.demo.people import rule_words
from bashgah.demo.pulse import Pulse, outcomes, refusals
from bashgah.demo.reckoning import Counted, Finding, reckon
from bashgah.demo.scene import Scene, View
from bashgah.embedded import transport
from bashgah.serving.ranks import LaneRanks
from bashgah.serving.worker_pages import WorkerPages
from bashgah.web.server import WebServer
from engine.programme.terms import Programme
from monitoring.terminal import say_error
from schemas import topics
from schemas.programme_file import load_file
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, TopicPartition

PARTITIONS = 4
_LOOK_S = 0.05
_HEARTBEAT_MS = 1_000
_SHOW_S = 0.2
_TOP_S = 1.0
_TOP_MEMBERS = 20
_LINK_S = 300.0
_LINK_LIFETIME_MS = 900_000


class Ending(NamedTuple):
    """How a demonstration ended."""

    scene: Scene
    counted: Counted
    findings: list[Finding]

    @property
    def code(self) -> ExitCode:
        """Ctrl-C is how a demonstration without a number of events ends; with one it was interrupted."""
        if not all(finding.holds for finding in self.findings):
            return ExitCode.FAULT
        cut_short = self.scene.goal is not None and not self.counted.complete
        return ExitCode.INTERRUPTED if cut_short else ExitCode.DONE


async def play(options: Options, folder: Folder, view: View, leave: Callable[[], None]) -> Ending | None:
    """Run until all is processed or somebody stops it; None where that was before the lanes were open.

    `leave` ends the process at once, for whoever asks a second time. Raises `ClubError` for what is wrong before the
    worker runs; a fault of the worker ends the process with its own code.
    """
    stopping = _on_signals(leave)
    story = folder.story(options.members, options.seed, lambda: load_file(options.programme).effective)
    settings = load(
        broker_url=f"embedded://{folder.broker}",
        data_dir=folder.rows,
        clock=ClockKind.REPLAY,
        http_port=0,
        app_id="demo",
    )
    broker = broker_of(settings, create=True)
    try:
        view.starting("making topics, publishing the programme")
        programme = await _prepare(broker, settings, options.programme)
        show = Show(options, story, view, programme, folder.path)
        if stopping.is_set():
            return None
        view.starting("starting the worker")
        return await show.run(broker, settings, stopping)
    finally:
        await broker.close()


async def _prepare(broker: Broker, settings: Settings, file: Path) -> Programme:
    """Topics with first watermarks, and a programme in force; what is there already stays."""
    plan = TopicPlan(PARTITIONS, 1, 1)
    found = await look(broker)
    if unlike := unlike_plan(found, plan):
        first = unlike[0]
        raise ClubError(first.topic, f"{first.setting} is {first.found}", "name a new folder", ExitCode.BAD_SETTING)
    await create_missing(broker, found, plan)
    await first_watermarks(broker, "earliest", settings.app_id, getpass.getuser())
    known = ProgrammeFollower(broker)
    await known.open()
    if not known.end:
        await broker.publish([_version(file)])
        await known.catch_up()
    await known.close()
    return known.versions(known.end).in_order[-1].programme


def _version(file: Path) -> OutputRecord:
    programme, document = load_file(file), file.read_text("utf-8")
    version = encode_programme(programme.id, programme.version, programme.effective, document, wall_clock())
    return OutputRecord(*PROGRAMME, *version)


def _on_signals(leave: Callable[[], None]) -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set; the second of them leaves at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stopping.is_set():
            leave()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    return stopping


def _events(offsets: Mapping[TopicPartition, int]) -> int:
    """How many of the bank's events lie below these offsets; commands are the club's own."""
    return sum(offset for place, offset in offsets.items() if place.topic != topics.COMMAND.name)


class Show:
    """The parts of a demonstration, and what is seen of them."""

    def __init__(self, options: Options, story: Story, view: View, programme: Programme, path: Path) -> None:
        self._options, self._story, self._view, self._programme, self._path = options, story, view, programme, path
        self._rules = rule_words(programme)
        self._ledger, self._pulse = Ledger(), Pulse()
        self._before = self._processed = 0
        self._goal: int | None = None
        self._top: list[tuple[str, int]] = []
        self._top_at_s = self._shown_at_s = self._began_s = self._ended_s = 0.0
        self._complete = False
        self._instant: int | None = None
        self._doing = "the lanes open"
        self._dashboard = self._member_page = ""
        self._server: WebServer | None = None
        self._member: str | None = None
        self._renewed_s = 0.0

    async def run(self, broker: Broker, settings: Settings, stopping: asyncio.Event) -> Ending | None:
        """Worker and bank, until all is processed or `stopping` is set; then close them, and hear what came last.

        None when that was before the lanes were open.
        """
        listener = await LedgerFeed.open(self._ledger, broker)
        published = _events(await broker.end_offsets(inputs_of(range(PARTITIONS))))
        self._before = self._processed = await self._committed(broker, settings)
        if self._options.events is not None:
            self._goal = published - self._before + self._options.events
        bank = Bank(broker, self._story, PARTITIONS, published, self._options.events)
        faults: list[ClubError] = []

        def failed(problem: ClubError) -> None:
            faults.append(problem)
            stopping.set()

        try:
            transport.register()
            app = create_app(settings, broker_of(settings), failed)  # the worker closes its own
            async with running(app, settings, WorkerPages):
                dashboard = await self._serve(app, broker, settings)
                await self._act(app, bank, listener, stopping)
                await dashboard.stop()
                if faults:
                    raise faults[0]
            await listener.catch_up()
            await listener.close()
            self._processed = await self._committed(broker, settings)
        except Exception as error:  # noqa: BLE001 - as in a worker: what is in doubt must not live on
            self._view.close()
            say_error(f"the folder of this run stays, with its log: {self._path}")
            end_process(error)
        return self._ending(app, bank, settings) if self._began_s else None

    async def _serve(self, app: ClubApp, broker: Broker, settings: Settings) -> WebServer:
        """Start the dashboard, on its usual port where that is free. Its clock is the simulated bank's."""

        def now() -> int:
            return self._story.start if self._instant is None else self._instant

        async def on(port: int) -> WebServer:
            secret = SecretStr(secrets.token_urlsafe(32))
            given = settings.model_copy(
                update={
                    "web_port": port, "web_token_secret": secret, "web_token_lifetime_ms": _LINK_LIFETIME_MS,
                    "web_heartbeat_ms": _HEARTBEAT_MS,
                }
            )  # fmt: skip
            server = WebServer(broker, given, clock=now, workers=LaneRanks(lambda: lanes_of(app).lanes))
            try:
                await server.start()
            except ClubError:
                await server.stop()
                raise
            return server

        try:
            server = await on(settings.web_port)
        except ClubError:
            server = await on(0)
        self._dashboard = f"http://{settings.web_host}:{server.port}/"
        self._server = server
        return server

    async def _act(self, app: ClubApp, bank: Bank, listener: LedgerFeed, stopping: asyncio.Event) -> None:
        work = asyncio.create_task(run_app(app, stopping), name="worker")
        publishing: asyncio.Task[None] | None = None
        while not (stopping.is_set() or work.done()):
            await listener.listen(0)
            self._look(app, bank)
            if publishing is None and self._open(app):
                self._began_s, self._doing = self._now_s(), "a simulated bank, scored live"
                publishing = asyncio.create_task(bank.publish(self._options.rate, lambda: self._processed), name="bank")
            if publishing is not None and publishing.done():
                publishing.result()
                if self._processed == bank.published:
                    self._ended_s = self._now_s()
                    await last_tick(lanes_of(app))
                    self._complete = True
                    break
            await asyncio.sleep(_LOOK_S)
        self._ended_s = self._ended_s or self._now_s()
        if publishing is not None:
            publishing.cancel()
        stopping.set()
        self._view.starting("stopping the worker")
        await work

    @staticmethod
    async def _committed(broker: Broker, settings: Settings) -> int:
        """How many events all runs have processed, as the lanes' changelog says."""
        lanes = await lane_status(broker, LaneOptions.of(settings))
        marks = [lane.watermark for lane in lanes if lane.watermark is not None]
        return sum(
            _events({TopicPartition(topic, 0): offset for topic, offset in mark.offsets.items()}) for mark in marks
        )

    def _open(self, app: ClubApp) -> bool:
        return len(app.lanes.watermarks()) == PARTITIONS * len(topics.INPUTS)

    def _look(self, app: ClubApp, bank: Bank) -> None:
        """Measure, and show it where that is due."""
        now_s = self._now_s()
        if self._open(app):
            self._processed = _events(app.lanes.watermarks())
            self._pulse.sample(now_s, self._processed)
        if now_s - self._top_at_s >= _TOP_S:
            self._top_at_s = now_s
            points = ((member, each.active + each.pending) for member, each in self._ledger.balances.items())
            self._top = nlargest(_TOP_MEMBERS, points, key=itemgetter(1))
            self._invite(now_s)
        if now_s - self._shown_at_s >= _SHOW_S:
            self._shown_at_s = now_s
            self._view.show(self._scene(app, bank))

    def _invite(self, now_s: float) -> None:
        """Choose a member with neighbours, once; a new link to the own page comes well before the old one ends."""
        assert self._server is not None, "the dashboard is served before anything is looked at"
        self._member = self._member or self._ledger.amid_a_board()
        if self._member is not None and (not self._member_page or now_s - self._renewed_s >= _LINK_S):
            self._renewed_s, self._member_page = now_s, self._server.member_page(self._member)

    def _scene(self, app: ClubApp, bank: Bank) -> Scene:
        clocks = [lane.clock for lane in lanes_of(app).lanes.values() if lane.clock is not None]
        self._instant = max(clocks, default=self._instant)
        return Scene(
            programme=self._programme,
            rules=self._rules,
            ledger=self._ledger,
            doing=self._doing,
            instant=self._instant,
            began=self._story.start,
            processed=self._processed - self._before,
            goal=self._goal,
            waiting=bank.published - self._processed,
            rate=self._pulse.rate,
            history=list(self._pulse.history),
            refusals=refusals(app.metrics),
            top=self._top,
            dashboard=self._dashboard,
            member_page=self._member_page,
        )

    def _ending(self, app: ClubApp, bank: Bank, settings: Settings) -> Ending:
        scene = self._scene(app, bank)
        seconds = self._ended_s - self._began_s if self._began_s else 0.0
        counted = Counted(outcomes(app.metrics), seconds, self._complete)
        return Ending(scene, counted, reckon(scene, counted, settings.data_dir / "lanes"))

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
