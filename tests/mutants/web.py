"""Faults in what keeps servers reachable, in what of earlier boards is shown, and in boards that are exported whole."""

from tests.mutants.mutant import Mutant

CONNECTIONS = "tests/bashgah/serving/test_connections.py"
SHOWN = "tests/bashgah/web/test_festivals_and_boards.py"
STREAM = "tests/bashgah/web/test_stream.py"
PAGES = "tests/bashgah/web/test_pages.py"
FESTIVAL = "tests/bashgah/cli/test_festival.py"
WHOLE = "tests/bashgah/audit/test_whole_finals.py"

WEB = (
    Mutant(
        "connections: who takes an answer slowly is cut off", "bashgah/serving/connections.py",
        "                self._stalls(now)\n            return Cut.WRITE",
        "                pass\n            return Cut.WRITE",
        (f"{CONNECTIONS}::test_who_takes_an_answer_slowly_but_steadily_is_not_cut_off[False]",),
    ),
    Mutant(
        "stream: each viewer has its own copy of all that waits", "bashgah/web/stream.py",
        "if found and size > _TOGETHER_BYTES_MAX:", "if False:",
        (f"{STREAM}::test_of_what_a_viewer_does_not_take_one_state_is_held_and_shared_with_the_others",),
    ),
    Mutant(
        "keys of replays: a changed file waits for the next start", "agents/scoring/age_signatures.py",
        "        self._keys = self._file.value\n", "",
        ("tests/agents/scoring/test_age_signatures.py::test_a_changed_file_is_taken_in_and_a_wrong_one_changes_nothing",),
    ),
    Mutant(
        "connections: half a header is waited for for ever", "bashgah/serving/connections.py",
        "            return Cut.HEADER if now - (self._heard or self._since) > limits.header_s else None\n",
        "            return None\n",
        (f"{CONNECTIONS}::test_a_header_that_drips_is_not_waited_for_longer",),
    ),
    Mutant(
        "connections: the longest waiting one makes no room", "bashgah/serving/connections.py",
        "            room = len(self._open) < limits.connections or self._make_room(self._order)\n",
        "            room = len(self._open) < limits.connections\n",
        (f"{CONNECTIONS}::test_more_connections_than_files_keep_nobody_out_and_write_no_log",),
    ),
    Mutant(
        "connections: requests may take every place", "bashgah/serving/listening.py",
        "        if request.path not in self._always and self.connections.full(connection):\n",
        "        if not self._always:\n",
        (f"{CONNECTIONS}::test_one_address_has_no_more_connections_than_the_setting_and_what_is_busy_is_not_cut_off",),
    ),
    Mutant(
        "connections: every address of IPv6 counts by itself", "bashgah/serving/connections.py",
        "limits, address = self.limits, source_of(address)", "limits = self.limits",
        ("tests/bashgah/serving/test_sources.py::test_a_network_of_ipv6_has_the_connections_of_one_address",),
    ),
    Mutant(
        "web: pages of an earlier state keep their names", "bashgah/web/showing.py",
        "        if newest is not None and newest is not held:\n",
        "        if newest is not None and newest is held:\n",
        (f"{SHOWN}::test_a_page_of_an_earlier_state_has_no_name_that_the_newest_does_not_show",),
    ),
    Mutant(
        "web: an id of another topic is taken for known", "bashgah/web/boards.py",
        "found is not None and found[2] == self._topic and", "found is not None and",
        (f"{STREAM}::test_an_id_that_is_not_known_counts_for_nothing",),
    ),
    Mutant(
        "activity: customers count of whom no board knows", "bashgah/web/activity.py",
        " or event.data.listed is False:\n", ":\n",
        (f"{SHOWN}::test_activity_counts_nobody_whom_no_board_lists",),
    ),
    Mutant(
        "activity: since when is told by this machine's clock", "bashgah/web/activity.py",
        "        self._since = self._club()\n", "        self._since = self._clock()\n",
        (f"{SHOWN}::test_activity_says_since_when_by_the_clubs_clock",),
    ),
    Mutant(
        "web: a page of what is missing stands at the root only", "bashgah/web/pages.py",
        'up = b"../" * (request.rel_url.raw_path.count("/") - 1)', 'up = b""',
        (f"{PAGES}::test_a_person_at_an_address_with_nothing_is_shown_the_way_back",),
    ),
    Mutant(
        "web: programs are shown the page of what is missing", "bashgah/web/pages.py",
        " or request.path.startswith(_FOR_PROGRAMS):\n", ":\n",
        (f"{PAGES}::test_a_program_is_told_the_problem_there",),
    ),
    Mutant(
        "festival board: after the end the live board is looked for", "bashgah/cli/festival.py",
        "final or asked", "asked or final",
        (f"{FESTIVAL}::test_a_final_board_shows_its_hash_and_stands_for_the_live_one",),
    ),
    Mutant(
        "export: an erased member's alias is written", "bashgah/audit/whole_finals.py",
        "if place.member in erased else place", "if not place.member else place",
        (f"{WHOLE}::test_it_is_what_was_published_and_all_that_comes_behind",),
    ),
    Mutant(
        "export: another order than was published is written", "bashgah/audit/whole_finals.py",
        "    if (order.hash, order.participants) != (board.hash, board.participants):\n",
        "    if order.participants != board.participants:\n",
        (f"{WHOLE}::test_where_pages_are_gone_or_come_to_something_else_nothing_is_told",),
    ),
)  # fmt: skip
