"""Faults in festivals and boards: scoring, freezing, lanes' parts, the coordinator, and what `bashgah web` shows."""

from tests.mutants.mutant import Mutant

SCORED = "tests/simulation/test_core_against_auditor.py::test_with_festivals_on_a_replay_clock"
SCORED_LATE = "tests/simulation/test_core_against_auditor.py::test_with_festivals_on_a_wall_clock"
BOARDS_OF_SCORE = "tests/simulation/test_core_against_auditor.py::test_score_makes_the_boards_and_gives_the_awards"
UNDER_FAULTS = "tests/simulation/test_lanes_under_faults.py::test_festivals_on_the_wall_clock"
COMPARISON = "tests/schemas/programme_file/test_comparison.py"
PUBLISH = "tests/bashgah/cli/test_programme_publish.py"
ROUNDS = "tests/engine/programme/test_rounds.py"
BOARD = "tests/engine/boards/test_leaderboard.py"
FINALS = "tests/agents/boards/test_finals.py"
LIVE = "tests/agents/boards/test_live_boards.py"
ACCESS = "tests/bashgah/web/test_access.py"
STREAM = "tests/bashgah/web/test_stream.py"
STANDINGS = "tests/bashgah/web/test_standings.py"
RANKS = "tests/bashgah/serving/test_ranks.py"
SHOWN = "tests/bashgah/web/test_festivals_and_boards.py"

FESTIVALS = (
    Mutant(
        "comparison: a festival's last month is not waited for", "schemas/programme_file/comparison.py",
        "    return max([end, *(_last_due(festival, award) for award in festival.awards)])\n", "    return end\n",
        (f"{COMPARISON}::test_a_festival_waits_for_its_last_month",),
    ),
    Mutant(
        "comparison: the id of a festival that is over may be given again", "schemas/programme_file/comparison.py",
        "        if _terms(old) != _terms(new):\n", "        if False:\n",
        (f"{COMPARISON}::test_the_id_of_a_festival_that_is_over_is_not_given_again",),
    ),
    Mutant(
        "comparison: a version that comes back into force is forgotten", "schemas/programme_file/comparison.py",
        "opens < back.effective and _terms(festival) != _terms(coming)", "False",
        (f"{COMPARISON}::test_a_version_that_comes_back_into_force_has_open_festivals_as_the_new_one",),
    ),
    Mutant(
        "comparison: a festival may be taken out and come back in its run", "schemas/programme_file/comparison.py",
        "held is not None and since < held.opens < back.effective", "False",
        (f"{COMPARISON}::test_a_festival_that_is_taken_out_does_not_come_back_in_its_run",),
    ),
    Mutant(
        "comparison: a version that was replaced at its own date comes back", "schemas/programme_file/comparison.py",
        "later = {each.effective: each for each", "later = {each.version: each for each",
        (f"{COMPARISON}::test_a_version_that_was_replaced_at_its_own_date_does_not_come_back",),
    ),
    Mutant(
        "comparison: terms are taken from the highest number", "schemas/programme_file/comparison.py",
        "key=lambda each: (each.effective, each.version)", "key=lambda each: each.version",
        (f"{COMPARISON}::test_terms_are_those_of_the_version_in_force_not_of_the_highest_number",),
    ),
    Mutant(
        "comparison: a festival stays until now, not until the version takes effect",
        "schemas/programme_file/comparison.py",
        "        if _decided_at(old) >= since:\n", "        if _decided_at(old) >= now:\n",
        (f"{COMPARISON}::test_a_festival_may_go_by_a_version_that_comes_after_all_of_it_is_decided",),
    ),
    Mutant(
        "comparison: a reward that changes is not told", "schemas/programme_file/comparison.py",
        "(before.kind, before.points, before.value_rial) != (after.kind, after.points, after.value_rial)", "False",
        (f"{COMPARISON}::test_a_reward_that_is_worth_something_else_is_told",),
    ),
    Mutant(
        "publishing: what stands over a version is passed over", "agents/topics/programmes.py",
        "        self._publications.check()\n\n    async def follow",
        "\n    async def follow",
        (f"{PUBLISH}::test_what_stands_over_a_version_stops_the_lanes_until_it_is_published_again",),
    ),
    Mutant(
        "publishing: a version that was overwritten is not published again", "bashgah/admin/programmes.py",
        "if any(each.over and each.key == key for each in strays):",
        "if False:",
        (f"{PUBLISH}::test_what_stands_over_a_version_stops_the_lanes_until_it_is_published_again",),
    ),
    Mutant(
        "publishing: only the highest number binds the next version", "bashgah/admin/programmes.py",
        "compare(_read(latest).programme, reading, now, earlier)", "compare(_read(latest).programme, reading, now)",
        (f"{PUBLISH}::test_every_published_version_binds_the_next_one",),
    ),
    Mutant(
        "festival: one that was taken out before its opening is held all the same", "engine/programme/rounds.py",
        "and programme.effective < held.opens:", "and False:",
        (f"{ROUNDS}::test_a_festival_that_is_taken_out_before_it_opens_is_not_to_be",),
    ),
    Mutant(
        "lane's boards: categories that change before the opening are not followed", "agents/boards/lane_boards.py",
        "if _orders(live.category for live in self._boards.get(id, ())) != _orders(festival.categories):",
        "if id not in self._boards:",
        ("tests/agents/boards/test_reports.py::test_boards_follow_categories_that_change_before_the_opening",),
    ),
    Mutant(
        "live boards: what no version has any more stays", "agents/boards/live.py",
        "            return None if shown is None else now\n", "            return None\n",
        (f"{LIVE}::test_a_board_that_no_version_has_any_more_is_withdrawn_and_comes_back_with_it",),
    ),
    Mutant(
        "replay: what the core refuses ticks the midnights before it", "agents/scoring/processor.py",
        "            if replay_clock.passes_midnight(self, activity.time) and "
        "self._decided(rows, activity, record) is None:\n"
        "                return True\n", "",
        ("tests/agents/scoring/test_processor.py::test_what_the_core_refuses_makes_no_midnight_tick",),
    ),
    Mutant(
        "festival: counts after its freeze", "engine/festivals/scores.py",
        "        and not is_frozen(draft, each.id, FINAL)\n", "",
        (SCORED_LATE,),
    ),
    Mutant(
        "festival: counts while the member is away", "engine/festivals/participation.py",
        "            return move.joined\n", "            return True\n",
        (SCORED,),
    ),
    Mutant(
        "festival: joined by choice counts for everyone", "engine/festivals/participation.py",
        "    return not opt_in\n", "    return True\n",
        (SCORED,),
    ),
    Mutant(
        "festival: a frozen month goes on scoring", "engine/festivals/scores.py",
        "    return 0 if is_frozen(draft, festival.id, month_name(month)) else month\n", "    return month\n",
        (SCORED_LATE,),
    ),
    Mutant(
        "festival: a refund changes a frozen final", "engine/festivals/scores.py",
        "    if not is_frozen(draft, old.festival, FINAL):\n        new = new._replace(taken_back=taken_back)",
        "    if taken_back >= 0:\n        new = new._replace(taken_back=taken_back)",
        (SCORED_LATE,),
    ),
    Mutant(
        "festival: no category is reached anew", "engine/festivals/scores.py",
        "{**scores.reached, **dict.fromkeys(touched, at)}", "{**dict.fromkeys(touched, at), **scores.reached}",
        (BOARDS_OF_SCORE,),
    ),
    Mutant(
        "festival: a refund flags no award", "engine/festivals/scores.py",
        "        _flag(draft, cause, festival, marks)\n", "        continue\n",
        (SCORED_LATE,),
    ),
    Mutant(
        "festival: an award is flagged twice", "engine/festivals/scores.py",
        "        if hit and not each.flagged:", "        if hit:",
        (SCORED_LATE,),
    ),
    Mutant(
        "festival: the freeze comes before the lateness is over", "engine/programme/rounds.py",
        "at = max(end + festival.lateness, start)", "at = max(end, start)",
        (SCORED,),
    ),
    Mutant(
        "festival: an erased member's alias stays on frozen boards", "engine/events/erasure.py",
        "{name: (listed, None) for name, (listed, _) in then.items()}", "then",
        ("tests/engine/events/test_erasure.py",),
    ),
    Mutant(
        "board: equals go by name before the instant", "engine/boards/leaderboard.py",
        "    return -score, -then_by, reached_at, member\n", "    return -score, -then_by, 0, member\n",
        (BOARDS_OF_SCORE,),
    ),
    Mutant(
        "board: those behind the edge are forgotten to be looked up", "engine/boards/leaderboard.py",
        "        if self._edge is not None and key >= self._edge:\n            return\n", "",
        (BOARD,),
    ),
    Mutant(
        "board: whoever is too many is not dropped", "engine/boards/leaderboard.py",
        "            del self._kept[self._edge[3]]\n", "",
        (BOARD,),
    ),
    Mutant(
        "final: equal scores have ranks of their own", "engine/boards/final_boards.py",
        "        if at.score != last:\n", "        if place:\n",
        (BOARDS_OF_SCORE,),
    ),
    Mutant(
        "final: a lane's order is cut between its runs", "agents/boards/final_order.py",
        "            chunk += run[:end]\n", "            chunk += run[: end - 1]\n",
        ("tests/agents/boards/test_final_order.py",),
    ),
    Mutant(
        "final: it does not wait for the last lane", "agents/boards/finals.py",
        "return len(by_lane) == self._lanes and all(told.ended is not None for told in by_lane.values())",
        "return all(told.ended is not None for told in by_lane.values())",
        (FINALS,),
    ),
    Mutant(
        "final: a page that comes again may be another", "agents/boards/finals.py",
        "told.digests[page.number] == _digest(page):", "told.digests[page.number] and _digest(page):",
        (f"{FINALS}::test_another_page_in_the_place_of_one_is_refused",),
    ),
    Mutant(
        "final: the hash leaves out what a slice begins with", "engine/boards/merge.py",
        'self._digest.update("".join(lines).encode())', 'self._digest.update("".join(lines[1:]).encode())',
        (f"{FINALS}::test_a_final_board_is_what_sorting_everybody_gives",),
    ),
    Mutant(
        "award: the last place of a range gets none", "engine/boards/merge.py",
        "places = range(prize.first, min(prize.last, len(winners)) + 1)",
        "places = range(prize.first, min(prize.last, len(winners)))",
        (FINALS,),
    ),
    Mutant(
        "award: those that did not fit begin anew", "agents/boards/finals.py",
        "        given += len(some)\n", "",
        (FINALS,),
    ),
    Mutant(
        "erasure: final boards keep the alias", "agents/boards/coordinator.py",
        "            self._outputs += self._rounds.erase(member)\n", "            self._rounds.erase(member)\n",
        (f"{FINALS}::test_erasure_publishes_finals_again_without_the_alias",),
    ),
    Mutant(
        "live board: it shows before every lane was heard of", "agents/boards/live.py",
        "        if not self._complete or self.as_of is None or not versions.in_order:\n",
        "        if self.as_of is None or not versions.in_order:\n",
        (LIVE,),
    ),
    Mutant(
        "live board: it comes back after its final", "agents/boards/live.py",
        'if self._rows.get(named_key(FINALS, f"{name}/{FINAL}")) is not None:', "if not name:",
        (f"{FINALS}::test_a_live_board_does_not_come_back_after_its_final",),
    ),
    Mutant(
        "live board: places are shown that another lane may have better", "engine/boards/merge.py",
        "        return list(islice(places_of(order), min([count, *known])))\n",
        "        return list(islice(places_of(order), count))\n",
        (f"{LIVE}::test_no_place_is_shown_that_a_lane_might_have_another_member_before",),
    ),
    Mutant(
        "lane: a tick alone tells nothing", "agents/boards/reports.py",
        "due = ticked or self._opened", "due = self._opened",
        ("tests/agents/boards/test_reports.py",),
    ),
    Mutant(
        "lane: the rounds that it has told are forgotten", "agents/scoring/frozen_rounds.py",
        "        self._rows[name] = _PUBLISHED + ", "        self._rows[name] = _UNPUBLISHED + ",
        (UNDER_FAULTS,),
    ),
    Mutant(
        "final rank: whoever is listed now is counted, not whoever was then", "bashgah/serving/frozen_boards.py",
        "        found = standing_then(row, category, round_name, month)\n",
        "        found = standing_then(row._replace(shown_then={}), category, round_name, month)\n",
        (f"{RANKS}::test_a_final_board_is_counted_out_of_the_rows_and_asked_for_over_http", UNDER_FAULTS),
    ),
    Mutant(
        "final rank: a member is told of boards that list him now", "bashgah/serving/ranks.py",
        "            found = standing_then(row, category, name, month_of(name))\n",
        "            found = standing_then(row._replace(shown_then={}), category, name, month_of(name))\n",
        (f"{RANKS}::test_a_final_board_is_counted_out_of_the_rows_and_asked_for_over_http", UNDER_FAULTS),
    ),
    Mutant(
        "final rank: a lane that closes has counted all", "bashgah/serving/frozen_boards.py",
        '        raise RanksUnavailable("the member\'s lane is being closed")\n', "        return board\n",
        (f"{RANKS}::test_a_lane_that_closes_ends_a_count_that_is_begun_anew_when_it_is_back",),
    ),
    Mutant(
        "final rank: it is told of another number than was published", "bashgah/web/standings.py",
        "        if counts.listed != held.board.participants:\n", "        if not counts:\n",
        (f"{STANDINGS}::test_where_rows_and_a_final_board_differ_no_rank_is_told",),
    ),
    Mutant(
        "web: whoever is not registered sees scores", "bashgah/web/standings.py",
        "        return scores if scores.registered else msgspec.structs.replace(scores, festivals=())\n",
        "        return scores\n",
        (f"{STANDINGS}::test_scores_are_shown_from_registering_on",),
    ),
    Mutant(
        "web: a token outlives its time", "bashgah/web/tokens.py",
        "        if claims.expires <= now:\n", "        if not claims.expires:\n",
        (f"{ACCESS}::test_a_token_cannot_be_changed_forged_or_outlived",),
    ),
    Mutant(
        "web: a token's signature is not looked at", "bashgah/web/tokens.py",
        " or not hmac.compare_digest(expected.encode(), signature.encode(\"utf-8\", \"replace\")):",
        " or not expected or signature is None:",
        (f"{ACCESS}::test_a_token_cannot_be_changed_forged_or_outlived",),
    ),
    Mutant(
        "web: any scope opens everything", "bashgah/web/gate.py",
        "        elif scope not in key_scopes and not (access is Access.BOARDS and self._public):\n",
        "        elif not key_scopes:\n",
        (f"{ACCESS}::test_each_scope_opens_its_own_requests_and_no_others",),
    ),
    Mutant(
        "web: short references are shown whole", "bashgah/web/masks.py",
        "    shown = min(_SHOWN_MAX, len(reference) // 3)\n", "    shown = _SHOWN_MAX\n",
        (f"{ACCESS}::test_a_masked_reference_shows_a_third_of_it_and_at_most_four",),
    ),
    Mutant(
        "web: whoever comes back misses what changed", "bashgah/web/stream.py",
        "                if viewer.wants(held.key):\n", "                if not viewer:\n",
        (f"{STREAM}::test_whoever_comes_back_gets_the_newest_state_of_what_changed_since",),
    ),
)  # fmt: skip
