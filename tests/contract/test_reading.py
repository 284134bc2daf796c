"""Readers and offsets."""

import asyncio
import time

import pytest

from agents.broker.errors import OffsetOutOfRange, UnknownTopic
from schemas.records import OutputRecord, Record, TopicPartition
from tests.contract.sites import Site, connected, new_topic, outputs, read_to_end, values


async def test_a_record_comes_back_as_it_was_written(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        written = [
            OutputRecord(topic, 0, b"key", b"value", (("one", b"1"), ("two", b""), ("one", "سه".encode()))),
            OutputRecord(topic, 0, None, b"without a key"),
            OutputRecord(topic, 0, b"tombstone", None),
            OutputRecord(topic, 0, b"", b""),
        ]
        before_ms = int(time.time() * 1000)
        producer = await broker.producer(f"id-{topic}")
        await producer.transact(written)
        await broker.publish(written)
        after_ms = int(time.time() * 1000)
        found = (await read_to_end(broker, topic))[0]
        for record, output in zip(found, [*written, *written], strict=True):
            assert record == Record(topic, 0, record.offset, record.timestamp, *output[2:])
            assert isinstance(record, Record)
            assert isinstance(record.headers, tuple)
            assert before_ms <= record.timestamp <= after_ms
        offsets = [record.offset for record in found]
        assert offsets[:4] == [0, 1, 2, 3]
        # A commit is answered before its control record is in the log: what is published next may come ahead of it.
        assert offsets[4:] in ([5, 6, 7, 8], [4, 5, 6, 7])
        await producer.close()


async def test_publishing_keeps_the_order_of_each_partition(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker, 3)
        many = [OutputRecord(topic, number % 3, b"k", b"%d" % number) for number in range(3_000)]
        await broker.publish(many[:1_500])
        await broker.publish(many[1_500:])
        found = await read_to_end(broker, topic, 3)
        for number in range(3):
            assert [record.value for record in found[number]] == [b"%d" % value for value in range(number, 3_000, 3)]


async def test_reading_from_an_offset_and_seeking(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        await broker.publish(outputs(topic, *"abcdef"))
        reader = await broker.reader()
        await reader.assign({place: 2})
        assert await reader.position(place) == 2
        first = await reader.fetch(5_000, 2)
        assert [record.value for record in first[place]] == [b"c", b"d"]
        assert await reader.position(place) == 4
        reader.seek(place, 1)
        assert await reader.position(place) == 1
        again = await reader.fetch(5_000, 1)
        assert [record.value for record in again[place]] == [b"b"]
        await reader.close()


async def test_a_new_assignment_replaces_the_old(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker, 2)
        await broker.publish([*outputs(topic, "a"), *outputs(topic, "b", partition=1)])
        reader = await broker.reader()
        await reader.assign({TopicPartition(topic, 0): 0})
        assert list(await reader.fetch(5_000, 10)) == [(topic, 0)]
        await reader.assign({TopicPartition(topic, 1): 0})
        assert list(await reader.fetch(5_000, 10)) == [(topic, 1)]
        await reader.assign({})
        assert await reader.fetch(10, 10) == {}
        await reader.close()
        await reader.close()


@pytest.mark.parametrize("position", [1, 7])
async def test_a_position_outside_the_log_is_refused_until_it_is_mended(site: Site, position: int) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        await broker.publish(outputs(topic, *"abcdef"))
        await site.lose_records(place, 2)
        assert await broker.begin_offsets([place]) == {place: 2}
        reader = await broker.reader()
        await reader.assign({place: position})
        for _ in range(2):
            with pytest.raises(OffsetOutOfRange) as error:
                await reader.fetch(5_000, 10)
            assert (error.value.topic, error.value.partition, error.value.position) == (topic, 0, position)
        reader.seek(place, 2)
        assert [record.value for record in (await reader.fetch(5_000, 1))[place]] == [b"c"]
        await reader.close()


async def test_the_end_itself_is_a_fine_position(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        assert await broker.begin_offsets([place]) == await broker.end_offsets([place]) == {place: 0}
        await broker.publish(outputs(topic, "a", "b"))
        assert await broker.end_offsets([place]) == {place: 2}
        await site.lose_records(place, 2)
        assert await broker.begin_offsets([place]) == {place: 2}
        reader = await broker.reader()
        await reader.assign({place: 2})
        assert await reader.fetch(300, 10) == {}
        await broker.publish(outputs(topic, "c"))
        assert [record.offset for record in (await reader.fetch(5_000, 10))[place]] == [2]
        await reader.close()


async def test_fetch_waits_for_the_first_record_and_no_longer(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        reader = await broker.reader()
        await reader.assign({TopicPartition(topic, 0): 0})
        await broker.publish([])
        began = time.monotonic()
        assert await reader.fetch(300, 10) == {}
        assert 0.25 < time.monotonic() - began < 3
        waiting = asyncio.ensure_future(reader.fetch(20_000, 10))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await broker.publish(outputs(topic, "a"))
        assert [record.value for record in (await waiting)[TopicPartition(topic, 0)]] == [b"a"]
        assert time.monotonic() - began < 3
        await reader.close()


async def test_fetch_keeps_to_its_count_and_starves_nobody(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker, 3)
        full, small = TopicPartition(topic, 0), {TopicPartition(topic, 1), TopicPartition(topic, 2)}
        await broker.publish([OutputRecord(topic, 0, b"k", b"v")] * 1_000)
        await broker.publish([OutputRecord(place.topic, place.partition, b"k", b"v") for place in small])
        reader = await broker.reader()
        await reader.assign({full: 0, **dict.fromkeys(small, 0)})
        missing, rounds = set(small), 0
        while missing and rounds < 100:
            # It never runs dry, so that the others come only if they are let.
            await broker.publish([OutputRecord(topic, 0, b"k", b"v")] * 100)
            fetched = await reader.fetch(2_000, 100)
            assert 0 < sum(map(len, fetched.values())) <= 100
            missing -= set(fetched)
            rounds += 1
        assert not missing
        await reader.close()


async def test_a_paused_partition_returns_nothing_and_keeps_its_place(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker, 2)
        paused, other = TopicPartition(topic, 0), TopicPartition(topic, 1)
        await broker.publish([*outputs(topic, "a", "b", "c"), *outputs(topic, "d", partition=1)])
        reader = await broker.reader()
        await reader.assign({paused: 0})
        # Its other records may have been fetched ahead by now.
        assert [record.value for record in (await reader.fetch(5_000, 1))[paused]] == [b"a"]
        reader.pause([paused])
        assert await reader.fetch(300, 10) == {}
        assert await reader.position(paused) == 1
        reader.resume([paused])
        assert [record.value for record in (await reader.fetch(5_000, 10))[paused]] == [b"b", b"c"]
        await reader.assign({paused: 0, other: 0})
        reader.pause([paused])
        assert [record.value for record in (await reader.fetch(5_000, 10))[other]] == [b"d"]
        assert await reader.fetch(200, 10) == {}
        await reader.close()


async def test_offsets_by_time(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        await broker.publish(outputs(topic, "a"))
        await asyncio.sleep(0.02)
        between_ms = int(time.time() * 1000)
        await asyncio.sleep(0.02)
        await broker.publish(outputs(topic, "b", "c"))
        assert await broker.offsets_at([place], 0) == {place: 0}
        assert await broker.offsets_at([place], between_ms) == {place: 1}
        assert await broker.offsets_at([place], between_ms + 3_600_000) == {place: 3}
        assert await broker.offsets_at([], 0) == {}


async def test_partitions_that_do_not_exist_are_named(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        reader = await broker.reader()
        for wrong in (TopicPartition(topic, 1), TopicPartition(f"{topic}-no", 0)):
            for attempt in (broker.end_offsets([wrong]), broker.begin_offsets([wrong]), reader.assign({wrong: 0})):
                with pytest.raises(UnknownTopic) as error:
                    await attempt
                assert wrong.topic in error.value.field
        await reader.close()
        assert await values(broker, topic) == []
