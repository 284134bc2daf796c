"""Deposits: balances with their revisions, and accounts that close."""

from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.evaluation import grant, outcomes
from tests.simulation.auditor.lots import take
from tests.simulation.auditor.programme_reading import Rule, Version
from tests.simulation.auditor.state import BalanceDay, Decision, Grant

ACCOUNT_EVENTS = ("deposit.account.opened", "deposit.account.closed")


def change_account(decision: Decision, activity: Activity) -> None:
    """Remember from which date on an account earns nothing, or that it is open: as the latest of these events says."""
    member, account = decision.member, activity.data["account"]
    if member.takes(f"account {account}", activity.time):
        member.closings.pop(account, None)
        if activity.type == "deposit.account.closed":
            member.closings[account] = activity.data["date"]


def is_closed(decision: Decision, activity: Activity) -> bool:
    """Whether the account is known to have closed on the balance's date or before it."""
    closing = decision.member.closings.get(activity.data["account"])
    return closing is not None and closing <= activity.data["date"]


def record_balance(decision: Decision, version: Version, activity: Activity) -> str:
    """Score one account's date, or correct what it scored; returns why nothing was done, else an empty text."""
    member = decision.member
    account, date = activity.data["account"], activity.data["date"]
    known = member.balances.get((account, date))
    if known is not None and activity.data["revision"] <= known.revision:
        return "stale_revision"
    day = member.balances.setdefault((account, date), BalanceDay(0))
    day.revision = activity.data["revision"]
    if member.status == "left":
        return "left"
    mark = ("balance", account, date)
    due = {} if is_closed(decision, activity) else outcomes(version, activity, member, mark)
    for rule in version.rules:
        outcome = due.get(rule.id, 0)
        paid = day.grants.get(rule.id)
        if paid is not None and outcome < paid.granted:
            lower(decision, version, paid, paid.granted - outcome)
        else:
            raise_to(decision, version, rule, activity, day, outcome)
    return ""


def lower(decision: Decision, version: Version, paid: Grant, points: int) -> None:
    """Take what a correction lost, from the grant's own lot first."""
    paid.granted -= points
    decision.member.qualified -= points
    take(decision, "points.reversed", points, paid.lot, version.unlimited, paid.rule)


def raise_to(
    decision: Decision, version: Version, rule: Rule, activity: Activity, day: BalanceDay, outcome: int
) -> None:
    """Pay what the outcome exceeds what the account's date was granted so far, within the caps."""
    paid = day.grants.get(rule.id)
    before = paid.granted if paid else 0
    mark = ("balance", activity.data["account"], activity.data["date"])
    more = grant(decision, version, rule, activity, outcome - before, before, mark)
    if more is None:
        return
    if paid is None:
        day.grants[rule.id] = more
    else:
        paid.granted += more.granted
