"""Bytewax: Kafka source and sink, a stateful step, its SQLite recovery store (at least once).

python -m bytewax.recovery FOLDER 4 && python -m bytewax.run bytewax_peer.py:flow -r FOLDER -s 10 -b 0 -w 1
"""

import os

import bytewax.operators as op
import orjson
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow

_GIVEN = os.environ
_BROKERS = [_GIVEN["BENCHMARK_BOOTSTRAP"]]
_RIAL_PER_POINT = 100_000


def decode(message):  # type: ignore[no-untyped-def]  # as in its own examples
    event = orjson.loads(message.value)
    return event["subject"], (event["id"], event["data"]["amount"])


def score(total, purchase):  # type: ignore[no-untyped-def]
    event, amount = purchase
    points = amount // _RIAL_PER_POINT
    total = (total or 0) + points
    return total, ([(event, points, total)] if points else ())


def encode(keyed):  # type: ignore[no-untyped-def]
    return KafkaSinkMessage(keyed[0].encode(), orjson.dumps(keyed[1]))


flow = Dataflow("common-task")
source = KafkaSource(
    _BROKERS, [_GIVEN["BENCHMARK_INPUT"]], tail=True, add_config={"group.id": _GIVEN["BENCHMARK_GROUP"]}
)
stream = op.input("purchases", flow, source)
stream = op.map("decode", stream, decode)
stream = op.stateful_flat_map("score", stream, score)
stream = op.map("encode", stream, encode)
op.output("outputs", stream, KafkaSink(_BROKERS, _GIVEN["BENCHMARK_OUTPUT"], {"partitioner": "murmur2_random"}))
