"""Faults in what operators are told, and in what they install."""

from tests.mutants.mutant import Mutant

OPERATIONS = (
    Mutant(
        "operations: a broker that is away is said at each question", "agents/broker/watch.py",
        "elif now - self._said >= _SAY_AGAIN_S:", "else:",
        ("tests/agents/broker/test_watch.py::test_the_log_says_it_at_once_then_once_a_minute_then_that_it_is_over",),
    ),
    Mutant(
        "operations: readiness never hears that the broker is back", "agents/broker/watch.py",
        "            self._tell(None)\n", "",
        ("tests/agents/broker/test_watch.py::test_a_worker_is_not_ready_while_the_broker_does_not_answer_and_lives",),
    ),
    Mutant(
        "operations: a worker is ready without a broker", "monitoring/health.py",
        "if self._broker is not None:", "if False:",
        ("tests/agents/broker/test_watch.py::test_a_worker_is_not_ready_while_the_broker_does_not_answer_and_lives",),
    ),
    Mutant(
        "operations: the Kafka clients fill the log", "monitoring/logs.py",
        "and super().filter(record)", "",
        ("tests/monitoring/test_logs.py::test_libraries_that_try_for_ever_say_so_a_few_times_a_minute",),
    ),
    Mutant(
        "operations: the way out of a refusal lacks what it wants", "agents/task/refusal.py",
        " --operator NAME --reason WHY`", "`",
        ("tests/bashgah/admin/test_skip.py::test_a_lane_that_fails_on_a_record_names_it_and_goes_on_without_it",),
    ),
    Mutant(
        "operations: an old entry's letter is worded anew", "agents/scoring/ages.py",
        "    if meaning < 1:\n", "    if meaning < 0:\n",
        ("tests/agents/scoring/test_ages.py::test_by_how_much_is_said_in_words_and_of_old_entries_as_it_was",),
    ),
    Mutant(
        "operations: what is over a limit is read as the limit", "agents/scoring/ages.py",
        "-(-ms // of_smaller) * of_smaller if up else ms", "ms",
        ("tests/agents/scoring/test_ages.py::test_by_how_much_is_said_in_words_and_of_old_entries_as_it_was",),
    ),
    Mutant(
        "operations: a command makes the directory that was mistyped", "bashgah/brokers.py",
        "if directory and not create and", "if directory and create and",
        ("tests/bashgah/test_brokers.py::test_a_mistyped_directory_is_told_and_not_made",),
    ),
    Mutant(
        "operations: the first workers of two machines have one name", "deploy/systemd/bashgah-worker@.service",
        "MEMBER_ID=%H-%i", "MEMBER_ID=worker-%i",
        ("tests/deploy/test_compose.py::test_workers_of_two_machines_and_two_of_one_have_names_and_ports_of_their_own",),
    ),
)  # fmt: skip
