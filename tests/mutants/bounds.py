"""Faults in what bounds a record: pages, parts and boards that end at bytes, and rows that grow no further."""

from tests.mutants.mutant import Mutant

ALONE = "tests/tables/test_row_bounds.py"
ROWS = "tests/agents/lanes/test_row_bounds.py"
BYTES = "tests/properties/test_record_bytes.py"
NAMES = "tests/agents/boards/test_long_names.py"

BOUNDS = (
    Mutant(
        "bounds: a page ends at a number of places only", "agents/boards/final_order.py",
        "count = fitting(places[:PLACES_A_PAGE], PLACES_BYTES_A_PAGE)", "count = len(places[:PLACES_A_PAGE])",
        (f"{NAMES}::test_a_page_ends_at_a_number_of_places_or_at_the_bytes_of_a_row[long]",),
    ),
    Mutant(
        "bounds: of a page that ends elsewhere what is known is taken again", "agents/boards/finals.py",
        "places=page.places[known - page.first :]", "places=page.places",
        (f"{NAMES}::test_whoever_is_erased_between_two_tellings_of_a_round_changes_no_place[1-long]",),
    ),
    Mutant(
        "bounds: of a page that ends elsewhere nothing is compared", "agents/boards/finals.py",
        "if not same or page.first > known", "if page.first > known",
        (f"{NAMES}::test_another_order_is_refused_wherever_its_pages_end[False]",),
    ),
    Mutant(
        "bounds: a page that a release before told is kept with all its names", "agents/boards/finals.py",
        "    if len(raw) < ROW_BYTES_MAX:\n        return raw\n", "    if raw:\n        return raw\n",
        (f"{NAMES}::test_an_upgrade_in_the_middle_of_a_freeze[1-middling]",),
    ),
    Mutant(
        "bounds: a row grows until nobody can write it", "agents/scoring/processor.py",
        "return with_room(rows, decide(rows, activity, self.versions, clock), self.meaning)",
        "return decide(rows, activity, self.versions, clock)",
        (
            f"{ROWS}::test_a_month_of_balances_under_a_thousand_rules_fills_no_row[2000]",
            f"{ROWS}::test_numbers_that_no_row_holds_are_refused_with_their_event[points]",
        ),
    ),
    Mutant(
        "bounds: what a decision adds is not taken off", "tables/row_bounds.py",
        "    rows.room = left\n", "    rows.room = max(rows.room, left)\n",
        (f"{ROWS}::test_what_every_decision_of_a_batch_adds_counts",),
    ),
    Mutant(
        "bounds: rows that an event does not write refuse it", "tables/row_bounds.py",
        "        left = codec.ROW_BYTES_MAX - max(largest, _others(rows, decision, meaning))\n",
        "        left = codec.ROW_BYTES_MAX - max(largest, _others(rows, decision, meaning))\n"
        "        if left < reserved:\n            raise Overgrown(_BYTES, codec.ROW_BYTES_MAX - reserved)\n",
        (f"{ALONE}::test_what_an_event_comes_to_does_not_hang_on_its_batch",),
    ),
    Mutant(
        "bounds: a row that was too large before refuses what makes it smaller", "tables/row_bounds.py",
        "size > bytes_max and size > _known(key, rows.get(key), meaning)", "size > bytes_max",
        (f"{ALONE}::test_what_an_event_comes_to_does_not_hang_on_its_batch",),
    ),
    Mutant(
        "bounds: what a batch has written already is not measured", "tables/row_bounds.py",
        "    written = {key for each in rows.unmeasured for key in each} - decision.rows.keys()\n",
        "    written: set[bytes] = set()\n",
        (f"{ALONE}::test_what_refunds_add_to_the_row_of_a_payment_counts_in_every_batch[100-3]",),
    ),
    Mutant(
        "bounds: what a tick adds is not measured", "agents/scoring/processor.py",
        "            grown_by_the_clock(rows)\n", "",
        (f"{ALONE}::test_what_a_tick_adds_counts_in_every_batch",),
    ),
    Mutant(
        "bounds: a batch ends at numbers only", "agents/scoring/batch.py",
        "            or self.bytes >= limits.bytes_max\n", "",
        (f"{ALONE}::test_a_batch_ends_at_the_bytes_of_what_it_writes",),
    ),
    Mutant(
        "bounds: a score is larger than boards can hold", "engine/festivals/scores.py",
        "    _require_bounded(scores, weights)\n", "",
        (f"{ROWS}::test_numbers_that_no_row_holds_are_refused_with_their_event[a score]",),
    ),
    Mutant(
        "bounds: a final board holds all its lines", "schemas/board_outputs.py",
        "return _fitting(of, data.entries, FINAL_BYTES_MAX)", "return of(data.entries)",
        (f"{BYTES}::test_boards_of_the_widest_names_fit[escaped-800]",),
    ),
    Mutant(
        "bounds: live parts are counted by their places only", "agents/boards/reports.py",
        "(places > PLACES_A_RECORD or size + added > PARTS_BYTES_A_RECORD)", "places > PLACES_A_RECORD",
        (f"{BYTES}::test_live_parts_fit_whoever_comes_and_goes",),
    ),
    Mutant(
        "bounds: every last day that was announced is remembered", "engine/ledger/notifications.py",
        "remembered[-ANNOUNCED_MAX:] if draft.clock.meaning >= 1 else remembered", "remembered",
        ("tests/engine/events/test_refunds.py::test_a_row_remembers_the_latest_of_the_last_days_that_it_announced[1]",),
    ),
    Mutant(
        "bounds: events leave the clock no room in a row", "tables/row_bounds.py",
        "reserved = CLOCK_BYTES if meaning >= 1 else 0", "reserved = 0",
        (f"{ROWS}::test_a_month_of_balances_under_a_thousand_rules_fills_no_row[2000]",),
    ),
    Mutant(
        "bounds: an idle lane carries the versions that it adopts for ever", "agents/lanes/lane.py",
        " or changes.outputs or turn.full\n", " or changes.outputs\n",
        ("tests/agents/lanes/test_catch_up.py::test_a_lane_that_is_idle_writes_down_the_versions_that_it_adopts",),
    ),
    Mutant(
        "bounds: an export takes again what a page told again has in common", "bashgah/audit/whole_finals.py",
        "islice(places_of_page(raw), known, None)", "islice(places_of_page(raw), 0, None)",
        (f"{NAMES}::test_an_export_joins_the_pages_of_before_and_after_an_erasure",),
    ),
)  # fmt: skip
