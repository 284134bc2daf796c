"""Faults in the rules: engine, schemas, and the processor."""

from tests.mutants.mutant import Mutant, scenario

EVALUATION = "tests/engine/ledger/test_evaluation.py"
DEPOSITS = "tests/engine/events/test_deposits.py"
REFUNDS = "tests/engine/events/test_refunds.py"
PROPERTIES = "tests/properties"
ORDER_OF_TAKING = scenario(
    "refunds: a refund takes its own lot, then what is on hold, latest first, then what is active, soonest expiry first"
)
ON_REPLAY = "tests/simulation/test_core_against_auditor.py::test_on_a_replay_clock"

EARNING = (
    Mutant(
        "rounding: halves go down", "engine/units.py",
        "return (2 * numerator + denominator) // (2 * denominator)",
        "return (2 * numerator + denominator - 1) // (2 * denominator)",
        (f"{EVALUATION}::test_an_exact_rate_is_rounded_half_up_once", scenario("refunds: half a point is rounded up")),
    ),
    Mutant(
        "rounding: after each multiplier", "engine/ledger/evaluation.py",
        "            denominator *= multiplier.denominator\n",
        "            numerator, denominator = round_half_up(numerator, denominator * multiplier.denominator), 1\n",
        (scenario("caps: multipliers multiply one another and are rounded once"),),
    ),
    Mutant(
        "exclusive: a tie goes to the first of the file", "engine/ledger/evaluation.py",
        "(-entry.desired, entry.rule.id) < (-rival.desired, rival.rule.id)", "-entry.desired < -rival.desired",
        (scenario("caps: of an exclusive group the highest before caps, then the lowest id"),),
    ),
    Mutant(
        "exclusive: a rule paid once still takes part", "engine/ledger/evaluation.py",
        "if rule.once and rule.id in once and rule.id not in paid:", "if False:",
        (scenario("caps: a rule paid once takes no part in its group any more"),),
    ),
    Mutant(
        "excluded MCCs are not", "engine/ledger/evaluation.py",
        'getattr(activity.data, "mcc", None) in version.excluded_mcc', "False",
        (scenario("club: the grocery bonus on thursdays and fridays"),),
    ),
    Mutant(
        "a minimum is exclusive", "engine/rules/between.py",
        "is not None and v >= low\n", "is not None and v > low\n",
        (scenario("tejarat: a customer's first week"), scenario("sepah: from two million rial on")),
    ),
    Mutant(
        "hours: `until` is inside", "engine/calendar.py",
        "return self.begin <= minute < self.until", "return self.begin <= minute <= self.until",
        (f"{EVALUATION}::test_conditions_on_time",),
    ),
    Mutant(
        "the version of the moment before", "engine/programme/versions.py",
        "index = bisect_right(self._starts, instant)", "index = bisect_right(self._starts, instant - 1)",
        (scenario("time: a version comes into force at midnight"),),
    ),
    Mutant(
        "who has left still earns", "engine/events/payments.py",
        "    if draft.head.status == Status.LEFT:\n        reason = Reason.LEFT\n    else:", "    if True:",
        (scenario("members: leaving the club and coming back"),),
    ),
)  # fmt: skip

CAPS = (
    Mutant(
        "week: from Sunday", "engine/calendar.py",
        "return (day + 5) % 7", "return (day + 4) % 7",
        (scenario("caps: a week runs from saturday to friday, over the end of a month"),),
    ),
    Mutant(
        "week: only the part in this month", "engine/ledger/caps.py",
        "(draft.counters(month_number(d)).get(rule) or {}).get(jalali(d).day, 0)",
        "(draft.counters(month_number(day)).get(rule) or {}).get(jalali(d).day, 0)",
        (scenario("caps: a week runs from saturday to friday, over the end of a month"),),
    ),
    Mutant(
        "caps: the day is not looked at", "engine/ledger/caps.py",
        "granted = min(granted, max(0, caps.day - month.get(date.day, 0)))", "granted = min(granted, caps.day)",
        (scenario("caps: nothing reopens room under a cap"),
         f"{PROPERTIES}/test_caps_and_refunds.py::test_no_period_gives_more_than_its_caps"),
    ),
    Mutant(
        "caps: a transaction's counts each revision anew", "engine/ledger/caps.py",
        "caps.transaction - already", "caps.transaction",
        (scenario("deposits: corrections under the caps"),),
    ),
    Mutant(
        "caps: a year's starts with the version that brings it", "engine/ledger/caps.py",
        "if rule in draft.versions.yearly_from_start or not _ever_scored(draft.head):", "if True:",
        (f"{PROPERTIES}/test_adoption.py::test_a_cap_looks_back_to_what_was_given_before_it_was_known_of",),
    ),
    Mutant(
        "caps: what only festivals gave is forgotten", "engine/ledger/caps.py",
        "    return bool(head.issued or head.festivals)\n", "    return bool(head.issued)\n",
        ("tests/agents/scoring/test_processor.py::test_a_cap_that_comes_later_knows_what_a_festival_gave",),
    ),
    Mutant(
        "caps: what was desired is counted", "engine/ledger/caps.py",
        "counted = {**month, 0: month.get(0, 0) + granted,", "counted = {**month, 0: month.get(0, 0) + desired,",
        (scenario("caps: what one cap cuts off does not count under another"),),
    ),
)  # fmt: skip

REFUNDING = (
    Mutant(
        "refund: more than the whole", "engine/units.py",
        "round_half_up(granted * min(part, whole), whole)", "round_half_up(granted * part, whole)",
        (scenario("refunds: a refund in parts"),
         f"{PROPERTIES}/test_caps_and_refunds.py::test_a_refund_takes_its_share_and_never_more_than_was_granted"),
    ),
    Mutant(
        "refund: parked ones in reverse order", "engine/events/refunds.py",
        "(*waiting, entry)", "(entry, *waiting)",
        (scenario("refunds: refunds that come ahead of their purchase"),),
    ),
    Mutant(
        "refund: what is on hold earliest first", "engine/ledger/lots.py",
        "key=lambda lot: (-lot.activation, lot.expiry))", "key=lambda lot: (lot.activation, lot.expiry))",
        (ORDER_OF_TAKING,),
    ),
    Mutant(
        "refund: the own lot is like any other", "engine/ledger/lots.py",
        "    if own is None:\n        return order\n", "    if True:\n        return order\n",
        (scenario("refunds: its own lot comes first"),),
    ),
    Mutant(
        "refund: debt where it is forgiven", "engine/ledger/lots.py",
        "    if unlimited:\n", "    if not unlimited:\n",
        (scenario("refunds: debt is paid by later points"),
         scenario("refunds: a chargeback lost and won; what was forgiven is undone first")),
    ),
    Mutant(
        "debt: more is paid off than is owed", "engine/ledger/lots.py",
        "unowed = min(points - unforgiven, owed, head.debt)", "unowed = min(points - unforgiven, owed)",
        (scenario("refunds: a won chargeback pays off what is still owed for it"),),
    ),
    Mutant(
        "debt: swallows nothing on activation", "engine/ledger/lots.py",
        "    if head.debt:\n        swallowed", "    if False:\n        swallowed",
        (scenario("refunds: debt is paid by later points"),
         f"{PROPERTIES}/test_conservation.py::test_points_are_conserved_for_each_member_at_every_step"),
    ),
    Mutant(
        "once: reopened by part of a refund", "engine/events/refunds.py",
        "if not part and holder == original:", "if holder == original:",
        (scenario("refunds: once a member, and the whole refund that reopens it"),),
    ),
    Mutant(
        "once: not closed again by a won chargeback", "engine/events/refunds.py",
        "elif part and won and holder is None and", "elif False and",
        (scenario("refunds: a won chargeback closes once again"),),
    ),
    Mutant(
        "once: closed again by a part of a refund", "engine/events/refunds.py",
        "elif part and won and", "elif part and",
        ("tests/engine/ledger/test_evaluation.py::test_a_part_of_a_refund_does_not_use_once_up_again",),
    ),
    Mutant(
        "retention: a row that must have gone refuses its namesake", "engine/scoring.py",
        "if 0 < head.next_due <= tick and", "if False and",
        ("tests/engine/events/test_refunds.py::test_an_id_may_come_again_after_a_tick_that_has_not_come_to_its_row_yet",),
    ),
    Mutant(
        "retention: a row goes before its time", "engine/scoring.py",
        "if 0 < head.next_due <= tick and 0 < clock.forgets(seen.day) <= tick:", "if clock.forgets(seen.day):",
        ("tests/engine/events/test_refunds.py::test_an_id_may_come_again_after_a_tick_that_has_not_come_to_its_row_yet",),
    ),
    Mutant(
        "balance: an equal revision counts", "engine/events/deposits.py",
        "data.revision <= before.revision", "data.revision < before.revision",
        (f"{DEPOSITS}::test_a_balance_is_scored_once_a_date_and_an_equal_or_lower_revision_is_ignored",
         scenario("parsian: balances are corrected")),
    ),
    Mutant(
        "balance: earns on its closing date", "engine/events/deposits.py",
        "activity.day >= account.closed", "activity.day > account.closed",
        (scenario("sepah: from its closing date on an account earns nothing"),),
    ),
    Mutant(
        "balance: stands when it is told", "schemas/events.py",
        "moment = _stands_at(data.date) if", "moment = time if",
        (scenario("deposits: a balance stands at the end of its date"),),
    ),
)  # fmt: skip

TIME = (
    Mutant(
        "lots: active a day late", "engine/programme/compiler.py",
        "activation = day + points.pending_days", "activation = day + points.pending_days + 1",
        (scenario("lots: twelve months from the day of activation"),),
    ),
    Mutant(
        "lots: validity from the event's day", "engine/programme/compiler.py",
        "return activation, last_day(points, activation)", "return activation, last_day(points, day)",
        (scenario("lots: twelve months from the day of activation"),),
    ),
    Mutant(
        "lots: a missing day moves to the next month", "engine/calendar.py",
        "return jalali_day(year, month, min(date.day, month_length(year, month)))",
        "return jalali_day(year, month, 1) + date.day - 1",
        (scenario("lots: a day that the later month does not have"),),
    ),
    Mutant(
        "lots: the month is not rounded up", "engine/programme/compiler.py",
        "return month_end(last)", "return last",
        (scenario("lots: expiry rounded up to the end of the month"), scenario("club: from a purchase to its expiry")),
    ),
    Mutant(
        "lots: the year is rounded up to the month", "engine/programme/compiler.py",
        "return year_end(last)", "return month_end(last)",
        (scenario("lots: expiry rounded up to the end of the year"),),
    ),
    Mutant(
        "lots: lapse when their last day begins", "engine/ledger/due.py",
        "if lot.expiry != NEVER and midnight(lot.expiry + 1) <= instant:",
        "if lot.expiry != NEVER and midnight(lot.expiry) <= instant:",
        (ON_REPLAY,),
    ),
    Mutant(
        "lots: a late event's do not lapse", "engine/ledger/lots.py",
        "if midnight(expiry + 1) <= draft.horizon:", "if False:",
        (scenario("lots: an event that comes months late"),),
    ),
    Mutant(
        "threshold: rewarded twice", "engine/ledger/rewards.py",
        "head.qualified < threshold.points or threshold.id in head.reached", "head.qualified < threshold.points",
        (scenario("club: caps by purchase and day, and the reward at a thousand points"),
         f"{REFUNDS}::test_a_threshold_is_rewarded_the_first_time_only_and_its_points_feed_no_threshold"),
    ),
    Mutant(
        "notice: told twice of one last day", "engine/ledger/notifications.py",
        "if points and told not in draft.head.announced:", "if points:",
        (scenario("members: a version that tells later does not tell twice"),),
    ),
    Mutant(
        "quiet hours: always until the next day", "engine/ledger/notifications.py",
        "(day if minute < quiet.until else day + 1)", "(day + 1)",
        (scenario("members: quiet hours and consents"),),
    ),
    Mutant(
        "midnight: 00:00 on a night without one", "engine/calendar.py",
        "return next(start for start in _STARTS[max(index - 1, 1) :] if local_ms(start) >= wall)",
        "return wall - _OFFSETS[max(index - 1, 0)] - DAY_MS // 24",
        (scenario("time: the midnight that does not exist"),),
    ),
)  # fmt: skip

PROCESSING = (
    Mutant(
        "duplicates: other content passes as one", "engine/scoring.py",
        "return DUPLICATE if seen.content == activity.content else CONFLICT", "return DUPLICATE",
        (scenario("tejarat: an event is delivered twice"),
         f"{PROPERTIES}/test_repetition.py::test_other_content_under_a_known_id_is_refused_and_changes_nothing"),
    ),
    Mutant(
        "duplicates: not looked for", "engine/scoring.py",
        "    if seen is None:\n        return None\n", "    if True:\n        return None\n",
        (f"{PROPERTIES}/test_repetition.py::test_any_event_again_changes_nothing_but_the_count_of_duplicates",),
    ),
    Mutant(
        "erased: rows stay", "tables/overlay.py",
        "        if decision.erase:\n", "        if False:\n",
        (f"{PROPERTIES}/test_erasure.py::test_nothing_but_totals_stays_of_an_erased_member",),
    ),
    Mutant(
        "erased: what came later is kept in the dead letter", "agents/topics/dead_letters.py",
        "b\"\" if code is Reason.ERASED else record.value", "record.value",
        (f"{PROPERTIES}/test_erasure.py::test_nothing_but_totals_stays_of_an_erased_member",),
    ),
    Mutant(
        "replay clock: no tick at midnight", "agents/scoring/replay_clock.py",
        "if target is not None and not self.tick_until(processor, target):", "if False:",
        (ON_REPLAY,),
    ),
    Mutant(
        "due index: old entries stay", "agents/scoring/batch.py",
        "                if member.due:\n", "                if False:\n",
        (f"{PROPERTIES}/test_splits.py::test_any_cut_into_batches_gives_the_same",),
    ),
    Mutant(
        "outputs: two of one kind share an id", "schemas/outputs.py",
        "self._counts[counted] = index + 1", "self._counts[counted] = index",
        (f"{PROPERTIES}/test_output_ids.py::test_no_two_outputs_share_an_id_and_each_is_of_the_contract",),
    ),
    Mutant(
        "dead letters: the tolerance is not kept", "agents/scoring/ages.py",
        "if ahead > limits.ahead_ms_max:", "if ahead > 2 * limits.ahead_ms_max:",
        ("tests/fuzz/test_damaged_records.py",),
    ),
    Mutant(
        "wrong partition: taken all the same", "agents/scoring/processor.py",
        "if rows.values[HEAD] is None and partition_of(record.key, self.partitions) != self.partition:", "if False:",
        ("tests/fuzz/test_damaged_records.py",),
    ),
)  # fmt: skip

CORE = (*EARNING, *CAPS, *REFUNDING, *TIME, *PROCESSING)
