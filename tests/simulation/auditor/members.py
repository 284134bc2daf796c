"""Members: registration, profile, consents, leaving, erasure, adjustments."""

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.lots import becomes_active, expire_everything, settle, swallow, take
from tests.simulation.auditor.names import as_name
from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.state import Decision


def change_membership(decision: Decision, activity: Activity) -> None:
    """What an event says of the member; it takes effect also before the first programme version.

    Nothing gives way to an event that is older than the one which set it.
    """
    member, data, time = decision.member, activity.data, activity.time
    statuses = {"member.registered": "registered", "member.left": "left"}
    if activity.type in statuses and member.takes("status", time):
        member.status = statuses[activity.type]
    consents: dict[str, bool] = {}
    if activity.type == "member.registered":
        consents = data.get("consents", {})
    elif activity.type == "member.consent.changed":
        consents = {data["medium"]: data["granted"]}
    for medium, granted in consents.items():
        if member.takes(f"consent {medium}", time):
            member.consents[medium] = granted
    if activity.type in ("member.registered", "member.profile.changed"):
        if "segments" in data and member.takes("segments", time):
            member.segments = data["segments"]
        if "province" in data and member.takes("province", time):
            member.provinces = [data["province"]]
        name = data.get("alias") and as_name(data["alias"])  # "" takes a name away, what is none is left out
        if name is not None and member.takes("alias", time):
            member.alias = name
    if activity.type == "member.erased":
        erase(decision)


def erase(decision: Decision) -> None:
    """All that is left expires, and what is known of the person goes; totals and festival scores stay."""
    expire_everything(decision)
    member = decision.member
    member.status = "erased"
    member.alias = None
    member.segments = []
    member.provinces = []
    member.consents = {}
    member.events = {}
    member.parked = {}
    member.balances = {}
    member.closings = {}
    member.told = {}
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
    becomes_active(decision, lot)
    decision.post("points.adjusted", points, "active", lot[1])
    swallow(decision, lot, points)
    settle(decision, lot)
