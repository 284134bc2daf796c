"""The analysts' words: what a member does as an event of the bank, and what came of it as a line of a table."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import TYPES
from tests.simulation.auditor.tehran_time import wall_clock
from tests.simulation.workload_clock import rfc3339

Data = dict[str, Any]
Words = Mapping[str, str | None]
OPERATOR = {"reason": "scenario", "operator": "op-1"}
WHEN = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d):(\d\d)(?::(\d\d)\.(\d{3}))?( again)?")
N = r"(?P<amount>[\d_]+)"
OF = r"#(?P<original>\w+)"
BY = r"(?: by (?P<channel>\w+))?"
ACCOUNT = r"account (?P<account>\w+)(?: \((?P<product>\w+)\))? on (?P<date>\d{4}-\d\d-\d\d)"


class Occurrence(NamedTuple):
    """An event of the bank in contract form."""

    topic: str
    envelope: dict[str, Any]


def instant(text: str) -> int:
    """`1402-03-01 10:00`, with seconds where needed, Jalali and Tehran's clock; `again`: the hour that comes twice."""
    found = WHEN.fullmatch(text)
    assert found, f"no Jalali date and time: {text!r}"
    date, hour, minute, second, ms, again = found.groups()
    first = tehran_time.wall_instants(tehran_time.jalali_date(date), int(hour) * 60 + int(minute))
    return first[1 if again else 0] + int(second or 0) * 1_000 + int(ms or 0)


def event(number: int, member: str, words: str, when: int) -> Occurrence:
    """What happened, as the bank tells it. `… #name` at the end names it, for what refers to it later."""
    words, _, name = words.partition(" #") if re.search(r"[^f] #\w+$", words) else (words, "", "")
    for pattern, type, data in _PHRASES:
        found = re.fullmatch(pattern, words)
        if found:
            topic = TYPES[type][0]
            envelope = {
                "specversion": "1.0", "id": name or f"n{number}", "source": "/" + topic, "type": type,
                "subject": member, "time": rfc3339(when), "data": data(found.groupdict()),
            }  # fmt: skip
            return Occurrence(topic, envelope)
    raise AssertionError(f"no such phrase: {words!r}")


def number(text: str | None) -> int:
    """`1_000` as analysts write it."""
    assert text is not None
    return int(text.replace("_", ""))


def _amount(words: Words) -> Data:
    return {"amount": number(words["amount"])}


def _with(**fields: Any) -> Callable[[Words], Data]:
    """An amount, the named groups that are there, and defaults for those that are not."""
    return lambda words: _amount(words) | {name: words.get(name) or default for name, default in fields.items()}


def _plain(**fields: Any) -> Callable[[Words], Data]:
    return lambda words: {name: words.get(name) or default for name, default in fields.items()}


def _purchase(words: Words) -> Data:
    return _with(mcc="5732", channel="pos")(words) | {"merchant": "shop", "terminal": "t-1"}


def _transfer(words: Words) -> Data:
    return _with(rail="card", channel="app")(words) | {"own": words["own"] is not None}


def _instalment(words: Words) -> Data:
    days = int(words["days"] or 0) * (-1 if words["sign"] == "late" else 1)
    return _with(channel="app")(words) | {"days_early": days}


def _account(words: Words) -> Data:
    date = tehran_time.jalali_date(words["date"] or "").isoformat()
    return {"account": words["account"], "product": words["product"] or "short_term", "date": date}


def _balance(words: Words) -> Data:
    sign = -1 if words["owing"] else 1
    data = _account(words) | {"balance": sign * number(words["amount"]), "revision": int(words["revision"] or 0)}
    return data | ({"minimum": number(words["minimum"])} if words["minimum"] else {})


def _registers(words: Words) -> Data:
    data: Data = {"channel": "mobile"}
    if words["segments"]:
        data["segments"] = words["segments"].split(", ")
    if words["province"]:
        data["province"] = words["province"]
    if words["media"]:
        data["consents"] = {medium: medium in words["media"].split(", ") for medium in ("sms", "email", "push")}
    return data


def _adjusted(words: Words) -> Data:
    return {"points": number(words["amount"]) * (1 if words["kind"] == "given" else -1)} | OPERATOR


def _consent(words: Words) -> Data:
    return {"medium": words["medium"], "granted": words["kind"] == "allows"}


_PHRASES: tuple[tuple[str, str, Callable[[Words], Data]], ...] = (
    (rf"buys for {N}(?: at (?P<mcc>\d{{4}}))?{BY}", "card.purchase.settled", _purchase),
    (rf"withdraws {N} in cash", "card.cash.withdrawn", _with(terminal="atm", channel="atm")),
    (rf"is refunded {N} of {OF}", "card.purchase.refunded", _with(original="", reason="refund")),
    (rf"is charged back {N} of {OF}", "card.purchase.refunded", _with(original="", reason="chargeback")),
    (rf"the bank wins {N} of {OF}", "card.chargeback.won", _with(original="")),
    (rf"is reversed {N} of {OF}", "ebanking.payment.reversed", _with(original="")),
    (rf"transfers {N} over (?P<rail>\w+)(?P<own> to an own account)?{BY}", "ebanking.transfer.completed", _transfer),
    (rf"pays a (?P<bill>\w+) bill of {N}{BY}", "ebanking.bill.paid", _with(bill="", channel="app")),
    (rf"tops up {N}{BY}", "ebanking.topup.purchased", _with(kind="airtime", channel="app")),
    (rf"pays {N} of a loan(?: (?P<days>\d+) days (?P<sign>early|late))?", "ebanking.instalment.paid", _instalment),
    (rf"logs in{BY}", "ebanking.login.succeeded", _plain(channel="app")),
    (r"activates (?P<service>\w+)", "ebanking.service.activated", _plain(service="")),
    (r"fills in (?P<field>\w+)", "ebanking.profile.completed", _plain(field="")),
    (rf"opens {ACCOUNT}", "deposit.account.opened", _account),
    (rf"closes {ACCOUNT}", "deposit.account.closed", _account),
    (
        rf"has (?P<owing>minus )?{N} in {ACCOUNT}(?:, never below (?P<minimum>[\d_]+))?"
        r"(?:, revision (?P<revision>\d))?",
        "deposit.balance.recorded",
        _balance,
    ),
    (
        r"registers(?: as (?P<segments>[\w, ]+?))?(?: in (?P<province>\w+))?(?: with (?P<media>[\w, ]+))?",
        "member.registered",
        _registers,
    ),
    (r"moves to (?P<province>\w+)", "member.profile.changed", _plain(province="")),
    (r"(?P<kind>allows|forbids) (?P<medium>\w+)", "member.consent.changed", _consent),
    (r"leaves", "member.left", _plain()),
    (r"is erased", "member.erased", _plain()),
    (rf"is (?P<kind>given|docked) {N} points", "member.points.adjusted", _adjusted),
    (r"joins the festival (?P<festival>[\w-]+)", "member.festival.joined", _plain(festival="")),
    (r"leaves the festival (?P<festival>[\w-]+)", "member.festival.left", _plain(festival="")),
)


def said(event: Mapping[str, Any]) -> list[str]:
    """What came of it in the words of the tables; of one output there may be several things to say."""
    family, _, kind = event["type"].partition(".")
    data = event["data"]
    if family == "reward":
        place = f" at {data['festival']}/{data['category']}/{data['round']} {data['rank']}" if data.get("rank") else ""
        return [f"{'wins' if kind == 'granted' else 'must be looked at:'} {data['reward']}{place}"]
    if family == "festival":
        if kind == "score.changed":
            return [f"{data['festival']}/{data['indicator']} {data['delta']:+} to {data['score']}"]
        return [f"is {'in' if kind == 'joined' else 'out of'} {data['festival']}"]
    if family == "notification":
        return [_message(event, data)]
    return _posting(kind, data)


def _message(event: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    if data.get("why"):
        return f"no {data['medium']} ({data['why']})"
    start = tehran_time.instant_of(data["not_before"])
    if start == tehran_time.instant_of(event["time"]):
        return f"{data['medium']} {data['template']}"
    return f"{data['medium']} {data['template']} at {jalali(start)}"


def _posting(kind: str, data: Mapping[str, Any]) -> list[str]:
    points, rule = data["points"], data.get("rule") or "adjusted"
    hold = " on hold" if data["status"] == "pending" and kind != "activated" else ""
    debt, forgiven = data.get("debt", 0), data.get("forgiven", 0)
    if kind in ("activated", "expired"):
        return [f"{'activates' if kind == 'activated' else 'expires'} {abs(points)}{hold}"]
    if kind == "reversed" and data.get("rule") is None:
        return [f"debt takes {-points}"]
    words = [f"{rule} {points:+}{hold}"] if points else []
    if data.get("desired"):
        words = [f"{rule} {points:+} of {data['desired']}{hold}"]
    words += [f"{rule} forgives {forgiven}"] if forgiven > 0 else []
    words += [f"{rule} owes {debt}"] if debt > 0 else []
    words += [f"{rule} unforgives {-forgiven}"] if forgiven < 0 else []
    words += [f"{rule} pays off {-debt}"] if debt < 0 else []
    return words


def jalali(instant: int) -> str:
    """An instant as the tables write it."""
    shown = wall_clock(instant)
    return "{:04}-{:02}-{:02}".format(*tehran_time.jalali(shown.date())) + f" {shown:%H:%M}"
