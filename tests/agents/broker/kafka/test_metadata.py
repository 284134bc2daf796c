"""What is said of topics that a cluster does not make."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.broker.errors import TopicRefused
from agents.broker.interface import TopicSpec
from agents.broker.kafka.metadata import Metadata

TOO_FEW_BROKERS = 38


async def test_of_too_few_brokers_the_way_to_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answered(_: Metadata, question: Callable[[Any], Any], *__: str) -> Any:
        said = "The target replication factor of 3 cannot be reached because only 1 broker(s) are registered."
        return {"topics": [{"name": "club.points", "error_code": TOO_FEW_BROKERS, "error_message": said}]}

    monkeypatch.setattr(Metadata, "_ask", answered)
    with pytest.raises(TopicRefused) as refused:
        await Metadata("127.0.0.1:9", {}, 1_000).create([TopicSpec("club.points", 1, 3, {})])
    assert "only 1 broker(s) are registered; start more brokers" in str(refused.value)
    assert "--dev" in refused.value.remedy
