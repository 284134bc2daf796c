"""Which models belong to which topic: the one place that decoding, export and documentation start from."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec.inspect import Metadata, StructType, Type, type_info

from schemas import topics
from schemas.inputs.card import CardEvent
from schemas.inputs.command import CommandEvent
from schemas.inputs.deposit import DepositEvent
from schemas.inputs.ebanking import EbankingEvent
from schemas.inputs.member import MemberEvent
from schemas.inputs.programme import ProgrammePublished
from schemas.results.draw import DrawEvent
from schemas.results.festival import FestivalEvent
from schemas.results.leaderboard import LeaderboardEvent
from schemas.results.notification import NotificationEvent
from schemas.results.points import PointsEvent
from schemas.results.receipt import ReceiptEvent
from schemas.results.reward import RewardEvent
from schemas.results.tier import TierChanged

INPUT_MODELS: Mapping[str, Any] = {
    topics.MEMBER.name: MemberEvent,
    topics.COMMAND.name: CommandEvent,
    topics.CARD.name: CardEvent,
    topics.EBANKING.name: EbankingEvent,
    topics.DEPOSIT.name: DepositEvent,
}
"""Topic name -> the union of its events' models, for what lanes read."""

OUTPUT_MODELS: Mapping[str, Any] = {
    topics.POINTS.name: PointsEvent,
    topics.FESTIVAL.name: FestivalEvent,
    topics.LEADERBOARD.name: LeaderboardEvent,
    topics.REWARD.name: RewardEvent,
    topics.DRAW.name: DrawEvent,
    topics.TIER.name: TierChanged,
    topics.NOTIFICATION.name: NotificationEvent,
    topics.RECEIPT.name: ReceiptEvent,
}
"""The same for what the club, and the notification services, publish."""

MODELS: Mapping[str, Any] = {**INPUT_MODELS, topics.PROGRAMME.name: ProgrammePublished, **OUTPUT_MODELS}


def models_of(topic: str) -> tuple[Any, ...]:
    """The models of a topic's events, in the order of their declaration."""
    union = MODELS[topic]
    return tuple(getattr(union, "__args__", (union,)))


@cache
def field_names() -> frozenset[str]:
    """The names of all fields of the inputs, those inside of others too."""
    return frozenset(name for name, _ in input_fields()) | {"type"}


def input_fields() -> Iterator[tuple[str, Type]]:
    """The fields of all inputs, those inside of others too, each with what it holds."""
    waiting = [type_info(model) for topic in INPUT_MODELS for model in models_of(topic)]
    while waiting:
        struct = waiting.pop()
        assert isinstance(struct, StructType)
        for field in struct.fields:
            kind = field.type.type if isinstance(field.type, Metadata) else field.type
            yield field.name, kind
            for each in (kind, *getattr(kind, "types", ())):
                each = each.type if isinstance(each, Metadata) else each
                if isinstance(each, StructType):
                    waiting.append(each)
