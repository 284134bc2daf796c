"""Records that break the contract, to show dead letters: what real producers send on a bad day."""

import re
from random import Random

from bashgah.simulator.world import BankMessage

_AMOUNT = re.compile(rb'"amount":(\d+)')


def spoil(message: BankMessage, rng: Random) -> list[BankMessage]:
    """One record broken beyond use, or the good one followed by another content under the same id (`conflict`)."""
    kind = int(rng.random() * 7)
    value = message.value
    match kind:
        case 0:
            broken = value[: len(value) // 2]
        case 1:
            broken = b"\xff\xfe" + value
        case 2:
            broken = value.replace(b'"subject":', b'"customer":', 1)
        case 3:
            broken = value.replace(b'"type":"', b'"type":"legacy.', 1)
        case 4:
            broken = value.replace(b'"time":"', b'"time":"at ', 1)
        case 5:
            broken = _AMOUNT.sub(rb'"amount":"\1 IRR"', value, count=1)
        case _:
            other = _AMOUNT.sub(rb'"amount":1\1', value, count=1)
            if other != value and message.type != "card.purchase.refunded":
                return [message, message._replace(value=other, mark="conflict")]
            broken = value
    if broken == value:
        broken = b"null"
    return [message._replace(value=broken, mark="invalid")]
