"""Faults in what is read of files that people bring, and in what they are told of it."""

from tests.mutants.mutant import Mutant, scenario

REFUSED = "tests/schemas/programme_file/test_refusals.py"
SCORE = "tests/bashgah/cli/test_score.py"
PROVINCE = "tests/engine/rules/test_province.py"
EXPLAINED = "tests/bashgah/cli/text/test_rules.py"

FILES = (
    Mutant(
        "programme: month averages may be published", "schemas/programme_file/not_executed.py",
        "            if MONTH_CLOSED in rule.events:\n", "            if rule.events == (MONTH_CLOSED,):\n",
        (f"{REFUSED}::test_a_file_is_read_and_refused_where_it_would_do_nothing",),
    ),
    Mutant(
        "programme: an indicator waits without a word", "schemas/programme_file/not_executed.py",
        "    lists += [(f\"festivals[{i}].indicators\"", "    [(f\"festivals[{i}].indicators\"",
        (f"{REFUSED}::test_a_file_is_read_and_refused_where_it_would_do_nothing",),
    ),
    Mutant(
        "programme: members see an indicator's id without a warning", "schemas/programme_file/festivals.py",
        "at_least=1, seen=True)", "at_least=1)",
        ("tests/schemas/programme_file/test_errors.py::test_a_problem_is_found_where_it_is",),
    ),
    Mutant(
        "programme: a comma in braces cuts a number", "schemas/programme_file/nodes.py",
        "        if self._of_a_number(node, top):\n", "        if False:\n",
        ("tests/schemas/programme_file/test_errors.py::test_a_problem_is_found_where_it_is",),
    ),
    Mutant(
        "events: a byte order mark is the first event's", "bashgah/offline/event_files.py",
        "line = line.removeprefix(codecs.BOM_UTF8)\n", "line = line[:]\n",
        (f"{SCORE}::test_the_mark_that_editors_put_first_costs_nobody_an_event",),
    ),
    Mutant(
        "score: who was left nothing met no cap", "engine/ledger/caps.py",
        "    if granted < desired:\n", "    if 0 < granted < desired:\n",
        (f"{SCORE}::test_members_that_caps_left_nothing_are_members_at_a_cap",),
    ),
    Mutant(
        "spelling: old events are decided by the new comparison", "engine/ledger/evaluation.py",
        "    if meaning < 1:\n        return MemberStanding", "    if False:\n        return MemberStanding",
        ("tests/engine/test_spelling.py::test_segments_merchants_and_audiences_meet_what_the_bank_sends",),
    ),
    Mutant(
        "spelling: an audience is compared byte by byte", "engine/programme/compiler.py",
        "set(map(alike, audience[0].names))", "audience[0].names",
        ("tests/engine/test_spelling.py::test_segments_merchants_and_audiences_meet_what_the_bank_sends",),
    ),
    Mutant(
        "province: old events are decided by what is known now", "engine/rules/province.py",
        "            if not standing.as_seen:\n", "            if False:\n",
        (f"{PROVINCE}::test_what_was_decided_by_the_events_own_field_is_decided_so_again",),
    ),
    Mutant(
        "province: it is compared byte by byte", "engine/rules/province.py",
        "alike(province) in as_seen", "province in names",
        (f"{PROVINCE}::test_a_rule_looks_at_where_the_member_lives_when_the_event_is_evaluated",),
    ),
    Mutant(
        "audience: one of several conditions is enough", "engine/programme/compiler.py",
        "each.test() for each in festival.audience)", "each.test() for each in festival.audience[:1])",
        (f"{PROVINCE}::test_an_audience_may_ask_for_a_province_alone_or_beside_segments",
         scenario("members: the province in which a member lives")),
    ),
    Mutant(
        "explain: what is less than a step was rounded", "engine/explanation/rules.py",
        "        return Verdict.NO_FULL_STEP\n", "        return Verdict.ROUNDED_TO_NOTHING\n",
        (f"{EXPLAINED}::test_what_comes_to_nothing_says_by_which_figure",),
    ),
    Mutant(
        "explain: an equal rival comes to more", "bashgah/cli/text/rules.py",
        "        if trace.rival_desired == trace.desired:\n", "        if False:\n",
        (f"{EXPLAINED}::test_an_equal_rival_is_not_said_to_pay_more",),
    ),
    Mutant(
        "programme: what was meant is guessed without an end", "schemas/programme_file/problems.py",
        "        if self.compared + len(known) > COMPARED_MAX:\n", "        if False:\n",
        ("tests/schemas/programme_file/test_errors.py::test_guessing_what_was_meant_has_an_end",),
    ),
)  # fmt: skip
