"""What a rule or an indicator came to, in words, English and Persian: every figure on the way to its points."""

from collections.abc import Iterable, Iterator
from typing import Any

from bashgah.cli.text.titles import named
from engine.explanation.rules import CapUse, FailedCondition, MultiplierTrace, RuleTrace, Verdict
from engine.units import Ratio
from engine.words import Words, exact, number, same
from schemas.programme_file.earning import PERIODS
from schemas.programme_file.fields import field_name
from schemas.programme_file.wording import condition, earns

_VERDICTS = {
    Verdict.PAID: Words("pays", "امتیاز می‌دهد"),
    Verdict.CAPPED: Words("its caps left nothing", "سقف‌ها چیزی باقی نگذاشتند"),
    Verdict.CONDITIONS: Words("its conditions do not hold", "شرط‌هایش برقرار نیست"),
    Verdict.NO_FIELD: Words("the event lacks the field that it earns by", "قلمی که مبنای امتیاز است در رویداد نیست"),
    Verdict.PAID_ONCE: Words("has paid once before", "پیش از این یک بار امتیاز داده است"),
    Verdict.ACCOUNT_CLOSED: Words("the account is closed by then", "حساب تا آن روز بسته شده است"),
    Verdict.TAKEN_BACK: Words("takes back what it gave", "آنچه داده بود پس می‌گیرد"),
    Verdict.UNCHANGED: Words("gave the same before", "پیش از این همین را داده است"),
}
_PERIOD_NAMES = {**PERIODS, "transaction": Words("transaction", "تراکنش")}


def trace_words(trace: RuleTrace, kind: Words) -> Iterator[Words]:
    """A rule's trace, line by line; `kind` says whether it is a rule or an indicator."""
    name = named(trace.rule.title, trace.rule.id)
    verdict = verdict_words(trace)
    points = number(trace.granted)
    if trace.granted:
        verdict = Words(f"{points.en} points ({verdict.en})", f"{points.fa} امتیاز ({verdict.fa})")
    yield Words(f"{kind.en} {name.en}: {verdict.en}", f"{kind.fa} {name.fa}: {verdict.fa}")
    says = earns(trace.rule)
    yield Words(f"  says: {says.en}", f"  می‌گوید: {says.fa}")
    yield from indented(_failed(failed) for failed in trace.failed)
    if trace.base is not None:
        yield from indented([_sum(trace)])
    if trace.given:
        given = number(trace.given)
        yield Words(
            f"  earlier revisions of this balance gave {given.en}",
            f"  ویرایش‌های پیشین این مانده {given.fa} امتیاز داده‌اند",
        )
    yield from indented(_cap(cap) for cap in trace.caps)


def verdict_words(trace: RuleTrace) -> Words:
    """What a rule came to, with the figures that it is so by."""
    verdict = trace.verdict
    if verdict is Verdict.TAKEN_BACK and trace.alone is not None:
        if trace.alone is Verdict.PAID:
            now = number(trace.desired)
            return Words(f"takes back what is above {now.en}", f"آنچه از {now.fa} بیشتر است پس می‌گیرد")
        why = verdict_words(trace._replace(verdict=trace.alone))
        return Words(f"takes back what it gave: {why.en}", f"آنچه داده بود پس می‌گیرد: {why.fa}")
    if verdict is Verdict.OUTBID:
        rival, points = trace.rival, number(trace.rival_desired)
        if trace.rival_desired == trace.desired:
            return Words(
                f"{rival} of its group comes to {points.en} as well, and its id is first",
                f"قاعدهٔ {rival} از گروهش هم به {points.fa} می‌رسد و شناسه‌اش جلوتر است",
            )
        return Words(
            f"{rival} of its group comes to more: {points.en}", f"قاعدهٔ {rival} از گروهش به بیشتر می‌رسد: {points.fa}"
        )
    if verdict in (Verdict.NO_FULL_STEP, Verdict.NOTHING_TO_COUNT):
        return _too_little(trace)
    if verdict is Verdict.ROUNDED_TO_NOTHING:
        total = _figure(_total(trace))
        return Words(f"comes to {total.en}, less than half a point", f"به {total.fa} می‌رسد که از نیم امتیاز کمتر است")
    return _VERDICTS[verdict]


def _too_little(trace: RuleTrace) -> Words:
    """The field that it earns by holds nothing that counts, or less than a step."""
    earn, measured = trace.rule.earn, trace.measured
    assert earn.of is not None, "points that are fixed are counted by no field"
    assert measured is not None, "a field that is not there is another verdict"
    field, found = field_name(earn.of), number(measured)
    if trace.verdict is Verdict.NOTHING_TO_COUNT:
        return Words(
            f"{field.en} is {found.en}, and nothing below 1 counts",
            f"{field.fa} {found.fa} است و کمتر از ۱ شمرده نمی‌شود",
        )
    step = number(earn.least)
    return Words(
        f"{field.en} {found.en} is less than one full step of {step.en}",
        f"{field.fa} {found.fa} به یک گام کامل {step.fa} نمی‌رسد",
    )


def _total(trace: RuleTrace) -> Ratio:
    """The points before rounding: base x the factors that applied."""
    assert trace.base is not None
    numerator, denominator = trace.base
    for factor in _applied(trace):
        numerator *= factor.multiplier.by.numerator
        denominator *= factor.multiplier.by.denominator
    return Ratio(numerator, denominator)


def _figure(ratio: Ratio) -> Words:
    """A number of points, whole or not."""
    return number(ratio.numerator // ratio.denominator) if ratio.numerator % ratio.denominator == 0 else exact(ratio)


def _sum(trace: RuleTrace) -> Words:
    """How the base comes about, x traced = points, with the factors that did not apply behind it."""
    assert trace.base is not None
    total, result, (en, fa) = _total(trace), number(trace.desired), _working(trace)
    for factor in _applied(trace):
        by = exact(factor.multiplier.by)
        en, fa = f"{en} × {factor.multiplier.id} {by.en}", f"{fa} × {factor.multiplier.id} {by.fa}"
    if total.numerator % total.denominator:
        before = _figure(total)
        en, fa = f"{en} = {before.en}, rounded half up", f"{fa} = {before.fa}، نیم به بالا گرد شده"
    en, fa = f"{en} → {result.en} points", f"{fa} ← {result.fa} امتیاز"
    for factor in trace.multipliers:
        if factor.failed:
            failed = _failed(factor.failed[0])
            en += f"; {factor.multiplier.id} does not apply ({failed.en})"
            fa += f"؛ {factor.multiplier.id} اعمال نمی‌شود ({failed.fa})"
    return Words(en, fa)


def _working(trace: RuleTrace) -> Words:
    """The base: ⌊field / step⌋ x points, field x rate, or points that are the same each time."""
    assert trace.base is not None
    worked = None if trace.measured is None else trace.rule.earn.working(max(0, trace.measured))
    return worked or _figure(trace.base)


def _applied(trace: RuleTrace) -> Iterable[MultiplierTrace]:
    return (factor for factor in trace.multipliers if not factor.failed)


def _failed(failed: FailedCondition) -> Words:
    wants, failure = condition(failed.condition), failed.failure
    found = _value(failure.found)
    en, fa = f"wants {wants.en}, found {found.en}", f"شرط: {wants.fa}، یافته: {found.fa}"
    if failure.missing is None:
        return Words(en, fa)
    by, field, unit = number(failure.missing), field_name(failure.field), failed.condition.unit
    if unit is not None:
        return Words(f"{en}: misses by {by.en} {unit.en}", f"{fa}: {by.fa} {unit.fa} فاصله دارد")
    return Words(f"{en}: {field.en} misses by {by.en}", f"{fa}: {field.fa} به اندازهٔ {by.fa} فاصله دارد")


def _value(found: Any) -> Words:
    if found is None or found == "":
        return Words("nothing", "هیچ")
    if isinstance(found, bool):
        return Words("yes", "بله") if found else Words("no", "خیر")
    return number(found) if isinstance(found, int) else same(str(found))


def _cap(cap: CapUse) -> Words:
    period, most, used, left = _PERIOD_NAMES[cap.period], number(cap.cap), number(cap.used), number(cap.left)
    return Words(
        f"cap of the {period.en}: {used.en} of {most.en} used before, leaves {left.en}",
        f"سقف {period.fa}: {used.fa} از {most.fa} پیش‌تر پر شده، {left.fa} می‌ماند",
    )


def indented(lines: Iterable[Words]) -> Iterator[Words]:
    """The lines, one step to the right."""
    return (Words(f"  {words.en}", f"  {words.fa}") for words in lines)
