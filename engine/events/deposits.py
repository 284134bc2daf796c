"""Deposit accounts and their daily balances: each (account, date, rule) is scored once and follows its revisions."""

from collections.abc import Mapping

from engine.activity import MemberActivity
from engine.calendar import day_number, jalali, month_number
from engine.effects import EffectCause, Posting
from engine.events import refunds
from engine.events.event_type import NO_PROGRAMME, Basis, EventType, Result
from engine.events.membership import change_type, decides, kept_time
from engine.festivals import scores as festival_scores
from engine.ledger import caps, evaluation, lots, rewards
from engine.ledger.draft import Draft
from engine.ledger.evaluation import Earned
from engine.ledger.member import ACCOUNTS_MAX, Account, BalanceDay, Grant, Overgrown, Status, balances_key
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme

CLOSED = "deposit.account.closed"

Days = Mapping[int, BalanceDay]
"""An account's balances of a Jalali month, by the day of the month."""

_OLD: Result = (Outcome.NO_POINTS, Reason.OLD_REVISION)


def keep_account(draft: Draft, activity: MemberActivity) -> None:
    """Remember that an account opened or closed; of several such events the latest by its time holds."""
    data = activity.data
    known = draft.head.accounts.get(data.account) or Account(data.product, None, None)
    day, closes = day_number(data.date), activity.type == CLOSED
    if draft.clock.meaning == 0:
        _remember(draft, data.account, _kept_before(known, data.product, day, closes))
        return
    told = known.opened is not None or known.closed is not None
    if not decides(draft, activity, known.at, told, refuses=closes):
        return
    at = kept_time(draft, activity)
    if closes:
        account = known._replace(closed=day, at=at)
    else:
        account = known._replace(product=data.product, opened=day, closed=None, at=at)
    _remember(draft, data.account, account)


def _kept_before(known: Account, product: str, day: int, closes: bool) -> Account:
    """The account under meaning 0: of several closing dates the earliest counts, and an opening undoes none."""
    if not closes:
        return known._replace(product=product, opened=day)
    return known._replace(closed=day if known.closed is None else min(day, known.closed))


def _remember(draft: Draft, token: str, account: Account) -> None:
    known = draft.head.accounts
    if token not in known and len(known) >= ACCOUNTS_MAX:
        raise Overgrown("accounts of one member", ACCOUNTS_MAX)
    draft.edit().accounts = {**known, token: account}


def record(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Keep a day's balance and bring what each rule gave for it to what it gives now."""
    data, key, number = activity.data, _balances_key(activity), jalali(activity.day).day
    days: Days = draft.read(key) or {}
    before = days.get(number)
    if _is_old(activity, before):
        return _OLD
    _know(draft, activity)
    grants, scores = (before.grants, before.scores) if before else ((), ())
    effects = len(draft.effects)
    grants, reason = _score(draft, activity, version, cause, grants)
    if scores or version.festivals:
        scores = festival_scores.correct(draft, cause, activity, version, scores, is_closed(draft, activity))
    draft.write(key, {**days, number: BalanceDay(data.revision, data.balance, data.minimum, grants, scores)})
    changed = draft.effects[effects:]
    if any(isinstance(effect, Posting) and effect.type == "points.accrued" for effect in changed):
        rewards.reached(draft, cause, version, activity.day)
    if changed:
        return Outcome.SCORED, Reason.NONE
    return Outcome.NO_POINTS, Reason.UNCHANGED if reason == Reason.NONE else reason


def keep(draft: Draft, activity: MemberActivity) -> Result:
    """No version was in force: the balance is kept, with what its earlier revisions were given."""
    data, key, number = activity.data, _balances_key(activity), jalali(activity.day).day
    days: Days = draft.read(key) or {}
    before = days.get(number)
    if _is_old(activity, before):
        return _OLD
    _know(draft, activity)
    given = (before.grants, before.scores) if before else ((), ())
    draft.write(key, {**days, number: BalanceDay(data.revision, data.balance, data.minimum, *given)})
    return NO_PROGRAMME


def is_closed(draft: Draft, activity: MemberActivity) -> bool:
    """Whether the account is known to be closed on the balance's date: then nothing is earned for it."""
    account = draft.head.accounts.get(activity.data.account)
    return account is not None and account.closed is not None and activity.day >= account.closed


def _explain(draft: Draft, activity: MemberActivity) -> Basis:
    days: Days = draft.read(_balances_key(activity)) or {}
    before = days.get(jalali(activity.day).day)
    return Basis(before.grants, before.scores) if before else Basis()


def _balances_key(activity: MemberActivity) -> bytes:
    return balances_key(activity.data.account, month_number(activity.day))


def _is_old(activity: MemberActivity, before: BalanceDay | None) -> bool:
    """Whether the same revision of the balance, or a later one, was recorded before."""
    return before is not None and activity.data.revision <= before.revision


def _know(draft: Draft, activity: MemberActivity) -> None:
    """Remember the account, if this is the first that is told of it."""
    data = activity.data
    if data.account not in draft.head.accounts:
        _remember(draft, data.account, Account(data.product, None, None))


def _score(
    draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause, grants: tuple[Grant, ...]
) -> tuple[tuple[Grant, ...], Reason]:
    if draft.head.status == Status.LEFT:
        return grants, Reason.LEFT
    given = {grant.rule: grant for grant in grants}
    found: list[Earned] = []
    if is_closed(draft, activity):
        reason = Reason.ACCOUNT_CLOSED
    else:
        found, reason = evaluation.earned(draft, activity, version, frozenset(given))
    outcome = {entry.rule.id: entry.desired for entry in found}
    for rule in version.rules.get(activity.type, ()):
        before, desired = given.get(rule.id), outcome.get(rule.id, 0)
        grant = _bring(draft, activity, version, cause, Earned(rule, desired), before)
        if grant is not None:
            given[rule.id] = grant
        if grant is before and desired > _so_far(before):
            reason = Reason.CAPPED
    return tuple(given.values()), reason


def _bring(
    draft: Draft,
    activity: MemberActivity,
    version: CompiledProgramme,
    cause: EffectCause,
    entry: Earned,
    grant: Grant | None,
) -> Grant | None:
    """Bring one rule's grant for the date to its outcome: more passes the caps, less is taken from its own lot."""
    rule, desired = entry
    so_far = _so_far(grant)
    if grant is not None and desired < so_far:
        return refunds.reverse(draft, cause, grant, so_far - desired, version.unlimited_refund)
    want = desired - so_far
    granted = caps.grant(draft, rule, want, activity.day, so_far) if want else 0
    if not granted:
        return grant
    terms = (grant.activation, grant.expiry) if grant else version.terms(activity.day)
    lots.accrue(draft, cause, rule.id, granted, terms, activity.day, want if granted < want else None)
    draft.edit().qualified += granted
    if rule.once:
        draft.edit().once = {**draft.head.once, rule.id: activity.identity}
    if grant is None:
        return Grant(rule.id, granted, 0, 0, 0, *terms, rule.once)
    return grant._replace(granted=grant.granted + granted)


def _so_far(grant: Grant | None) -> int:
    """What a rule has given for the date by now."""
    return grant.granted - grant.taken_back if grant else 0


TYPES = {
    "deposit.account.opened": change_type(keep_account),
    CLOSED: change_type(keep_account),
    "deposit.balance.recorded": EventType(
        record,
        keep,
        prefetch=_balances_key,
        explain=_explain,
        earns_nothing=is_closed,
        stands_at_end_of_date=True,
    ),
}
