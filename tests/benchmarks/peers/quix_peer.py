"""Quix Streams, exactly once: a stateful function, RocksDB state with its changelog.

python quix_peer.py
"""

import os

import orjson
from quixstreams import Application

_GIVEN = os.environ
_RIAL_PER_POINT = 100_000

app = Application(
    broker_address=_GIVEN["BENCHMARK_BOOTSTRAP"],
    consumer_group=_GIVEN["BENCHMARK_GROUP"],
    auto_offset_reset="earliest",
    state_dir=_GIVEN["BENCHMARK_FOLDER"],
    processing_guarantee="exactly-once",
    commit_interval=float(_GIVEN.get("BENCHMARK_COMMIT_S", "5.0")),
)
purchases = app.topic(_GIVEN["BENCHMARK_INPUT"], key_deserializer="bytes", value_deserializer="bytes")
outputs = app.topic(_GIVEN["BENCHMARK_OUTPUT"], key_serializer="bytes", value_serializer="bytes")


def score(raw, state):  # type: ignore[no-untyped-def]  # as in its own examples
    event = orjson.loads(raw)
    points = event["data"]["amount"] // _RIAL_PER_POINT
    if not points:
        return None
    total = state.get("total", 0) + points
    state.set("total", total)
    return orjson.dumps([event["id"], points, total])


stream = app.dataframe(purchases)
stream = stream.apply(score, stateful=True)
stream = stream.filter(lambda output: output is not None)
stream.to_topic(outputs)

if __name__ == "__main__":
    app.run()
