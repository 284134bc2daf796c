"""Faults in the embedded broker: what is visible, who may write, at which offsets."""

from tests.mutants.mutant import Mutant

TRANSACTIONS = "tests/contract/test_transactions.py"
READING = "tests/contract/test_reading.py"
EMBEDDED = "tests/bashgah/embedded/test_broker.py"
LOG = "bashgah/embedded/log.py"

BROKER = (
    Mutant(
        "broker: aborted records are visible", LOG,
        "        for place in transaction.entries:\n            self._partitions[place].end += 1\n",
        "        self._store(transaction.entries, {p: self._partitions[p].end + 1 for p in transaction.entries})\n",
        (f"{TRANSACTIONS}::test_a_new_holder_aborts_the_open_transaction",),
    ),
    Mutant(
        "broker: an abort leaves no control record", LOG,
        "self._partitions[place].end += 1\n        self._release",
        "self._partitions[place].end += 0\n        self._release",
        (f"{TRANSACTIONS}::test_a_new_holder_aborts_the_open_transaction",),
    ),
    Mutant(
        "broker: a commit leaves no control record", LOG,
        "{place: self._partitions[place].end + 1 for place in entries}",
        "{place: self._partitions[place].end for place in entries}",
        (f"{TRANSACTIONS}::test_a_position_passes_the_control_record",),
    ),
    Mutant(
        "broker: the last stable offset is ignored", LOG,
        "return min(self.open.values(), default=self.end)", "return self.end",
        (f"{TRANSACTIONS}::test_an_open_transaction_is_invisible_and_holds_back_what_follows",),
    ),
    Mutant(
        "broker: a zombie may write", LOG,
        "if self._epochs.get(transactional_id) != epoch:", "if False:",
        (f"{TRANSACTIONS}::test_a_zombie_is_fenced_when_it_sends_and_for_ever",),
    ),
    Mutant(
        "broker: a new holder leaves the open transaction open", LOG,
        "= next(self._epoch)\n        self._end(transactional_id)\n        return",
        "= next(self._epoch)\n        return",
        (f"{TRANSACTIONS}::test_a_new_holder_aborts_the_open_transaction",),
    ),
    Mutant(
        "broker: transact returns the last offset", LOG,
        "return {place: records[-1].offset + 1 for", "return {place: records[-1].offset for",
        (f"{TRANSACTIONS}::test_transact_returns_the_offset_after_the_last_record",),
    ),
    Mutant(
        "broker: transactions never time out", LOG,
        "if transaction.opened_ms < oldest_ms:", "if False:",
        (f"{EMBEDDED}::test_a_transaction_left_open_too_long_is_aborted_and_its_producer_fenced",),
    ),
    Mutant(
        "broker: a position outside the log is read", LOG,
        "if not partition.begin <= position <= partition.end:", "if False:",
        (f"{READING}::test_a_position_outside_the_log_is_refused_until_it_is_mended",),
    ),
    Mutant(
        "broker: compaction keeps the first of each key", "bashgah/embedded/upkeep.py",
        "                removed.append(latest[entry.key].offset)\n            latest[entry.key] = entry\n",
        "                removed.append(entry.offset)\n            latest.setdefault(entry.key, entry)\n",
        (f"{EMBEDDED}::test_compaction_keeps_the_last_of_each_key_and_every_offset",),
    ),
    Mutant(
        "partitioner: the sign is kept", "schemas/kafka/partitioner.py",
        "(murmur2(key) & 0x7FFFFFFF) % partitions", "murmur2(key) % partitions",
        ("tests/schemas/kafka/test_partitioner.py::test_the_sign_is_dropped_before_the_remainder",),
    ),
    Mutant(
        "kafka: a cluster that names no broker is given up at once", "agents/broker/kafka/client.py",
        "            while not await _started(client):\n", "            if not await _started(client):\n",
        ("tests/agents/broker/kafka/test_client.py::test_a_cluster_whose_brokers_are_coming_back_is_asked_again",),
    ),
)  # fmt: skip
