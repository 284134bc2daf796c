"""Faults in the state protocol: lanes, their opening and recovery, the merge."""

from tests.mutants.mutant import Mutant

LANE = "tests/agents/lanes/test_lane.py"
MERGE = "tests/agents/lanes/test_merge.py"
OWNERSHIP = "tests/agents/task/test_ownership.py"
LETTERS = "tests/agents/topics/test_dead_letters.py"
OPENING = "tests/agents/lanes/test_opening.py"
REPLAYS = "tests/bashgah/cli/test_signed_replays.py"
SKIP = "tests/bashgah/admin/test_skip.py"
UNDER_FAULTS = "tests/simulation/test_lanes_under_faults.py::test_on_the_wall_clock"

LANES = (
    Mutant(
        "task: what somebody else has written to the changelog is passed over", "agents/task/commit.py",
        "transact(records, {place: self._changelog_end})", "transact(records)",
        (f"{OWNERSHIP}::test_of_two_workers_that_opened_one_lane_one_posts",),
    ),
    Mutant(
        "lane: anybody takes over a watermark that notes nobody", "agents/task/ownership.py",
        "if await _has_read(broker, app_id):", "if True:",
        (f"{OWNERSHIP}::test_an_old_watermark_goes_to_the_id_whose_group_has_read_the_inputs",),
    ),
    Mutant(
        "a dead letter is replayed by another club", "bashgah/admin/dead_letters.py",
        "    await check_club(broker, app_id)\n", "",
        (f"{OWNERSHIP}::test_whoever_has_another_app_id_refuses_before_it_writes[dead_letters]",),
    ),
    Mutant(
        "task: the store is written before the commit", "agents/task/commit.py",
        "        end = (await self._producer.transact(records, {place: self._changelog_end}))[place]\n",
        "        self.store.write(written)\n"
        "        end = (await self._producer.transact(records, {place: self._changelog_end}))[place]\n",
        (UNDER_FAULTS,),
    ),
    Mutant(
        "task: rows go without their watermark", "agents/task/commit.py",
        "self.store.write(written, copy)", "self.store.write(rows, copy)",
        (UNDER_FAULTS,),
    ),
    Mutant(
        "lane: the tick is not waited for", "agents/lanes/lane.py",
        "if tick is None or any(self.inputs[name].consumed < end for name, end in tick.ends.items()):",
        "if tick is None:",
        (f"{LANE}::test_a_tick_takes_its_place_after_what_the_inputs_held_when_the_clock_read_it",),
    ),
    Mutant(
        "lane: the last tick is not remembered", "agents/lanes/lane.py",
        "            last_tick=processor.last_tick,\n            clock",
        "            last_tick=before.last_tick,\n            clock",
        (UNDER_FAULTS,),
    ),
    Mutant(
        "lane: what was undone is taken for done", "agents/lanes/lane.py",
        "        put_back(turn.parts, 0)\n        self._records_max = records_max",
        "        self._records_max = records_max",
        (f"{LANE}::test_too_many_dead_letters_stop_the_worker_at_the_same_record_until_an_operator_decides",),
    ),
    Mutant(
        "lane: the limit of dead letters is passed", "agents/lanes/dead_letter_limit.py",
        "if is_dead and dead >= limit.dead_max:", "if is_dead and dead > limit.dead_max:",
        (f"{LANE}::test_too_many_dead_letters_stop_the_worker_at_the_same_record_until_an_operator_decides",),
    ),
    Mutant(
        "lane: letters of erased members count towards the limit", "agents/lanes/dead_letter_limit.py",
        'if headers["error"] != _ERASED:', "if headers:",
        (f"{LANE}::test_what_is_refused_of_erased_members_never_stops_a_lane",),
    ),
    Mutant(
        "lane: an invalid record of an erased member is kept whole", "agents/scoring/processor.py",
        "any(map(self._is_erased, spoken_of(record)))", "False",
        ("tests/agents/scoring/test_processor.py::test_nothing_is_kept_of_an_erased_member_however_broken_the_record_is[1]",),
    ),
    Mutant(
        "lane: a name is taken as it comes", "agents/scoring/intake.py",
        "if not given or (name := name_of(given)) == given:", "if not given or (name := name_of(given)) != given:",
        ("tests/agents/scoring/test_processor.py::test_a_name_that_is_none_is_left_out_and_counted_and_the_rest_of_the_event_holds",),
    ),
    Mutant(
        "names: a joiner is let pass anywhere", "schemas/member_names.py",
        'if kind == "J" and not (', "if False and not (",
        ("tests/schemas/test_member_names.py::test_what_no_board_may_show_is_no_name",),
    ),
    Mutant(
        "lanes: a run of an earlier assignment is taken", "agents/lanes/lane_set.py",
        "if lane is None or run.epoch != lane.epoch:", "if lane is None:",
        (f"{LANE}::test_a_run_of_another_epoch_is_dropped_and_a_hole_is_a_fault",),
    ),
    Mutant(
        "lanes: a hole is stepped over", "agents/lanes/input.py",
        "if run.start != self.position:", "if run.start < self.position:",
        (f"{MERGE}::test_a_run_that_does_not_follow_is_a_fault",),
    ),
    Mutant(
        "lanes: reading goes on at what was received last, not at the watermark", "agents/lanes/lane.py",
        "{name: Input(name, opened.watermark.offsets[name], decode) for name in INPUT_NAMES}",
        "{name: Input(name, opened.ends[name], decode) for name in INPUT_NAMES}",
        (UNDER_FAULTS,),
    ),
    Mutant(
        "opening: the previous owner is fenced after the changelog was read", "agents/task/opening.py",
        "        await _fence(broker, openings, options, producers)\n        for opening in openings:\n"
        "            stores[opening.spec.name] = opening.store()\n"
        "        ends = await recover_all(broker, openings, stores, described, wall_ms())\n",
        "        for opening in openings:\n"
        "            stores[opening.spec.name] = opening.store()\n"
        "        ends = await recover_all(broker, openings, stores, described, wall_ms())\n"
        "        await _fence(broker, openings, options, producers)\n",
        ("tests/simulation/test_takeover.py::test_what_the_former_owner_does_during_an_opening_is_not_done_twice",),
    ),
    Mutant(
        "opening: a topic made anew is taken for the old one", "agents/task/checks.py",
        "elif watermark.topics.get(place.topic) != ids[place.topic]:", "elif False:",
        (f"{OPENING}::test_a_topic_made_anew",),
    ),
    Mutant(
        "opening: records deleted unread go unnoticed", "agents/task/checks.py",
        "elif offset < begin:", "elif False:",
        (f"{OPENING}::test_records_deleted_before_they_were_read",),
    ),
    Mutant(
        "opening: a lane's torn transaction goes unnoticed", "agents/task/opening.py",
        "        await check_ends(spec, known, partial(ends_of, broker, [spec]))\n", "",
        (f"{OPENING}::test_a_transaction_that_was_committed_in_part",),
    ),
    Mutant(
        "opening: a journal that is ahead is taken for whole", "agents/task/same_end.py",
        "newest == watermark.transactions", "newest >= watermark.transactions",
        (f"{OPENING}::test_a_transaction_that_was_committed_in_part",),
    ),
    Mutant(
        "opening: what the next owner commits is taken for a tear", "agents/task/same_end.py",
        "[(_, difference)] = await lasting_differences(read)", "difference = known.difference()",
        (f"{OPENING}::test_what_the_next_owner_commits_during_an_opening_is_no_tear",),
    ),
    Mutant(
        "opening: the coordinator's torn transaction goes unnoticed", "agents/task/opening.py",
        "        await check_ends(spec, known, partial(ends_of, broker, [spec]))\n", "",
        ("tests/agents/boards/test_opening.py::test_a_transaction_that_was_committed_in_part",),
    ),
    Mutant(
        "opening: the newest entry is not looked for behind aborted ones", "agents/topics/newest_records.py",
        "if place not in found and starts[place] > begins[place]}", "if False}",
        ("tests/contract/test_transactions.py::test_the_newest_record_is_found_behind_what_was_aborted",),
    ),
    Mutant(
        "recovery: an old copy is kept", "tables/recovery.py",
        "<= delete_retention_ms // 2", "<= delete_retention_ms * 2",
        (f"{OPENING}::test_a_copy_that_is_too_old_or_of_another_changelog_is_made_anew",),
    ),
    Mutant(
        "recovery: a copy that fell behind is taken for current", "tables/recovery.py",
        "position = copy.offset if copy is not None else 0", "position = end if copy is not None else 0",
        (UNDER_FAULTS,),
    ),
    Mutant(
        "verify: records between two entries are passed over", "bashgah/audit/journal.py",
        "not anew and entry.starts != ends", "False",
        ("tests/bashgah/audit/test_journal.py",),
    ),
    Mutant(
        "verify: whatever is missing was compacted away", "bashgah/audit/comparison.py",
        "        if begun and not self._compacted:\n            raise _difference(output, found)\n", "",
        ("tests/bashgah/audit/test_comparison.py",),
    ),
    Mutant(
        "merge: ties in reverse order", "agents/lanes/merge.py",
        "key = (head.activity.time, index)", "key = (head.activity.time, -index)",
        (f"{MERGE}::test_goes_by_the_heads_whatever_the_batches",),
    ),
    Mutant(
        "merge: nobody is waited for", "agents/lanes/merge.py",
        "[source for source in empty if source.behind and not source.overdue]", "list(empty[:0])",
        (f"{MERGE}::test_a_head_waits_for_an_input_that_is_behind",
         f"{LANE}::test_a_purchase_does_not_overtake_the_registration_before_it"),
    ),
    Mutant(
        "merge: an input at its end counts as behind", "agents/lanes/input.py",
        "return self.position < self.stable", "return self.position <= self.stable",
        (f"{MERGE}::test_the_position_counts_and_not_the_last_record",),
    ),
    Mutant(
        "dead letter: the bytes of a record of any size are kept", "schemas/dead_letter.py",
        "if content is None or len(content) <= WHOLE_BYTES_MAX:", "if content is None or WHOLE_BYTES_MAX:",
        (f"{LETTERS}::test_every_letter_fits_a_record",),
    ),
    Mutant(
        "dead letter: a part of a record is replayed for the whole", "bashgah/admin/dead_letters.py",
        "        if record is None or not _is_whole(letter, record):", "        if record is None:",
        ("tests/bashgah/cli/test_dead_letter.py::test_a_part_of_a_record_is_never_replayed_for_the_whole",),
    ),
    Mutant(
        "skip: a record is left out that is not the next", "bashgah/admin/resume.py",
        "if record is not None and record.offset == offset:", "if record is not None and record.offset <= offset:",
        (f"{SKIP}::test_only_the_record_that_comes_next_is_left_out",),
    ),
    Mutant(
        "skip: what comes behind the record is passed over too", "bashgah/admin/resume.py",
        "skip.topic: last + 1}", "skip.topic: found.extents.ends[place]}",
        (f"{SKIP}::test_a_lane_that_fails_on_a_record_names_it_and_goes_on_without_it",),
    ),
    Mutant(
        "skip: no letter tells of it", "bashgah/admin/lanes.py",
        "        return [left_out(record, self._partition, operator, reason, rows)]", "        return []",
        (f"{SKIP}::test_a_record_is_left_out_whatever_it_is",),
    ),
    Mutant(
        "lane: a record that it fails on is named while others are in the turn", "agents/lanes/culprit.py",
        "    if len(items) == 1 and alone:", "    if alone:",
        (f"{SKIP}::test_a_lane_that_fails_on_a_record_names_it_and_goes_on_without_it",),
    ),
    Mutant(
        "too old: anybody's headers let an event pass", "agents/scoring/age_signatures.py",
        "        return hmac.compare_digest(wanted.encode(), signature)", "        return bool(wanted)",
        (f"{REPLAYS}::test_a_signature_holds_for_one_record_and_one_decision",),
    ),
    Mutant(
        "too old: the value is not signed", "agents/scoring/age_signatures.py",
        'sha256(value or b"").digest(), *decided', "*decided",
        (f"{REPLAYS}::test_a_signature_holds_for_one_record_and_one_decision",),
    ),
    Mutant(
        "too old: a signature holds for ever", "agents/scoring/age_signatures.py",
        "not -ahead_ms <= now - int(at) <= valid_ms", "not -ahead_ms <= now - int(at)",
        (f"{REPLAYS}::test_a_signed_decision_counts_once_however_often_its_record_is_copied",),
    ),
    Mutant(
        "too old: an event that was let pass is forgotten as if it were new", "engine/events/event_rows.py",
        "else day_of(activity.time), clock.kept_from)", "else day_of(activity.time), 0)",
        (f"{REPLAYS}::test_a_signed_decision_counts_once_however_often_its_record_is_copied",),
    ),
    Mutant(
        "too old: a refund that was let pass waits as if it were new", "engine/ledger/due.py",
        "max(day_of(entry.time), entry.kept_from) >= first", "day_of(entry.time) >= first",
        (f"{REPLAYS}::test_a_signed_refund_waits_for_its_payment_as_long_as_any_other",),
    ),
    Mutant(
        "too old: a letter that stays counts as the one with which its event is accepted",
        "bashgah/admin/dead_letters.py",
        "                why = known.get(event)\n",
        '                why = known.get(event)\n                known.setdefault(event, "accepted")\n',
        (
            "tests/bashgah/cli/test_dead_letter.py"
            "::test_a_letter_that_stays_keeps_no_other_of_its_event_from_being_replayed",
        ),
    ),
    Mutant(
        "too old: the journal does not say what was let pass", "agents/lanes/transaction.py",
        "            passed=passed,\n", "",
        (f"{REPLAYS}::test_the_journal_lists_what_was_let_pass_and_verify_needs_no_key",),
    ),
    Mutant(
        "too old: keys that anybody can read are used", "agents/scoring/age_signatures.py",
        "if not stat.S_ISREG(mode) or mode & 0o077:", "if not stat.S_ISREG(mode):",
        ("tests/agents/scoring/test_age_signatures.py::test_a_file_that_others_may_read_is_refused",),
    ),
)
