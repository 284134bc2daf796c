"""The auditor: takes events in the order in which a lane processes them, and says what must come of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.simulation.auditor.contract import BALANCE, CHARGEBACK_WON, NOT_EXECUTED, REFUNDS, Activity, read
from tests.simulation.auditor.deposits import close_account, record_balance
from tests.simulation.auditor.due import apply_due, forget
from tests.simulation.auditor.evaluation import in_force, score
from tests.simulation.auditor.lanes import Lane, midnight_reached, partition_of
from tests.simulation.auditor.members import adjust, change_membership
from tests.simulation.auditor.programme_reading import Version, version_of
from tests.simulation.auditor.refund import apply_refund, original_of
from tests.simulation.auditor.rewards import award_thresholds
from tests.simulation.auditor.state import Books, Decision, Member, Past
from tests.simulation.auditor.tehran_time import day_of

FUTURE_TOLERANCE_MS = 5 * 60 * 1000
RETENTION_MS = 400 * 24 * 60 * 60 * 1000


class Auditor:
    """A whole club, or one lane of it.

    `programmes` are the mappings of the programme files (see `read_programme`). With `partitions` above 1 the members
    are spread over so many lanes, each with its own replay clock. With `replay` the lanes' clocks follow the events;
    otherwise the caller gives the wall clock with each event and makes the ticks.
    """

    def __init__(self, programmes: Sequence[Mapping[str, Any]], partitions: int = 1, replay: bool = True) -> None:
        self.versions: list[Version] = [version_of(content) for content in programmes]
        self.replay = replay
        self.lanes = [Lane() for _ in range(partitions)]
        self.books = Books()
        self.outcomes: list[dict[str, Any]] = []
        self.dead: list[dict[str, Any]] = []

    @property
    def postings(self) -> list[dict[str, Any]]:
        """What belongs on `club.points`, in order for each member."""
        return self.books.postings

    @property
    def rewards(self) -> list[dict[str, Any]]:
        """What belongs on `club.reward`."""
        return self.books.rewards

    @property
    def notices(self) -> list[dict[str, Any]]:
        """What belongs on `club.notification`."""
        return self.books.notices

    def event(self, envelope: Any, topic: str, now_ms: int | None = None) -> str:
        """Take the next event; returns its outcome. `now_ms` is the wall clock, needed unless on a replay clock."""
        activity = read(envelope, topic)
        if isinstance(activity, str):
            return self._dead_letter(envelope, "invalid", activity)
        lane = self.lanes[partition_of(activity.subject, len(self.lanes))]
        member = lane.members.get(activity.subject)
        refusal = self._refusal(activity, member, now_ms)
        if refusal:
            return self._dead_letter(envelope, refusal)
        past = member.events.get((activity.source, activity.id)) if member else None
        if past:
            if past.content != activity.content:
                return self._dead_letter(envelope, "conflicting_duplicate")
            return self._note(envelope, "duplicate")
        self._move_clock(lane, activity.time)
        member = lane.members.setdefault(activity.subject, Member(activity.subject))
        horizon = max(lane.last_tick, activity.time, member.horizon or lane.last_tick)
        self._bring_up_to(member, horizon)
        decision = self._decision(member, activity, horizon)
        mark = ("event", activity.source, activity.id)
        record = Past(activity.content, mark, activity.data.get("amount"), day_of(activity.time))
        member.events[activity.source, activity.id] = record
        outcome, reason = self._decide(decision, activity, record)
        self._apply_parked(lane, activity, record, horizon, member)
        return self._note(envelope, outcome, reason)

    def tick(self, instant_ms: int, partition: int | None = None) -> None:
        """Apply all that is due up to the instant, in every lane or in one. Ticks never go back."""
        for lane in self.lanes if partition is None else [self.lanes[partition]]:
            self._tick(lane, instant_ms)

    def finish(self, until_ms: int | None = None) -> None:
        """The tick when the inputs end: at `until_ms`, or at the greatest clock of all lanes."""
        clocks = [lane.clock for lane in self.lanes if lane.clock is not None]
        instant = until_ms if until_ms is not None else max(clocks, default=None)
        if instant is not None:
            self.tick(instant)

    def members(self) -> dict[str, dict[str, Any]]:
        """The rows of `members.csv`, sorted by member bytewise."""
        now = max((max(lane.last_tick, lane.clock or lane.last_tick) for lane in self.lanes), default=0)
        version = in_force(self.versions, now)
        tier = version.lowest_level if version else ""
        everyone = {member.reference: member for lane in self.lanes for member in lane.members.values()}
        return {
            reference: {
                "registered": everyone[reference].status == "registered",
                "tier": tier,
                "active": everyone[reference].active,
                "pending": everyone[reference].pending,
                "held": 0,
                "debt": everyone[reference].debt,
                "issued": everyone[reference].issued,
                "reversed": everyone[reference].reversed,
                "expired": everyone[reference].expired,
                "spent": 0,
            }
            for reference in sorted(everyone, key=str.encode)
        }

    def _refusal(self, activity: Activity, member: Member | None, now_ms: int | None) -> str | None:
        if not self.replay:
            assert now_ms is not None, "the wall clock is needed unless on a replay clock"
            if activity.time > now_ms + FUTURE_TOLERANCE_MS:
                return "from_the_future"
            if activity.time < now_ms - RETENTION_MS:
                return "too_old"
        if member is not None and member.status == "erased":
            return "erased"
        return None

    def _move_clock(self, lane: Lane, time: int) -> None:
        """On a replay clock the midnights up to an event tick ahead of it; the first event passes none."""
        if self.replay and lane.clock is not None:
            midnight = midnight_reached(lane.clock, time)
            if midnight is not None:
                self._tick(lane, midnight)
        lane.clock = time if lane.clock is None else max(lane.clock, time)

    def _tick(self, lane: Lane, instant: int) -> None:
        lane.last_tick = max(lane.last_tick, instant)
        for reference in sorted(lane.members, key=str.encode):
            self._bring_up_to(lane.members[reference], lane.last_tick)

    def _bring_up_to(self, member: Member, horizon: int) -> None:
        """Apply what is due; on a wall clock also forget what is older than the retention."""
        apply_due(self.books, self.versions, member, horizon)
        if not self.replay:
            forget(member, horizon)

    def _decision(self, member: Member, activity: Activity, horizon: int) -> Decision:
        """What is published bears the envelope's time, a balance's too: that is the instant that caused it."""
        return Decision(self.books, member, activity.source, activity.id, activity.time, horizon)

    def _decide(self, decision: Decision, activity: Activity, record: Past) -> tuple[str, str]:
        """Outcome and reason of one new event."""
        if activity.type.startswith(NOT_EXECUTED):
            return "not_executed", ""
        posted_before = len(self.books.postings)
        change_membership(decision, activity)
        if activity.type == "deposit.account.closed":
            close_account(decision, activity)
        version = in_force(self.versions, activity.moment)
        if version is None:
            return "no_programme", ""
        if activity.type == "member.points.adjusted":
            adjust(decision, version, activity)
            return "scored", ""
        if activity.type.startswith("member."):
            return "applied", ""
        reason = ""
        qualified_before = decision.member.qualified
        if activity.type in REFUNDS or activity.type == CHARGEBACK_WON:
            purchase = decision.member.events.get(original_of(activity))
            if purchase is None:
                decision.member.parked.setdefault(original_of(activity), []).append(activity)
                return "parked", ""
            apply_refund(decision, version, activity, purchase)
        elif activity.type == BALANCE:
            reason = record_balance(decision, version, activity)
        elif decision.member.status == "left":
            reason = "left"
        else:
            record.grants = score(decision, version, activity)
        raised = any(each["points"] > 0 for each in self.books.postings[posted_before:])
        if raised or decision.member.qualified > qualified_before:
            award_thresholds(decision, version, activity)
        return ("scored" if len(self.books.postings) > posted_before else "no_points"), reason

    def _apply_parked(self, lane: Lane, purchase: Activity, record: Past, horizon: int, member: Member) -> None:
        """Refunds that came ahead of their purchase follow its own decision, in the order of their arrival."""
        for refund in member.parked.pop((purchase.source, purchase.id), []):
            due_to = max(lane.last_tick, horizon, refund.time)
            apply_due(self.books, self.versions, member, due_to)
            version = in_force(self.versions, refund.moment)
            assert version is not None, "only a refund with a version in force is parked"
            apply_refund(self._decision(member, refund, due_to), version, refund, record)

    def _dead_letter(self, envelope: Any, code: str, detail: str = "") -> str:
        self._note(envelope, code, detail)
        self.dead.append(self.outcomes[-1])
        return code

    def _note(self, envelope: Any, outcome: str, reason: str = "") -> str:
        fields = envelope if isinstance(envelope, dict) else {}
        named = {name: fields.get(name) for name in ("source", "id", "type", "subject")}
        self.outcomes.append(named | {"outcome": outcome, "reason": reason})
        return outcome
