"""Creating, describing and deleting topics."""

import pytest

from agents.broker.errors import TopicRefused, UnknownTopic
from agents.broker.interface import TopicSpec
from tests.contract.sites import Site, connected, new_topic, outputs, values


async def test_describe_tells_partitions_and_settings_and_leaves_out_what_is_missing(site: Site) -> None:
    async with connected(site) as broker:
        name = await new_topic(broker, 3, cleanup_policy="compact", delete_retention_ms="60000")
        plain = await new_topic(broker)
        found = await broker.describe([name, plain, f"{name}-no"])
        assert set(found) == {name, plain}
        assert (found[name].partitions, found[name].replication) == (3, 1)
        assert found[name].config["cleanup.policy"] == "compact"
        assert found[name].config["delete.retention.ms"] == "60000"
        assert found[plain].config["cleanup.policy"] == "delete"
        assert found[plain].config["retention.ms"] == "604800000"
        assert found[name].id != found[plain].id
        assert (await broker.describe([name]))[name].id == found[name].id
        assert await broker.describe([]) == {}


async def test_a_broker_that_is_there_answers(site: Site) -> None:
    async with connected(site) as broker:
        await broker.ping()


async def test_a_topic_created_anew_is_another_topic(site: Site) -> None:
    async with connected(site) as broker:
        name = await new_topic(broker, 2)
        await broker.publish(outputs(name, "old", partition=1))
        before = (await broker.describe([name]))[name].id
        await broker.delete_topics([name])
        assert await broker.describe([name]) == {}
        await broker.create_topics([TopicSpec(name, 2)])
        assert (await broker.describe([name]))[name].id != before
        assert await values(broker, name, 1) == []


async def test_what_cannot_be_created_or_deleted_is_named(site: Site) -> None:
    async with connected(site) as broker:
        name = await new_topic(broker)
        with pytest.raises(TopicRefused) as error:
            await broker.create_topics([TopicSpec(name, 1)])
        assert error.value.field == name
        with pytest.raises(TopicRefused):
            await broker.create_topics([TopicSpec(f"{name}-zero", 0)])
        with pytest.raises(UnknownTopic):
            await broker.delete_topics([f"{name}-no"])
        await broker.create_topics([])
