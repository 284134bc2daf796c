"""Every private part of Faust and aiokafka that this project touches, and the check that they still are as expected.

Nothing else may reach behind their public interfaces. A release of either can change any of these without a word, so
the versions are pinned exactly and `check` refuses to start with others: whoever raises a pin goes through this module.
"""

import inspect
from importlib.metadata import version
from typing import Any

from agents.process.exit_codes import ClubError, ExitCode

PINS = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}

OVERRIDDEN = {
    "faust.transport.drivers.aiokafka:Consumer._new_consumer_thread": ("self",),
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer": ("self", "transport"),
    "aiokafka.consumer.fetcher:PartitionRecords._unpack_records": ("self",),
    "aiokafka.consumer.fetcher:FetchResult.getall": ("self", "max_records"),
}
"""Private methods that `batch` and `agents.broker.kafka.bounded_fetch` override, with their parameters."""

CALLED = {
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._ensure_consumer": ("self",),
    "aiokafka.consumer.fetcher:FetchResult.check_assignment": ("self", "tp"),
    "aiokafka.consumer.fetcher:PartitionRecords._consume_aborted_up_to": ("self", "batch_offset"),
    "aiokafka.consumer.fetcher:PartitionRecords._contains_abort_marker": ("self", "next_batch"),
}
"""Private methods that are called."""

ATTRIBUTES = {
    "faust.transport.consumer:Consumer.__init__": ("_read_offset",),
    "faust.transport.consumer:Consumer._drain_messages": ("_read_offset", "acks_enabled_for", "suspend_flow"),
    "faust.transport.consumer:ThreadDelegateConsumer.__init__": ("_thread", "_new_consumer_thread"),
    "faust.tables.recovery:Recovery._resume_streams": ("on_rebalance_complete", "perform_seek", "resume_flow"),
    "aiokafka.consumer.consumer:AIOKafkaConsumer.__init__": (
        "_isolation_level",
        "_fetch_max_wait_ms",
        "_partition_assignment_strategy",
    ),
    "aiokafka.consumer.consumer:AIOKafkaConsumer.start": ("_isolation_level", "_fetch_max_wait_ms"),
    # What `agents.broker.kafka.bounded_fetch` puts in the place of aiokafka's own, and what those go by.
    "aiokafka.consumer.fetcher:Fetcher._proc_fetch_request": (
        "MemoryRecords",
        "has_next",
        "size_in_bytes",
        "PartitionRecords",
        "FetchResult",
    ),
    "aiokafka.consumer.fetcher:Fetcher.fetched_records": ("FetchResult", "getall", "has_more", "max_records"),
    "aiokafka.consumer.fetcher:FetchResult.__init__": ("_topic_partition", "_partition_records"),
    "aiokafka.consumer.fetcher:FetchResult._update_position": ("next_fetch_offset", "consumed_to"),
    "aiokafka.consumer.fetcher:PartitionRecords.__init__": (
        "_tp",
        "_records",
        "_check_crcs",
        "_isolation_level",
        "next_fetch_offset",
        "_records_iterator",
        "_unpack_records",
    ),
    "aiokafka.producer.producer:AIOKafkaProducer.stop": ("_sender", "client"),  # closed one by one in agents.broker
}
"""Functions that must go on using these names: private attributes that are set, and calls that the design rests on."""


def check() -> None:
    """Raise `ClubError` unless the installed Faust and aiokafka are the ones that this code was written against."""
    for package, wanted in PINS.items():
        found = version(package)
        if found != wanted:
            raise _changed(package, f"version {found} is installed, {wanted} is needed")
    for place, parameters in (OVERRIDDEN | CALLED).items():
        function = _find(place)
        if tuple(inspect.signature(function).parameters) != parameters:
            raise _changed(place, "has other parameters than expected")
    for place, names in ATTRIBUTES.items():
        used = _names_in(_find(place).__code__)
        for name in names:
            if name not in used:
                raise _changed(place, f"no longer uses {name}")


def make_read_committed(consumer: Any, fetch_wait_ms_max: int) -> None:
    """Set what Faust ties to its own transactions or hard-codes; read by aiokafka when the consumer starts."""
    consumer._isolation_level = "read_committed"
    consumer._fetch_max_wait_ms = fetch_wait_ms_max


def check_assignor(consumer: Any, assignor: Any) -> None:
    """Raise `ClubError` unless the group is balanced by Faust's assignor, which keeps partition numbers together."""
    if list(consumer._partition_assignment_strategy) != [assignor]:
        raise _changed("aiokafka consumer", "is not balanced by Faust's co-partitioning assignor")


def _find(place: str) -> Any:
    module, _, path = place.partition(":")
    found: Any = __import__(module, fromlist=["_"])
    for name in path.split("."):
        found = getattr(found, name, None)
        if found is None:
            raise _changed(place, "is gone")
    return found


def _names_in(code: Any) -> set[str]:
    names = set(code.co_names) | set(code.co_varnames)
    for constant in code.co_consts:
        if inspect.iscode(constant):
            names |= _names_in(constant)
    return names


def _changed(what: str, how: str) -> ClubError:
    pins = " and ".join(f"{package}=={wanted}" for package, wanted in PINS.items())
    return ClubError(what, how, f"install {pins}, as requirements.txt has them", ExitCode.BAD_SETTING)
