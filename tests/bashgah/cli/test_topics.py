"""`bashgah topics` as people run it."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents.broker.interface import TopicDescription, TopicSpec
from agents.process.exit_codes import ExitCode
from bashgah.admin.provision import TopicPlan, club_partitions, differences, spec_of, unlike_plan
from schemas import topics
from tests.kafka.broker import Cluster
from tests.kafka.fixtures import kafka_cluster

__all__ = ["kafka_cluster"]

ENTRY = [sys.executable, "-c", "from bashgah.cli.main import main; main()", "topics"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENTRY, *arguments], capture_output=True, text=True, check=False)


def as_planned(spec: TopicSpec) -> TopicDescription:
    return TopicDescription("id", spec.partitions, spec.replication, spec.config)


@pytest.mark.share
def test_create_check_describe_and_create_again(tmp_path: Path) -> None:
    broker = f"embedded://{tmp_path}"
    missing = run("check", "--broker", broker)
    assert missing.returncode == ExitCode.BAD_SETTING
    assert "bashgah topics create" in missing.stderr
    first = run("create", "--broker", broker, "--partitions", "3")
    assert first.returncode == 0, first.stderr
    assert f"{len(topics.TOPICS)} created" in first.stdout
    assert "--from" in first.stdout
    assert run("check", "--broker", broker).returncode == 0
    described = run("describe", "--broker", broker).stdout
    for topic in topics.TOPICS:
        assert topic.name in described
    again = run("create", "--broker", broker, "--partitions", "3", "--from", "1405-01-01")
    assert again.returncode == 0, again.stderr
    assert "0 created" in again.stdout
    assert "3 lanes got their first watermark" in again.stdout
    assert "0 lanes got" in run("create", "--broker", broker, "--partitions", "3", "--from", "latest").stdout


def test_the_partition_count_cannot_grow(tmp_path: Path) -> None:
    broker = f"embedded://{tmp_path}"
    assert run("create", "--broker", broker, "--partitions", "2").returncode == 0
    grown = run("create", "--broker", broker, "--partitions", "4")
    assert grown.returncode == ExitCode.BAD_SETTING
    assert "bank.card" in grown.stderr
    assert "partitions: found 2, wanted 4" in grown.stderr
    assert "Traceback" not in grown.stderr


@pytest.mark.parametrize("begin", ["yesterday", "1405-13-01", "2026-02-30", "2026-03-21T00:00:00"])
def test_a_beginning_that_is_none_is_refused(tmp_path: Path, begin: str) -> None:
    refused = run("create", "--broker", f"embedded://{tmp_path}/new", "--from", begin)
    assert refused.returncode == ExitCode.USAGE
    assert begin in refused.stderr
    assert not (tmp_path / "new").exists()


def test_every_way_to_differ_is_found() -> None:
    plan = TopicPlan(partitions=6, replication=3, min_insync=2)
    spec = spec_of(topics.CARD, plan)
    assert differences(spec, as_planned(spec)) == []
    roomier = TopicDescription("id", 6, 4, {**spec.config, "max.message.bytes": "9000000", "min.insync.replicas": "3"})
    assert differences(spec, roomier) == []
    worse = {"retention.ms": "1000", "max.message.bytes": "100000", "unclean.leader.election.enable": "true"}
    found = differences(spec, TopicDescription("id", 5, 1, {**spec.config, **worse}))
    assert {each.setting for each in found} == {"partitions", "replication", *worse}
    assert all(each.topic == "bank.card" and each.remedy for each in found)


def test_what_a_newer_record_replaces_must_go_in_time() -> None:
    for topic in topics.TOPICS:
        spec = spec_of(topic, TopicPlan(partitions=6))
        assert ("max.compaction.lag.ms" in spec.config) is topic.compacted
    sooner = TopicDescription(
        "id", 6, 3, {**spec_of(topics.STATE, TopicPlan(6)).config, "max.compaction.lag.ms": "3600000"}
    )
    assert differences(spec_of(topics.STATE, TopicPlan(6)), sooner) == []
    for lag in ("9223372036854775807", ""):
        config = {**spec_of(topics.STATE, TopicPlan(6)).config, "max.compaction.lag.ms": lag}
        (found,) = differences(spec_of(topics.STATE, TopicPlan(6)), TopicDescription("id", 6, 3, config))
        assert (found.topic, found.setting, found.wanted) == ("club.state", "max.compaction.lag.ms", "<= 604800000")
        assert "--add-config max.compaction.lag.ms=604800000" in found.remedy


def test_inputs_that_differ_among_themselves_are_found() -> None:
    plan = TopicPlan(partitions=6)
    found = {topic.name: as_planned(spec_of(topic, plan)) for topic in topics.TOPICS}
    assert unlike_plan(found, plan) == []
    found["bank.card"] = TopicDescription("id", 8, 3, found["bank.card"].config)
    count = club_partitions(found)
    assert count == 6
    assert [(each.topic, each.found, each.wanted) for each in unlike_plan(found, TopicPlan(count))] == [
        ("bank.card", "8", "6")
    ]
    assert club_partitions({}) is None


@pytest.mark.kafka
def test_on_kafka(kafka_cluster: Cluster) -> None:
    broker = f"kafka://{kafka_cluster.bootstrap}"
    refused = run("create", "--broker", broker, "--partitions", "2")
    assert refused.returncode == ExitCode.BAD_SETTING
    assert "replication factor of 3" in refused.stderr
    created = run("create", "--broker", broker, "--partitions", "2", "--dev", "--from", "earliest")
    assert created.returncode == 0, created.stderr
    assert "2 lanes got their first watermark" in created.stdout
    assert run("check", "--broker", broker, "--dev").returncode == 0
    strict = run("check", "--broker", broker)
    assert strict.returncode == ExitCode.BAD_SETTING
    assert "replication: found 1, wanted >= 3" in strict.stderr
    assert "bank.card" in run("describe", "--broker", broker).stdout
