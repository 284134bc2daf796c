"""Transactions: all or nothing, fencing, the last stable offset."""

import asyncio

import pytest

from agents.broker.errors import BrokerError, Fenced, OutcomeUnknown, Overtaken, RecordTooLarge, UnknownTopic
from agents.broker.interface import Producer
from agents.topics.newest_records import newest_records
from schemas.records import BATCH_BYTES_MAX, OutputRecord, TopicPartition
from tests.contract.sites import Held, Site, connected, new_topic, outputs, read_to_end, values


async def begun(producer: Producer, held: Held, records: list[OutputRecord]) -> asyncio.Task[object]:
    """Start a transaction that is held before its commit."""
    task: asyncio.Task[object] = asyncio.ensure_future(producer.transact(records))
    arrival = asyncio.ensure_future(held.arrived.wait())
    await asyncio.wait([task, arrival], return_when=asyncio.FIRST_COMPLETED)
    arrival.cancel()
    if task.done():
        task.result()
    return task


async def test_a_committed_transaction_is_visible_when_transact_returns(site: Site) -> None:
    async with connected(site) as broker:
        first, second = await new_topic(broker, 2), await new_topic(broker)
        producer = await broker.producer(f"id-{first}")
        written = [*outputs(first, "a", "b"), *outputs(second, "c"), *outputs(first, "d", partition=1)]
        await producer.transact([*written, *outputs(first, "e")])
        assert await values(broker, first) == ["a", "b", "e"]
        assert await values(broker, first, 1) == ["d"]
        assert await values(broker, second) == ["c"]
        await producer.close()


async def test_transact_returns_the_offset_after_the_last_record(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker, 2)
        producer = await broker.producer(f"id-{topic}")
        ends = await producer.transact([*outputs(topic, "a", "b"), *outputs(topic, "c", partition=1)])
        assert ends == {(topic, 0): 2, (topic, 1): 1}
        # The control record of the first transaction has the offset between.
        assert await producer.transact(outputs(topic, "d")) == {(topic, 0): 4}
        assert await broker.end_offsets(ends) == {(topic, 0): 5, (topic, 1): 2}
        await producer.close()


async def test_a_position_passes_the_control_record(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        producer = await broker.producer(f"id-{topic}")
        ends = await producer.transact(outputs(topic, "a"))
        reader = await broker.reader()
        await reader.assign(ends)
        assert await reader.fetch(500, 10) == {}
        assert await reader.position(place) == ends[place] + 1 == (await broker.end_offsets([place]))[place]
        await producer.transact(outputs(topic, "b"))
        assert [record.offset for record in (await reader.fetch(5_000, 10))[place]] == [2]
        await reader.close()
        await producer.close()


async def test_an_open_transaction_is_invisible_and_holds_back_what_follows(site: Site) -> None:
    async with connected(site) as broker:
        topic, other = await new_topic(broker), await new_topic(broker)
        places = [TopicPartition(topic, 0), TopicPartition(other, 0)]
        await broker.publish(outputs(topic, "before"))
        producer, held = await site.held_producer(broker, f"id-{topic}")
        task = await begun(producer, held, [*outputs(topic, "open"), *outputs(other, "open")])
        await broker.publish(outputs(topic, "after"))
        assert await broker.end_offsets(places) == {places[0]: 1, places[1]: 0}
        assert await values(broker, topic) == ["before"]
        assert await values(broker, other) == []
        held.released.set()
        await task
        assert await values(broker, topic) == ["before", "open", "after"]
        assert await values(broker, other) == ["open"]
        await producer.close()


async def test_a_new_holder_aborts_the_open_transaction(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        old, held = await site.held_producer(broker, f"id-{topic}")
        task = await begun(old, held, outputs(topic, "lost", "lost too"))
        new = await broker.producer(f"id-{topic}")
        assert (await broker.end_offsets([place]))[place] == 3, "two aborted records and their control record"
        assert await values(broker, topic) == []
        await new.transact(outputs(topic, "kept"))
        found = await read_to_end(broker, topic)
        assert [(record.offset, record.value) for record in found[0]] == [(3, b"kept")]
        held.released.set()
        with pytest.raises(Fenced):
            await task
        assert await values(broker, topic) == ["kept"]
        await old.close()
        await new.close()


async def test_a_zombie_is_fenced_when_it_sends_and_for_ever(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        zombie = await broker.producer(f"id-{topic}")
        await zombie.transact(outputs(topic, "a"))
        owner = await broker.producer(f"id-{topic}")
        for _ in range(2):
            with pytest.raises(Fenced):
                await zombie.transact(outputs(topic, "zombie"))
        await owner.transact(outputs(topic, "b"))
        assert await values(broker, topic) == ["a", "b"]
        await zombie.close()
        await owner.close()


async def test_other_ids_are_not_fenced(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        one, two = await broker.producer(f"one-{topic}"), await broker.producer(f"two-{topic}")
        await asyncio.gather(one.transact(outputs(topic, "a")), two.transact(outputs(topic, "b")))
        await one.transact(outputs(topic, "c"))
        assert sorted(await values(broker, topic)) == ["a", "b", "c"]
        await one.close()
        await two.close()


async def test_a_transaction_larger_than_a_batch(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker, 2)
        producer = await broker.producer(f"id-{topic}")
        large = [OutputRecord(topic, number % 2, b"%d" % number, b"x" * 100_000) for number in range(60)]
        ends = await producer.transact(large)
        assert ends == {(topic, 0): 30, (topic, 1): 30}
        found = await read_to_end(broker, topic, 2)
        for number in range(2):
            assert [record.key for record in found[number]] == [b"%d" % key for key in range(number, 60, 2)]
        await producer.close()


async def test_a_record_over_the_bound_is_refused_and_the_producer_goes_on(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        producer = await broker.producer(f"id-{topic}")
        fat = OutputRecord(topic, 0, b"fat", b"x" * BATCH_BYTES_MAX)
        wide = OutputRecord(topic, 0, b"wide", b"", (("h", b"x" * BATCH_BYTES_MAX),))
        for refused in (fat, wide):
            with pytest.raises(RecordTooLarge) as error:
                await producer.transact([*outputs(topic, "thin"), refused])
            assert error.value.key == refused.key
            assert str(BATCH_BYTES_MAX) in error.value.reason
            with pytest.raises(RecordTooLarge):
                await broker.publish([*outputs(topic, "thin"), refused])
        just_fits = OutputRecord(topic, 0, b"k", b"x" * (BATCH_BYTES_MAX - 101))
        await producer.transact([just_fits])
        found = await read_to_end(broker, topic)
        assert [record.key for record in found[0]] == [b"k"]
        await producer.close()


async def test_an_unknown_partition_is_refused_and_the_producer_goes_on(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        producer = await broker.producer(f"id-{topic}")
        for wrong in (OutputRecord(f"{topic}-no", 0, b"k", b"v"), OutputRecord(topic, 1, b"k", b"v")):
            with pytest.raises(UnknownTopic):
                await producer.transact([*outputs(topic, "a"), wrong])
            with pytest.raises(UnknownTopic):
                await broker.publish([*outputs(topic, "a"), wrong])
        await producer.transact(outputs(topic, "b"))
        assert await values(broker, topic) == ["b"]
        await producer.close()


async def test_one_refused_record_leaves_nothing_visible(site: Site) -> None:
    async with connected(site) as broker:
        plain, compacted = await new_topic(broker), await new_topic(broker, cleanup_policy="compact")
        producer = await broker.producer(f"id-{plain}")
        # A compacted topic takes no record without a key; on Kafka only the broker knows.
        with pytest.raises(BrokerError):
            await producer.transact([*outputs(plain, "half"), OutputRecord(compacted, 0, None, b"v")])
        await producer.close()
        await (await broker.producer(f"id-{plain}")).close()
        assert await values(broker, plain) == []
        assert await values(broker, compacted) == []


async def test_a_cancelled_transaction_ends_the_producer(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        producer, held = await site.held_producer(broker, f"id-{topic}")
        task = await begun(producer, held, outputs(topic, "a"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(OutcomeUnknown):
            await producer.transact(outputs(topic, "b"))
        await producer.close()
        after = await broker.producer(f"id-{topic}")
        await after.transact(outputs(topic, "c"))
        assert await values(broker, topic) == ["c"]
        await after.close()


async def test_nothing_to_write_is_no_transaction(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        producer = await broker.producer(f"id-{topic}")
        assert await producer.transact([]) == {}
        assert await broker.end_offsets([TopicPartition(topic, 0)]) == {(topic, 0): 0}
        await producer.close()
        await producer.close()
        with pytest.raises(RuntimeError):
            await producer.transact(outputs(topic, "a"))


async def test_the_newest_record_is_found_behind_what_was_aborted(site: Site) -> None:
    async with connected(site) as broker:
        topic, beside, empty = await new_topic(broker), await new_topic(broker), await new_topic(broker)
        first = await broker.producer(f"id-{topic}")
        await first.transact(outputs(topic, "old", "newest"))
        await first.transact(outputs(beside, *(f"{number}" for number in range(40))))
        await first.close()
        old, held = await site.held_producer(broker, f"id-{topic}")
        task = await begun(old, held, outputs(topic, *("aborted" for _ in range(200))))
        await (await broker.producer(f"id-{topic}")).close()
        places = [TopicPartition(name, 0) for name in (topic, beside, empty)]
        found = await newest_records(broker, places)
        assert {place: record.value for place, record in found.items()} == {places[0]: b"newest", places[1]: b"39"}
        held.released.set()
        with pytest.raises(Fenced):
            await task
        await old.close()


async def test_of_two_ids_that_expect_one_end_one_commits_and_the_other_nothing(site: Site) -> None:
    async with connected(site) as broker:
        topic, beside = await new_topic(broker), await new_topic(broker)
        place = TopicPartition(topic, 0)
        one, two = await broker.producer(f"one-{topic}"), await broker.producer(f"two-{topic}")
        end = (await one.transact(outputs(topic, "a"), {place: 0}))[place] + 1
        assert end == (await broker.end_offsets([place]))[place]
        with pytest.raises(Overtaken, match=f"ended at 0 when it was read, and at {end} now"):
            await two.transact([*outputs(beside, "two"), *outputs(topic, "two")], {place: 0})
        with pytest.raises(Overtaken):
            await two.transact(outputs(beside, "two"))
        assert await values(broker, topic) == ["a"]
        assert await values(broker, beside) == []
        await two.close()
        end = (await broker.end_offsets([place]))[place]  # an aborted transaction may have left its offsets
        three = await broker.producer(f"one-{topic}")
        await three.transact(outputs(topic, "b"), {place: end})
        assert await values(broker, topic) == ["a", "b"]
        for producer in (one, three):
            await producer.close()


async def test_of_two_open_transactions_at_one_end_one_commits(site: Site) -> None:
    async with connected(site) as broker:
        topic = await new_topic(broker)
        place = TopicPartition(topic, 0)
        one, held = await site.held_producer(broker, f"one-{topic}")
        two = await broker.producer(f"two-{topic}")
        task = asyncio.ensure_future(one.transact(outputs(topic, "one", "one too"), {place: 0}))
        await asyncio.wait_for(held.arrived.wait(), 20)
        with pytest.raises(Overtaken):
            await two.transact(outputs(topic, "two"), {place: 0})
        held.released.set()
        assert await task == {place: 2}
        assert await values(broker, topic) == ["one", "one too"]
        for producer in (one, two):
            await producer.close()
