"""Faults in the order of what is told, in what is told of points that live shortly, and in how old meanings go on."""

from tests.mutants.mutant import Mutant, scenario

OVERTAKEN = scenario("members: what was told earlier and comes later changes nothing back")
SHORT_LIVES = scenario("members: points that live for less than the lead are announced when they become active")
REOPENED = scenario("deposits: of openings and closings of an account the latest by its own time")
DAY_TO_COME = scenario("deposits: a balance of a day that has not come")
RECORDED = "tests/releases/test_recorded_clubs.py"
SET_BEFORE = "test_what_was_set_before_times_were_kept_gives_way_to_refusals_and_to_the_present_day_alone"
ORDER = "tests/properties/test_order.py"

MEANING = (
    Mutant(
        "order: what is older changes what is newer", "engine/events/membership.py",
        "        return at <= activity.time\n", "        return True\n",
        (OVERTAKEN, f"{ORDER}::test_any_order_comes_to_the_same"),
    ),
    Mutant(
        "order: of equal times the earlier processed holds", "engine/events/membership.py",
        "        return at <= activity.time\n", "        return at < activity.time\n",
        (OVERTAKEN, REOPENED),
    ),
    Mutant(
        "order: what was set before gives way to no old refusal", "engine/events/membership.py",
        "return not known or refuses or", "return not known or", (f"{RECORDED}::{SET_BEFORE}",),
    ),
    Mutant(
        "order: what was set before gives way to anything", "engine/events/membership.py",
        "return not known or refuses or activity.time >= draft.head.settled", "return True",
        (f"{RECORDED}::{SET_BEFORE}",),
    ),
    Mutant(
        "order: an old refusal opens the door to what is newer than it", "engine/events/membership.py",
        "return max(kept, draft.head.settled) if kept is not None and at is None and known else kept", "return kept",
        (f"{RECORDED}::{SET_BEFORE}",),
    ),
    Mutant(
        "accounts: opening again undoes no closing", "engine/events/deposits.py",
        "opened=day, closed=None, at=at", "opened=day, at=at",
        (REOPENED, f"{ORDER}::test_in_their_order_the_last_word_holds"),
    ),
    Mutant(
        "balances: a day to come is taken", "engine/activity.py",
        "self.moment > self.time and self.day > day_of(self.time)", "False",
        (DAY_TO_COME, f"{ORDER}::test_no_balance_of_a_day_to_come_is_taken"),
    ),
    Mutant(
        "balances: the running day is refused", "engine/activity.py",
        "self.moment > self.time and self.day > day_of(self.time)", "self.moment > self.time",
        (DAY_TO_COME,),
    ),
    Mutant(
        "short lives: what an event makes active is not announced", "engine/scoring.py",
        "        if draft.activated:\n", "        if False:\n", (SHORT_LIVES,),
    ),
    Mutant(
        "short lives: what the clock makes active is not announced", "engine/ledger/due.py",
        "    if draft.activated:\n", "    if False:\n", (SHORT_LIVES,),
    ),
    Mutant(
        "short lives: announced in quiet hours", "engine/ledger/notifications.py",
        "values, not_before(version, instant), midnight(expiry + 1)", "values, instant, midnight(expiry + 1)",
        (SHORT_LIVES,),
    ),
    Mutant(
        "short lives: what was announced is announced again", "engine/ledger/notifications.py",
        "    if points and told not in draft.head.announced:\n", "    if points:\n",
        (SHORT_LIVES,),
    ),
    Mutant(
        "meaning: the release before announced short lives too", "engine/ledger/notifications.py",
        "    if version is None or draft.clock.meaning == 0:\n", "    if version is None:\n",
        (f"{RECORDED}::test_it_verifies_as_it_was_recorded",),
    ),
    Mutant(
        "meaning: the release before went by time too", "engine/events/membership.py",
        "    if draft.clock.meaning == 0:\n        return True", "    if False:\n        return True",
        (f"{RECORDED}::test_it_verifies_as_it_was_recorded",),
    ),
    Mutant(
        "meaning: the release before let accounts open again", "engine/events/deposits.py",
        "    if draft.clock.meaning == 0:\n", "    if False:\n",
        (f"{RECORDED}::test_it_verifies_as_it_was_recorded",),
    ),
    Mutant(
        "meaning: the release before refused days to come", "agents/scoring/processor.py",
        "if self.meaning > 0 and activity.is_of_the_future():", "if activity.is_of_the_future():",
        (f"{RECORDED}::test_it_verifies_as_it_was_recorded",),
    ),
    Mutant(
        "meaning: old rows get new fields", "tables/codec.py",
        "        value = _FORMAT_1[key[0]](value)\n", "        pass\n",
        (f"{RECORDED}::test_it_verifies_as_it_was_recorded",),
    ),
    Mutant(
        "meaning: old accounts get new fields", "tables/codec.py",
        "account[:_ACCOUNT_FIELDS_1]", "account", (f"{RECORDED}::test_it_verifies_as_it_was_recorded",),
    ),
    Mutant(
        "walk: with a clock that nobody has read", "agents/scoring/processor.py",
        "        self._read_clock()  # nothing may have been read since the lane was opened\n", "",
        ("tests/bashgah/audit/test_lanes.py"
         "::test_a_version_with_a_new_lead_that_is_adopted_at_the_start_forgets_nobody",),
    ),
    Mutant(
        "erased: the times of consents stay", "engine/events/erasure.py",
        '    "settled": "', '    "consents_at": "",\n    "settled": "',
        ("tests/properties/test_erasure.py::test_nothing_but_totals_stays_of_an_erased_member",),
    ),
)  # fmt: skip
