"""What a rule or an indicator came to, in words, English and Persian: every figure on the way to its points."""

from collections.abc import Iterable, Iterator
from typing import Any

from bashgah.cli.text.titles import named
from engine.explanation.rules import CapUse, Factor, Look, Miss, Verdict
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


def look_words(look: Look, kind: Words) -> Iterator[Words]:
    """A rule's look, line by line; `kind` says whether it is a rule or an indicator."""
    name = named(look.rule.title, look.rule.id)
    verdict = verdict_words(look)
    points = number(look.granted)
    if look.granted:
        verdict = Words(f"{points.en} points ({verdict.en})", f"{points.fa} امتیاز ({verdict.fa})")
    yield Words(f"{kind.en} {name.en}: {verdict.en}", f"{kind.fa} {name.fa}: {verdict.fa}")
    says = earns(look.rule)
    yield Words(f"  says: {says.en}", f"  می‌گوید: {says.fa}")
    yield from indented(_miss(miss) for miss in look.misses)
    if look.base is not None:
        yield from indented([_sum(look)])
    if look.given:
        given = number(look.given)
        yield Words(
            f"  earlier revisions of this balance gave {given.en}",
            f"  ویرایش‌های پیشین این مانده {given.fa} امتیاز داده‌اند",
        )
    yield from indented(_cap(cap) for cap in look.caps)


def verdict_words(look: Look) -> Words:
    """What a rule came to, with the figures that it is so by."""
    verdict = look.verdict
    if verdict is Verdict.TAKEN_BACK and look.alone is not None:
        if look.alone is Verdict.PAID:
            now = number(look.desired)
            return Words(f"takes back what is above {now.en}", f"آنچه از {now.fa} بیشتر است پس می‌گیرد")
        why = verdict_words(look._replace(verdict=look.alone))
        return Words(f"takes back what it gave: {why.en}", f"آنچه داده بود پس می‌گیرد: {why.fa}")
    if verdict is Verdict.OUTBID:
        rival, points = look.rival, number(look.rival_desired)
        if look.rival_desired == look.desired:
            return Words(
                f"{rival} of its group comes to {points.en} as well, and its id is first",
                f"قاعدهٔ {rival} از گروهش هم به {points.fa} می‌رسد و شناسه‌اش جلوتر است",
            )
        return Words(
            f"{rival} of its group comes to more: {points.en}", f"قاعدهٔ {rival} از گروهش به بیشتر می‌رسد: {points.fa}"
        )
    if verdict in (Verdict.NO_FULL_STEP, Verdict.NOTHING_TO_COUNT):
        return _too_little(look)
    if verdict is Verdict.ROUNDED_TO_NOTHING:
        total = _figure(_total(look))
        return Words(f"comes to {total.en}, less than half a point", f"به {total.fa} می‌رسد که از نیم امتیاز کمتر است")
    return _VERDICTS[verdict]


def _too_little(look: Look) -> Words:
    """The field that it earns by holds nothing that counts, or less than a step."""
    earn, measured = look.rule.earn, look.measured
    assert earn.of is not None, "points that are fixed are counted by no field"
    assert measured is not None, "a field that is not there is another verdict"
    field, found = field_name(earn.of), number(measured)
    if look.verdict is Verdict.NOTHING_TO_COUNT:
        return Words(
            f"{field.en} is {found.en}, and nothing below 1 counts",
            f"{field.fa} {found.fa} است و کمتر از ۱ شمرده نمی‌شود",
        )
    step = number(earn.least)
    return Words(
        f"{field.en} {found.en} is less than one full step of {step.en}",
        f"{field.fa} {found.fa} به یک گام کامل {step.fa} نمی‌رسد",
    )


def _total(look: Look) -> Ratio:
    """The points before rounding: base x the factors that applied."""
    assert look.base is not None
    numerator, denominator = look.base
    for factor in _applied(look):
        numerator *= factor.multiplier.by.numerator
        denominator *= factor.multiplier.by.denominator
    return Ratio(numerator, denominator)


def _figure(ratio: Ratio) -> Words:
    """A number of points, whole or not."""
    return number(ratio.numerator // ratio.denominator) if ratio.numerator % ratio.denominator == 0 else exact(ratio)


def _sum(look: Look) -> Words:
    """How the base comes about, x factors = points, with the factors that did not apply behind it."""
    assert look.base is not None
    total, result, (en, fa) = _total(look), number(look.desired), _working(look)
    for factor in _applied(look):
        by = exact(factor.multiplier.by)
        en, fa = f"{en} × {factor.multiplier.id} {by.en}", f"{fa} × {factor.multiplier.id} {by.fa}"
    if total.numerator % total.denominator:
        before = _figure(total)
        en, fa = f"{en} = {before.en}, rounded half up", f"{fa} = {before.fa}، نیم به بالا گرد شده"
    en, fa = f"{en} → {result.en} points", f"{fa} ← {result.fa} امتیاز"
    for factor in look.factors:
        if factor.misses:
            miss = _miss(factor.misses[0])
            en += f"; {factor.multiplier.id} does not apply ({miss.en})"
            fa += f"؛ {factor.multiplier.id} اعمال نمی‌شود ({miss.fa})"
    return Words(en, fa)


def _working(look: Look) -> Words:
    """The base: ⌊field / step⌋ x points, field x rate, or points that are the same each time."""
    assert look.base is not None
    worked = None if look.measured is None else look.rule.earn.working(max(0, look.measured))
    return worked or _figure(look.base)


def _applied(look: Look) -> Iterable[Factor]:
    return (factor for factor in look.factors if not factor.misses)


def _miss(miss: Miss) -> Words:
    wants, failure = condition(miss.condition), miss.failure
    found = _value(failure.found)
    en, fa = f"wants {wants.en}, found {found.en}", f"شرط: {wants.fa}، یافته: {found.fa}"
    if failure.missing is None:
        return Words(en, fa)
    by, field, unit = number(failure.missing), field_name(failure.field), miss.condition.unit
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
