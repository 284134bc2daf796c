"""Every type of the contract has its family, which declares all that the rest of the engine asks of it."""

from collections import Counter
from typing import Any

import pytest

from engine.activity import MemberActivity
from engine.events import payments
from engine.events.registry import EVENT_TYPES, FAMILIES
from engine.explanation.events import explain
from engine.ledger.member import FESTIVAL, HEAD, event_key
from engine.outcome import Outcome, Reason
from engine.programme.terms import Reward
from engine.rules.earning import Fixed
from engine.scoring import admit
from schemas.contract import INPUT_MODELS, models_of
from schemas.events import decode
from tests.engine.club import Club, DictRows, at, programme, rule
from tests.schemas.examples import EXAMPLES, SUBJECT, event, written

TYPES = sorted(model.__struct_config__.tag for topic in INPUT_MODELS for model in models_of(topic))
EARNING = (*payments.TYPES, "member.registered", "deposit.account.opened", "deposit.balance.recorded")
IN_FORCE = programme(
    rule("each", EARNING, Fixed(10)), rewards={"gold-coin": Reward("gold-coin", {"fa": "سکه"}, None, points=5)}
)


class _ToldRows(DictRows):
    """Rows that tell which keys were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[bytes] = set()

    def get(self, key: bytes) -> Any | None:
        self.asked.add(key)
        return super().get(key)


def _decoded(type: str, **envelope: str) -> MemberActivity:
    return decode(EXAMPLES[type].topic, SUBJECT.encode(), written(event(type, **envelope)))


def test_every_type_of_the_contract_belongs_to_one_family() -> None:
    declared = Counter(name for family in FAMILIES for name in family.TYPES)
    assert declared == Counter(TYPES) == Counter(list(EVENT_TYPES))


@pytest.mark.parametrize("versions", [[], [IN_FORCE]], ids=["no version", "a version"])
@pytest.mark.parametrize("type", TYPES)
def test_an_event_of_any_type_is_taken_once_and_can_be_explained(type: str, versions: list[Any]) -> None:
    club, told = Club(*versions), _decoded(type)
    why = explain(club.rows, told, club.versions, club.clock)
    decision = club.offer(told)
    assert (why.outcome, why.reason) == (decision.outcome, decision.reason)
    again = admit(club.rows, told, club.clock)
    assert again is not None
    if type == "member.erased":
        assert (again.outcome, again.reason, list(club.rows.values)) == (Outcome.DEAD_LETTER, Reason.ERASED, [HEAD])
    else:
        assert again.outcome == Outcome.DUPLICATE


@pytest.mark.parametrize("type", TYPES)
def test_what_a_decision_looks_at_is_prefetched(type: str) -> None:
    club = Club(IN_FORCE)
    club.rows = rows = _ToldRows()
    club.offer(_decoded("card.purchase.settled", id="p-1", time="2026-09-20T10:00:00Z"))
    date = _decoded("deposit.account.opened").data.date
    club.event("deposit.account.opened", at(1400, 1, 1), account="a-1", product="short_term", date=date)
    told = _decoded(type)
    rows.asked.clear()
    decision = club.offer(told)
    assert decision.outcome not in (Outcome.DEAD_LETTER, Outcome.PARKED)
    key_of = EVENT_TYPES[type].prefetch
    asked = {key for key in rows.asked if not key.startswith(FESTIVAL)}  # those depend on the version too
    assert asked <= {HEAD, event_key(told.identity), *([key_of(told)] if key_of else [])}
