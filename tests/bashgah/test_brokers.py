"""Which broker a URL means, and what is wrong with one that means none."""

import asyncio
from pathlib import Path

import pytest

from agents.broker.errors import BadAddress
from agents.broker.interface import TopicSpec
from agents.broker.kafka.broker import KafkaBroker
from agents.broker.security import Security
from agents.process.exit_codes import ExitCode
from agents.process.settings import load
from bashgah.brokers import broker_of, open_broker
from bashgah.embedded.broker import EmbeddedBroker


async def test_kafka_with_several_servers() -> None:
    broker = open_broker("kafka://one:9092,two:9093")
    assert isinstance(broker, KafkaBroker)
    assert broker.bootstrap == "one:9092,two:9093"
    await broker.close()


@pytest.mark.parametrize("url", ["kafka://", "kafka://host", "kafka://host:port", "http://host:80", "", "/some/dir"])
def test_what_is_no_broker_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadAddress) as error:
        open_broker(url)
    assert error.value.field == url
    assert error.value.remedy


async def test_memory_is_shared_by_name() -> None:
    for one, other, shared in (("embedded://", "embedded://", True), ("embedded://#a", "embedded://#b", False)):
        topic = f"topic-{shared}"
        await open_broker(one).create_topics([TopicSpec(topic, 1)])
        assert bool(await open_broker(other).describe([topic])) is shared


async def test_a_directory_is_shared_while_anybody_has_it_open(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path}/deep/er"
    first, second = open_broker(url), open_broker(url)
    await first.create_topics([TopicSpec("t", 1)])
    await first.close()
    await first.close()
    assert await second.describe(["t"])
    await second.close()
    with pytest.raises(RuntimeError):
        await second.describe(["t"])
    third = open_broker(url)
    assert await third.describe(["t"])
    await third.close()


async def test_settings_name_the_broker_and_its_limits(caplog: pytest.LogCaptureFixture) -> None:
    secured = {
        "BASHGAH_BROKER_URL": "kafka://host:9092",
        "BASHGAH_BROKER_SASL_MECHANISM": "PLAIN",
        "BASHGAH_BROKER_SASL_USERNAME": "club",
        "BASHGAH_BROKER_SASL_PASSWORD": "secret",
        "BASHGAH_BROKER_INSECURE": "true",
        "BASHGAH_TRANSACTION_DEADLINE_MS": "7000",
    }
    settings = load(secured)
    security = Security.of(settings)
    assert security.client_settings() == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "club",
        "sasl_plain_password": "secret",
    }
    assert "secret" not in repr(security)
    broker = broker_of(settings)
    assert isinstance(broker, KafkaBroker)
    assert broker._timing.transaction_deadline_ms == 7_000
    assert "BASHGAH_BROKER_INSECURE=true: the broker's password goes over the network readable" in caplog.text
    await broker.close()
    assert isinstance(broker_of(load({"BASHGAH_BROKER_URL": "embedded://"})), EmbeddedBroker)


def test_files_that_are_no_certificates_are_refused_by_name(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    for wrong, field in (
        (Security(tls=True, ca_file=tmp_path / "missing.pem"), "ca_file"),
        (Security(tls=True, ca_file=junk), "ca_file"),
        (Security(tls=True, cert_file=junk, key_file=junk), "cert_file"),
    ):
        with pytest.raises(BadAddress) as error:
            wrong.client_settings()
        assert error.value.field == field


async def test_a_mistyped_directory_is_told_and_not_made(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path}/nothere"
    said = "there is no such broker directory; .*`bashgah topics create --broker"
    with pytest.raises(BadAddress, match=said) as caught:
        broker_of(load({"BASHGAH_BROKER_URL": url}))
    assert caught.value.code is ExitCode.BAD_SETTING
    (tmp_path / "letters").mkdir()
    with pytest.raises(BadAddress, match="no such broker directory"):
        broker_of(load({"BASHGAH_BROKER_URL": f"embedded://{tmp_path}/letters"}))
    assert await asyncio.to_thread(lambda: [path.name for path in tmp_path.rglob("*")]) == ["letters"]
    await broker_of(load({"BASHGAH_BROKER_URL": url}), create=True).close()
    await broker_of(load({"BASHGAH_BROKER_URL": url})).close()
