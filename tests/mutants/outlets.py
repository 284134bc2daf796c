"""Faults in what goes out: to terminals, spreadsheets and files."""

from tests.mutants.mutant import Mutant

OUTLETS = (
    Mutant(
        "terminal: directions and C1 controls come through",
        "monitoring/safe_text.py",
        "return text.isprintable() or all(",
        "return text.isprintable() or not text.isascii() or all(",
        ("tests/monitoring/test_safe_text.py::test_nothing_comes_through",),
    ),
    Mutant(
        "csv: a formula behind a separator is written as it came",
        "bashgah/cli/text/csv_tables.py",
        "(^|[;,|\\t])(",
        "(^)(",
        ("tests/bashgah/cli/text/test_csv_tables.py::test_a_formula_is_a_text",),
    ),
    Mutant(
        "csv: a quote behind a separator hides the sign behind it",
        "bashgah/cli/text/csv_tables.py",
        """([\\s"'""",
        "([\\s",
        ("tests/bashgah/cli/text/test_csv_tables.py::test_a_formula_is_a_text",),
    ),
    Mutant(
        "terminal: a text that opens a bracket makes a tag of what stands behind it",
        "bashgah/cli/consoles.py",
        'replace("[", rf"\\[{_NO_TAG}")',
        'replace("[", rf"\\[")',
        ("tests/bashgah/cli/test_consoles.py::test_whatever_stands_around_it",),
    ),
    Mutant(
        "terminal: emoji codes are replaced",
        "bashgah/cli/consoles.py",
        ", emoji=False)",
        ")",
        ("tests/bashgah/cli/test_consoles.py::test_cells_of_a_table_too",),
    ),
    Mutant(
        "progress: verify is silent until its end",
        "bashgah/cli/verify.py",
        "await verify(broker, partition, stores, told)",
        "await verify(broker, partition, stores)",
        ("tests/bashgah/cli/test_progress.py::test_verify_tells_of_each_lane_on_the_way",),
    ),
    Mutant(
        "postings: one that does not follow is listed as any other",
        "bashgah/audit/member_postings.py",
        "if expected != found:",
        "if False:",
        ("tests/bashgah/cli/test_member_postings.py::test_a_posting_that_was_lost_or_made_is_found",),
    ),
    Mutant(
        "postings: an activation gives its points once more",
        "bashgah/audit/member_postings.py",
        'frozenset({"points.activated", ',
        "frozenset({",
        (
            "tests/bashgah/cli/test_member_postings.py::test_every_posting_is_listed_with_what_explains_it",
            "tests/bashgah/cli/test_member_postings.py::test_what_retention_has_deleted_is_the_opening_balance",
        ),
    ),
    Mutant(
        "words: an indicator of a festival is shown by its id alone",
        "bashgah/cli/text/titles.py",
        "return named(self._indicators.get((festival, id), {}), id)",
        "return named({}, id)",
        ("tests/bashgah/cli/test_member_festivals.py::test_a_members_festivals_are_shown",),
    ),
    Mutant(
        "words: a lane is called a part",
        "bashgah/cli/text/members.py",
        "خط پردازش",
        "بخش",
        (
            "tests/bashgah/cli/test_member.py::test_a_member_is_shown",
            "tests/architecture/test_words.py::test_persian_has_the_glossarys_word_where_english_says_the_term",
        ),
    ),
    Mutant(
        "names: marks behind joiners are not counted",
        "schemas/member_names.py",
        'return _kind(character) in "LN" and any(',
        "return any(",
        ("tests/schemas/test_member_names.py::test_what_no_board_may_show_is_no_name",),
    ),
    Mutant(
        "files: what a link points to is replaced",
        "tables/files.py",
        "if stat.S_ISLNK(mode):",
        "if stat.S_ISLNK(mode) and not path.exists():",
        (
            "tests/tables/test_files.py::test_no_link_is_followed_or_replaced[replaced]",
            "tests/tables/test_files.py::test_no_link_is_followed_or_replaced[created]",
        ),
    ),
    Mutant(
        "files: a file in part can be read by others",
        "tables/files.py",
        "return os.open(part, _NEW, FILE_MODE)",
        "return os.open(part, _NEW)",
        ("tests/tables/test_files.py::test_whatever_is_made_is_for_the_owner_alone",),
    ),
    Mutant(
        "files: root goes on in another user's file",
        "tables/files.py",
        "if status.st_uid != os.geteuid():",
        "if False:",
        ("tests/tables/test_files.py::test_another_users_file_is_not_continued_by_root_either",),
    ),
    Mutant(
        "files: keys of any owner are trusted",
        "tables/files.py",
        "if status.st_uid not in (0, os.geteuid()):",
        "if False:",
        ("tests/tables/test_files.py::test_keys_of_another_user_are_not_trusted",),
    ),
    Mutant(
        "commands: who is told to end leaves half of an export",
        "bashgah/cli/main.py",
        "    raise SystemExit(ExitCode.HUNG_UP",
        "    os._exit(ExitCode.HUNG_UP",
        (
            "tests/bashgah/cli/test_ending.py::test_an_export_that_is_told_to_end_leaves_no_part[1-129]",
            "tests/bashgah/cli/test_ending.py::test_an_export_that_is_told_to_end_leaves_no_part[15-143]",
        ),
    ),
    Mutant(
        "set-up: what root installs is root's alone",
        "requirements/setup.sh",
        "umask 022",
        ":",
        ("tests/deploy/test_setup.py::test_an_installation_replaces_the_one_before_and_the_services_user_can_read_it",),
    ),
    Mutant(
        "set-up: the tests replace what is in service",
        "requirements/setup.sh",
        "[ ! -e .venv/bin/pytest ]; then",
        "[ -e .venv/bin/pytest ]; then",
        ("tests/deploy/test_setup.py::test_work_in_the_folder_of_an_installation_is_refused[test]",),
    ),
    Mutant(
        "masking: a phone number with its area cut off is shown",
        "bashgah/admin/masking.py",
        "> DIGITS_MAX",
        "> DIGITS_MAX + 3",
        (
            "tests/bashgah/admin/test_masking.py::test_a_number_that_is_somebodys_is_hidden_in_every_field_however_it_is_written",
        ),
    ),
    Mutant(
        "letters: what meaning 0 quoted is written still",
        "agents/scoring/processor.py",
        "fault.detail if self.meaning >= 1 else fault.detail_before",
        "fault.detail_before",
        (
            "tests/agents/scoring/test_processor.py::"
            "test_a_letter_quotes_no_name_of_a_record_but_the_letters_of_meaning_0_that_did",
        ),
    ),
    Mutant(
        "masking: a quotation whose end was cut off is shown",
        "bashgah/admin/masking.py",
        '(?:\\"|$)", re.DOTALL)',
        '\\"", re.DOTALL)',
        ("tests/bashgah/admin/test_masking.py::test_a_reason_quotes_nobody",),
    ),
    Mutant(
        "topics: what was replaced may stay for ever",
        "bashgah/admin/provision.py",
        "value.isdigit() and int(value) <= int(wanted)",
        "value.isdigit()",
        ("tests/bashgah/cli/test_topics.py::test_what_a_newer_record_replaces_must_go_in_time",),
    ),
    Mutant(
        "keys: a file that everybody can read is taken",
        "tables/files.py",
        "(stat.S_IWGRP | stat.S_IRWXO)",
        "(stat.S_IWGRP | stat.S_IWOTH)",
        ("tests/bashgah/web/test_access.py::test_a_file_of_keys_that_anybody_can_read_or_add_to_is_refused",),
    ),
)
