"""From what the core decided to records of the output topics, with ids that are the same whenever they are computed.

A consumer may deduplicate by `id`: it is the first 32 hexadecimal digits of SHA-256 over the JSON array [type, subject,
cause source, cause id, rule or reward or template, lot, index] in UTF-8, without spaces, escaping only what JSON must.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from engine.calendar import gregorian, iso
from schemas.contract import OUTPUT_MODELS, models_of
from schemas.envelope import Cause
from schemas.fields import Medium
from schemas.invalid import Invalid, decoded
from schemas.results.festival import Entry, Score
from schemas.results.notification import Message, SuppressedMessage
from schemas.results.points import MemberBalance, Movement
from schemas.results.reward import Gift
from schemas.topics import FESTIVAL, NOTIFICATION, POINTS, REWARD

__all__ = ["Emitter", "Invalid", "Published", "decode_output", "output_id"]

SOURCE = "/club"
CLOCK = "clock"
"""The cause source of what no event caused; the cause id is then the due instant in milliseconds."""

_DECODERS = {topic: msgspec.json.Decoder(models).decode for topic, models in OUTPUT_MODELS.items()}
_MODELS = {
    model.__struct_config__.tag: model
    for topic in (POINTS, FESTIVAL, REWARD, NOTIFICATION)
    for model in models_of(topic.name)
}
_SUPPRESSED = "notification.suppressed"
_encode = msgspec.json.Encoder().encode


class Published(NamedTuple):
    """A record to write."""

    topic: str
    key: bytes
    value: bytes


class Emitter:
    """Writes what one cause led to, in order of emission.

    One emitter serves one cause from its first output to its last, since it counts outputs that are otherwise equal;
    a second one for the same cause and member would give the same ids to other outputs. `programme` and `version` are
    those that decided. `instant` is what becomes `time`, in ms.
    """

    __slots__ = ("_cause", "_counts", "_id", "_programme", "_source", "_time", "_version")

    def __init__(self, source: str, id: str, instant: int, programme: str, version: int) -> None:
        """`source` and `id` of the event that is the cause."""
        self._source = source
        self._id = id
        self._time = iso(instant)
        self._programme = programme
        self._version = version
        self._cause = Cause(source, id)
        self._counts: dict[tuple[str, str, str | None, str | None], int] = {}

    @classmethod
    def of_clock(cls, due: int, programme: str, version: int) -> "Emitter":
        """For what fell due at an instant, in ms."""
        return cls(CLOCK, str(due), due, programme, version)

    def posting(
        self,
        type: str,
        member: str,
        points: int,
        status: str | None,
        rule: str | None,
        lot_day: int | None,
        desired: int | None,
        granted: int | None,
        balance: tuple[int, int, int, int],
        debt: int = 0,
        forgiven: int = 0,
        key: str | None = None,
        reason: str | None = None,
    ) -> Published:
        """A `points.*`. `lot_day`: its last day, None for never; `balance` after it: active, pending, held, debt."""
        lot = None if lot_day is None else _date(lot_day)
        data = Movement(
            activity=self._cause,
            programme=self._programme,
            version=self._version,
            points=points,
            status=status,  # type: ignore[arg-type]  # the core's values; tests decode what is written
            rule=rule,
            lot=lot,
            desired=desired,
            granted=granted,
            balance=MemberBalance(*balance),
            debt=debt,
            forgiven=forgiven,
            key=key,
            reason=reason,
        )
        return self._published(POINTS.name, type, member, data, rule, lot)

    def score(
        self, member: str, festival: str, indicator: str, delta: int, score: int, listed: bool | None
    ) -> Published:
        """A `festival.score.changed`; `score` is the indicator's after it, `listed` None where it is not to be said."""
        data = Score(
            activity=self._cause, programme=self._programme, version=self._version, festival=festival,
            indicator=indicator, delta=delta, score=score, listed=listed,
        )  # fmt: skip
        return self._published(FESTIVAL.name, "festival.score.changed", member, data, f"{festival}/{indicator}", None)

    def move(self, type: str, member: str, festival: str) -> Published:
        """A `festival.joined` or `festival.left`."""
        data = Entry(activity=self._cause, programme=self._programme, version=self._version, festival=festival)
        return self._published(FESTIVAL.name, type, member, data, festival, None)

    def reward(
        self,
        type: str,
        member: str,
        reward: str,
        reason: str,
        festival: str | None = None,
        category: str | None = None,
        round: str | None = None,
        rank: int | None = None,
        value_rial: int | None = None,
    ) -> Published:
        """A `reward.*`."""
        data = Gift(
            activity=self._cause,
            programme=self._programme,
            version=self._version,
            reward=reward,
            reason=reason,  # type: ignore[arg-type]  # the core's values; tests decode what is written
            festival=festival,
            category=category,
            round=round,
            rank=rank,
            value_rial=value_rial,
        )
        return self._published(REWARD.name, type, member, data, reward, None)

    def notification(
        self,
        type: str,
        member: str,
        template: str,
        values: Mapping[str, str | int],
        medium: Medium,
        locale: str,
        text: str,
        not_before: int | None,
        expires_at: int | None,
        why: str | None = None,
    ) -> Published:
        """A `notification.*`, one a medium; instants in ms; `why` only of one that is suppressed."""
        fields: dict[str, Any] = {
            "activity": self._cause,
            "programme": self._programme,
            "version": self._version,
            "template": template,
            "values": dict(values),
            "medium": medium,
            "locale": locale,
            "text": text,
            "not_before": None if not_before is None else iso(not_before),
            "expires_at": None if expires_at is None else iso(expires_at),
        }
        data = SuppressedMessage(**fields, why=why or "") if type == _SUPPRESSED else Message(**fields)
        return self._published(NOTIFICATION.name, type, member, data, template, None)

    def _published(
        self, topic: str, type: str, subject: str, data: object, part: str | None, lot: str | None
    ) -> Published:
        counted = (type, subject, part, lot)
        index = self._counts.get(counted, 0)
        self._counts[counted] = index + 1
        id = output_id(type, subject, self._source, self._id, part, lot, index)
        value = _encode(_MODELS[type]("1.0", id, SOURCE, subject, self._time, data))
        return Published(topic, subject.encode(), value)


def output_id(type: str, subject: str, source: str, id: str, part: str | None, lot: str | None, index: int) -> str:
    """The id of an output. `part`: its rule, reward or template, on `club.festival` its festival or
    `festival/indicator`; `lot`: its expiry date as `2028-03-19`."""
    return sha256(_encode((type, subject, source, id, part, lot, index))).hexdigest()[:32]


def decode_output(topic: str, value: bytes) -> Any:
    """The model of an output record, for tools and tests; Invalid where it is none of the topic."""
    return decoded(_DECODERS[topic], value)


@lru_cache(maxsize=4_096)
def _date(day: int) -> str:
    return gregorian(day).isoformat()
