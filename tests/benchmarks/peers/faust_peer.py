"""Plain Faust as its documentation teaches: one agent, a RocksDB table with its changelog, at least once.

python faust_peer.py worker -l info --without-web
"""

import os

import faust

_GIVEN = os.environ
_RIAL_PER_POINT = 100_000


class Data(faust.Record):
    amount: int
    mcc: str
    merchant: str
    terminal: str
    channel: str
    card: str


class Event(faust.Record, serializer="json"):
    id: str
    source: str
    type: str
    time: str
    subject: str
    data: Data


app = faust.App(
    _GIVEN["BENCHMARK_GROUP"],
    broker="kafka://" + _GIVEN["BENCHMARK_BOOTSTRAP"],
    store="rocksdb://",
    datadir=_GIVEN["BENCHMARK_FOLDER"],
    topic_partitions=4,
    web_enabled=False,
    processing_guarantee="at_least_once",
    value_serializer="json",
)
purchases = app.topic(_GIVEN["BENCHMARK_INPUT"], key_type=str, key_serializer="raw", value_type=Event)
outputs = app.topic(_GIVEN["BENCHMARK_OUTPUT"], key_serializer="raw", value_serializer="json")
totals = app.Table("totals", default=int, partitions=4)


@app.agent(purchases)
async def score(stream):  # type: ignore[no-untyped-def]  # as in Faust's own examples
    async for event in stream:
        points = event.data.amount // _RIAL_PER_POINT
        if points:
            total = totals[event.subject] = totals[event.subject] + points
            await outputs.send(key=event.subject, value=[event.id, points, total])


if __name__ == "__main__":
    app.main()
