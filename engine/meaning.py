"""The number of the rules' meaning. A journal entry carries the number that decided it, so that `verify`, `explain` and
an auditor replay old entries as they were decided, whatever has been changed since.

| number | what it changed |
|---|---|
| 0 | everything decided before entries carried a number |
| 1 | `festival.score.changed` says whether boards list the member |
| 1 | headers let an event pass in spite of its age only if they are signed; it is remembered from that day on |
| 1 | a dead letter holds at most 65,536 bytes of its record's key and of its value |
| 1 | a member's name that is none by the rule of `schemas.member_names` is left out, and kept in NFC otherwise |
| 1 | whatever is refused of an erased member, an invalid record too, is a dead letter `erased` without its value |
| 1 | a balance of a day after that of its own time is refused as `from_the_future` |
| 1 | consents, status, profile fields and accounts go by the time of what is told, not by when it comes |
| 1 | points that live for less than the lead of `points.expiring` are announced when they become active |
| 1 | a letter `too_old` or `from_the_future` says by how much in days, hours, minutes, no longer in milliseconds |
| 1 | a member's row remembers the 1,000 last days that were announced last |
| 1 | the rows of a member leave room for what the clock adds: events fill them to 700,000 bytes |
| 1 | segments and texts of conditions are compared as they look: Arabic and Persian letters alike, no half spaces |
| 1 | `province` in a `when` is the member's, as known when an event is evaluated; before, it was a field of the event |

A change of what a record comes to, in rows or in outputs, raises the number, unless no release has written it yet.
The older branch stays: a club is replayed from its first day.
"""

CURRENT = 1
"""The number that decides now. Live lanes, `score` and the simulation go by it."""
