"""The auditor: takes events in the order in which a lane processes them, and says what must come of each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.awards import flag_awards, grant_award
from tests.simulation.auditor.boards import Place, award_commands_of, finals_of, live_boards_of
from tests.simulation.auditor.contract import AWARD, BALANCE, CHARGEBACK_WON, NOT_EXECUTED, REFUNDS, Activity, read
from tests.simulation.auditor.deposits import ACCOUNT_EVENTS, change_account, record_balance
from tests.simulation.auditor.due import apply_due, forget
from tests.simulation.auditor.evaluation import in_force, score
from tests.simulation.auditor.festivals import count_balance, count_event, follow_refund
from tests.simulation.auditor.lanes import Lane, midnights_reached, partition_of
from tests.simulation.auditor.members import adjust, change_membership
from tests.simulation.auditor.notices import warn_late
from tests.simulation.auditor.participation import MOVES, move
from tests.simulation.auditor.programme_reading import Version, version_of
from tests.simulation.auditor.refund import apply_refund, original_of
from tests.simulation.auditor.rewards import award_thresholds
from tests.simulation.auditor.rounds import Round, freezes
from tests.simulation.auditor.standings import freeze
from tests.simulation.auditor.state import Books, Decision, Member, Past
from tests.simulation.auditor.tehran_time import day_of

FUTURE_TOLERANCE_MS = 5 * 60 * 1000
RETENTION_MS = 400 * 24 * 60 * 60 * 1000


class Auditor:
    """A whole club, or one lane of it.

    `programmes` are the mappings of the programme files (see `read_programme`). With `partitions` above 1 the members
    are spread over so many lanes, each with its own replay clock. With `replay` the lanes' clocks follow the events;
    otherwise the caller gives the wall clock with each event and makes the ticks.

    Finals give award commands, which the caller takes by `award_commands` and brings back as events. With `coordinates`
    a single lane on a replay clock takes them itself, as `score` does: at the tick that made them.
    """

    def __init__(
        self,
        programmes: Sequence[Mapping[str, Any]],
        partitions: int = 1,
        replay: bool = True,
        coordinates: bool = False,
    ) -> None:
        assert not coordinates or (replay and partitions == 1), "only a single lane on a replay clock"
        self.versions: list[Version] = [version_of(content) for content in programmes]
        self.rounds: list[Round] = freezes(self.versions)
        self.replay = replay
        self.coordinates = coordinates
        self.lanes = [Lane() for _ in range(partitions)]
        self.books = Books()
        self.outcomes: list[dict[str, Any]] = []
        self.dead: list[dict[str, Any]] = []
        self._commanded: set[tuple[str, str, str]] = set()

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

    @property
    def festival(self) -> list[dict[str, Any]]:
        """What belongs on `club.festival`, in order for each member."""
        return self.books.festival

    def event(self, envelope: Any, topic: str, now_ms: int | None = None) -> str:
        """Take the next event; returns its outcome. `now_ms` is the wall clock, needed unless on a replay clock."""
        activity = read(envelope, topic)
        if isinstance(activity, str):
            return self._dead_letter(envelope, "erased" if self._was_erased(envelope) else "invalid", activity)
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
        if activity.type == BALANCE and date.fromisoformat(activity.data["date"]) > day_of(activity.time):
            return self._dead_letter(envelope, "from_the_future")
        self._move_clock(lane, activity.time)
        member = lane.members.setdefault(activity.subject, Member(activity.subject))
        horizon = max(lane.last_tick, activity.time, member.horizon or lane.last_tick)
        self._bring_up_to(member, horizon)
        decision = self._decision(lane, member, activity, horizon)
        mark = ("event", activity.source, activity.id)
        record = Past(activity.content, mark, activity.data.get("amount"), day_of(activity.time))
        member.events[activity.source, activity.id] = record
        outcome, reason = self._decide(decision, activity, record)
        last = self._apply_parked(lane, activity, record, horizon, member)
        warn_late(decision, self.versions, max(lane.last_tick, last, tehran_time.midnight(day_of(member.horizon))))
        return self._note(envelope, outcome, reason)

    def leave_out(self, envelope: Any) -> str:
        """An operator leaves the next record out; of an erased member nothing of it is kept."""
        subject = envelope.get("subject") if isinstance(envelope, dict) else None
        held = [lane.members[subject] for lane in self.lanes if subject in lane.members]
        return self._dead_letter(envelope, "erased" if any(m.status == "erased" for m in held) else "skipped")

    def tick(self, instant_ms: int, partition: int | None = None) -> None:
        """Apply all that is due up to the instant and freeze rounds, in every lane or in one. Ticks never go back.

        On a replay clock the midnights on the way on which a round is frozen tick first.
        """
        for lane in self.lanes if partition is None else [self.lanes[partition]]:
            if self.replay and lane.clock is not None:
                self._pass_midnights(lane, instant_ms)
            self._tick(lane, instant_ms)

    def finish(self, until_ms: int | None = None) -> None:
        """The tick when the inputs end: at `until_ms`, or at the greatest clock of all lanes."""
        clocks = [lane.clock for lane in self.lanes if lane.clock is not None]
        instant = until_ms if until_ms is not None else max(clocks, default=None)
        if instant is not None:
            self.tick(instant)

    def members(self) -> dict[str, dict[str, Any]]:
        """The rows of `members.csv`, sorted by member bytewise."""
        version = in_force(self.versions, self._now())
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

    def finals(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """The finals by festival, category and round, in the order in which they are made.

        `order` is of rank as shown, member, alias, score, reached_at; instants are in ms.
        """
        return {
            final.key: {
                "as_of": final.round.as_of,
                "hash": final.digest,
                "participants": len(final.order),
                "order": final.order,
            }
            for final in finals_of(self.rounds, self.lanes)
        }

    def live_boards(self, instant_ms: int | None = None) -> dict[tuple[str, str], list[Place]]:
        """The boards by festival and category of what has opened and is not frozen; by default now."""
        return live_boards_of(self.versions, self.lanes, self._now() if instant_ms is None else instant_ms)

    def award_commands(self) -> list[dict[str, Any]]:
        """The envelopes of `club.command` of all finals that were made since this was asked last."""
        finals = [each for each in finals_of(self.rounds, self.lanes) if each.key not in self._commanded]
        self._commanded |= {final.key for final in finals}
        return [command for final in finals for command in award_commands_of(self.versions, final)]

    def _now(self) -> int:
        return max((max(lane.last_tick, lane.clock or lane.last_tick) for lane in self.lanes), default=0)

    def _refusal(self, activity: Activity, member: Member | None, now_ms: int | None) -> str | None:
        if member is not None and member.status == "erased":
            return "erased"
        if not self.replay:
            assert now_ms is not None, "the wall clock is needed unless on a replay clock"
            if activity.time > now_ms + FUTURE_TOLERANCE_MS:
                return "from_the_future"
            if activity.time < now_ms - RETENTION_MS:
                return "too_old"
        return None

    def _was_erased(self, envelope: Any) -> bool:
        """Whether what cannot be read as an event is about a member who was erased."""
        subject = envelope.get("subject") if isinstance(envelope, dict) else None
        members = (lane.members.get(subject) for lane in self.lanes if isinstance(subject, str))
        return any(member is not None and member.status == "erased" for member in members)

    def _move_clock(self, lane: Lane, time: int) -> None:
        """On a replay clock the midnights up to an event tick ahead of it; the first event passes none."""
        if self.replay and lane.clock is not None:
            self._pass_midnights(lane, time)
        lane.clock = time if lane.clock is None else max(lane.clock, time)

    def _pass_midnights(self, lane: Lane, time: int) -> None:
        """Tick at the midnights on the way to the time: at those at which a round is frozen, and at the last.

        All else that is due falls on midnights and is applied in the order of its instants, so that one tick at the
        last midnight does what a tick at each of them would.
        """
        assert lane.clock is not None
        midnights = midnights_reached(lane.clock, time)
        for midnight in midnights:
            if midnight > lane.last_tick and (midnight == midnights[-1] or self._to_freeze(lane, midnight)):
                self._tick(lane, midnight)

    def _tick(self, lane: Lane, instant: int) -> None:
        lane.last_tick = max(lane.last_tick, instant)
        for reference in sorted(lane.members, key=str.encode):
            self._bring_up_to(lane.members[reference], lane.last_tick)
        due = self._to_freeze(lane, lane.last_tick)
        for round in due:
            lane.frozen[round.festival.id, round.name] = freeze(lane.members.values(), round, lane.last_tick)
        if due and self.coordinates:
            for command in self.award_commands():
                self.event(command, "club.command")

    def _to_freeze(self, lane: Lane, tick: int) -> list[Round]:
        """The rounds whose instants have come and that the lane has not frozen."""
        return [each for each in self.rounds if each.as_of <= tick and (each.festival.id, each.name) not in lane.frozen]

    def _bring_up_to(self, member: Member, horizon: int) -> None:
        """Apply what is due; on a wall clock also forget what is older than the retention."""
        apply_due(self.books, self.versions, member, horizon)
        if not self.replay:
            forget(member, horizon)

    def _decision(self, lane: Lane, member: Member, activity: Activity, horizon: int) -> Decision:
        """What is published bears the envelope's time, a balance's too: that is the instant that caused it."""
        return Decision(self.books, member, activity.source, activity.id, activity.time, horizon, lane.frozen.keys())

    def _decide(self, decision: Decision, activity: Activity, record: Past) -> tuple[str, str]:
        """Outcome and reason of one new event."""
        if activity.type.startswith(NOT_EXECUTED):
            return "not_executed", ""
        change_membership(decision, activity)
        if activity.type in ACCOUNT_EVENTS:
            change_account(decision, activity)
        version = in_force(self.versions, activity.moment)
        if activity.type in MOVES:
            move(decision, version, activity)
        if version is None:
            return "no_programme", ""
        if activity.type == "member.points.adjusted":
            adjust(decision, version, activity)
            return "scored", ""
        if activity.type == AWARD:
            grant_award(decision, self.versions, version, activity)
            return "scored", ""
        if activity.type.startswith("member."):
            return "applied", ""
        if activity.type in REFUNDS or activity.type == CHARGEBACK_WON:
            purchase = decision.member.events.get(original_of(activity))
            if purchase is None:
                decision.member.parked.setdefault(original_of(activity), []).append(activity)
                return "parked", ""
        return self._score(decision, version, activity, record)

    def _score(self, decision: Decision, version: Version, activity: Activity, record: Past) -> tuple[str, str]:
        """Move the club's points, then look at the thresholds, then move the festivals' scores."""
        books, member = self.books, decision.member
        posted_before, qualified_before, effects_before = len(books.postings), member.qualified, len(member.effects)
        rewarded_before = len(books.rewards)
        reason = ""
        is_refund = activity.type in REFUNDS or activity.type == CHARGEBACK_WON
        if is_refund:
            apply_refund(decision, version, activity, member.events[original_of(activity)])
        elif activity.type == BALANCE:
            reason = record_balance(decision, version, activity)
        elif member.status == "left":
            reason = "left"
        else:
            record.grants = score(decision, version, activity)
        raised = any(each["points"] > 0 for each in books.postings[posted_before:])
        if raised or member.qualified > qualified_before:
            award_thresholds(decision, version, activity)
        if is_refund:
            self._refund_festivals(decision, activity, member.events[original_of(activity)])
        elif activity.type == BALANCE and not reason:
            count_balance(decision, version, activity)
        elif not reason:
            record.festival_grants = count_event(decision, version, activity)
        done = len(books.postings) > posted_before or len(books.rewards) > rewarded_before
        return ("scored" if done or len(member.effects) > effects_before else "no_points"), reason

    def _refund_festivals(self, decision: Decision, activity: Activity, purchase: Past) -> None:
        follow_refund(decision, activity, purchase)
        flag_awards(decision, self.versions, [grant.festival for grant in purchase.festival_grants])

    def _apply_parked(self, lane: Lane, purchase: Activity, record: Past, horizon: int, member: Member) -> int:
        """Refunds that came ahead of their purchase follow its own decision, in the order of their arrival.

        Returns the latest time of all of them.
        """
        last = purchase.time
        for refund in member.parked.pop((purchase.source, purchase.id), []):
            due_to = max(lane.last_tick, horizon, refund.time)
            apply_due(self.books, self.versions, member, due_to)
            version = in_force(self.versions, refund.moment)
            assert version is not None, "only a refund with a version in force is parked"
            decision = self._decision(lane, member, refund, due_to)
            apply_refund(decision, version, refund, record)
            self._refund_festivals(decision, refund, record)
            last = max(last, refund.time)
        return last

    def _dead_letter(self, envelope: Any, code: str, detail: str = "") -> str:
        self._note(envelope, code, detail)
        self.dead.append(self.outcomes[-1])
        return code

    def _note(self, envelope: Any, outcome: str, reason: str = "") -> str:
        fields = envelope if isinstance(envelope, dict) else {}
        named = {name: fields.get(name) for name in ("source", "id", "type", "subject")}
        self.outcomes.append(named | {"outcome": outcome, "reason": reason})
        return outcome
