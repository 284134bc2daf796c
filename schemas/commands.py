"""Commands as records of `club.command`: what a decision taken for the whole club tells one member's lane.

An id is the same whenever it is computed, so that a lane drops a command that is sent again: the first 32 hexadecimal
digits of SHA-256 over the JSON array [type, member, festival, category, round, award] without spaces.
"""

from hashlib import sha256

import msgspec

from engine.calendar import iso

SOURCE = "/club/coordinator"
AWARD_GRANTED = "command.award.granted"

_encode = msgspec.json.Encoder().encode


def award_granted(
    member: str, at: int, festival: str, category: str, round_name: str, award: str, reward: str, rank: int,
    value_rial: int | None,
) -> bytes:  # fmt: skip
    """An award by rank. `at`: the instant (ms) from which on the round was final; `rank`: the place in its order."""
    named = (AWARD_GRANTED, member, festival, category, round_name, award)
    data = {
        "award": award,
        "reward": reward,
        "festival": festival,
        "category": category,
        "round": round_name,
        "rank": rank,
        "value_rial": value_rial,
    }
    return _encode(
        {
            "specversion": "1.0",
            "id": sha256(_encode(named)).hexdigest()[:32],
            "source": SOURCE,
            "type": AWARD_GRANTED,
            "subject": member,
            "time": iso(at),
            "data": {name: value for name, value in data.items() if value is not None},
        }
    )
