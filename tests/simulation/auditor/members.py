"""Members: registration, profile, consents, leaving, erasure, adjustments."""

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.lots import expire_everything, settle, swallow, take
from tests.simulation.auditor.names import as_name
from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.state import Decision


def change_membership(decision: Decision, activity: Activity) -> None:
    """What an event says of the member; it takes effect also before the first programme version."""
    member, data = decision.member, activity.data
    if activity.type == "member.registered":
        member.status = "registered"
        member.consents.update(data.get("consents", {}))
    if activity.type in ("member.registered", "member.profile.changed"):
        member.segments = data.get("segments", member.segments)
        name = data.get("alias", "")
        member.alias = as_name(name) or member.alias if name else data.get("alias", member.alias)
    if activity.type == "member.consent.changed":
        member.consents[data["medium"]] = data["granted"]
    if activity.type == "member.left":
        member.status = "left"
    if activity.type == "member.erased":
        erase(decision)


def erase(decision: Decision) -> None:
    """All that is left expires, and what is known of the person goes; totals and festival scores stay."""
    expire_everything(decision)
    member = decision.member
    member.status = "erased"
    member.alias = None
    member.segments = []
    member.consents = {}
    member.events = {}
    member.parked = {}
    member.balances = {}
    member.closings = {}
    member.once = {}


def adjust(decision: Decision, version: Version, activity: Activity) -> None:
    """Points by hand: active at once, or taken like a refund that has no lot of its own."""
    member, points = decision.member, activity.data["points"]
    if points < 0:
        take(decision, "points.adjusted", -points, None, version.unlimited, None)
        return
    lot = version.lot_active_from(tehran_time.day_of(activity.moment))
    member.issued += points
    member.lots[lot].active += points
    decision.post("points.adjusted", points, "active", lot[1])
    swallow(decision, lot, points)
    settle(decision, lot)
