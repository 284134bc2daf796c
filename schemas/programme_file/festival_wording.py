"""A festival said in sentences, in English and Persian: for whom, how to join, what boards weigh, who wins what."""

from collections.abc import Iterator, Mapping

from engine.calendar import DAY_MS, day_of
from engine.programme.terms import AwardTerms, CategoryTerms, FestivalTerms, Reward
from engine.rules.registry import audience_of
from engine.words import Words, listed, number, same
from schemas.programme_file.wording import date

HOUR_MS, MINUTE_MS = 3_600_000, 60_000


def festival_lines(festival: FestivalTerms, rewards: Mapping[str, Reward]) -> Iterator[Words]:
    """The festival's own line, then one for each category and each award."""
    opens, closes = date(day_of(festival.opens)), date(day_of(festival.closes))
    of = audience(festival)
    how = ("joined by choice", "عضویت به انتخاب خود") if festival.opt_in else ("joined by itself", "عضویت خودکار")
    late = _length(festival.lateness)
    yield Words(
        f"festival {festival.id}: {opens.en} until {closes.en}, for {of.en}, {how[0]}, waits {late.en} for late events",
        f"جشنوارهٔ {festival.id}: از {opens.fa} تا پیش از {closes.fa}، برای {of.fa}، {how[1]}، "
        f"انتظار برای رویداد دیررس: {late.fa}",
    )
    for category in festival.categories:
        yield _category(category)
    for award in festival.awards:
        yield _award(award, rewards.get(award.reward))


def audience(festival: FestivalTerms) -> Words:
    """For whom it is: everybody, or those of whom all conditions hold."""
    of = [audience_of(each).words.filled(names=listed(sorted(each.names))) for each in festival.audience]
    if not of:
        return Words("everybody", "همه")
    return Words(" among ".join(words.en for words in of), " از ".join(words.fa for words in of))


def _length(ms: int) -> Words:
    """3 days 6 hours."""
    units = (("day", "روز", DAY_MS), ("hour", "ساعت", HOUR_MS), ("minute", "دقیقه", MINUTE_MS))
    parts = []
    for english, persian, unit in units:
        count, ms = divmod(ms, unit)
        if count:
            figure = number(count)
            parts.append(Words(f"{figure.en} {english}{'' if count == 1 else 's'}", f"{figure.fa} {persian}"))
    if not parts:
        return Words("not at all", "ندارد")
    return Words(" ".join(part.en for part in parts), " و ".join(part.fa for part in parts))


def _category(category: CategoryTerms) -> Words:
    weights = ((name, number(weight)) for name, weight in category.weigh.items())
    weighed = listed(Words(f"{weight.en} × {name}", f"{weight.fa} × {name}") for name, weight in weights)
    ties = f"; ties by {category.then_by}" if category.then_by else ""
    knots = f"؛ گره تساوی با {category.then_by}" if category.then_by else ""
    return Words(f"  category {category.id}: {weighed.en}{ties}", f"رشتهٔ {category.id}: {weighed.fa}{knots}")


def _award(award: AwardTerms, reward: Reward | None) -> Words:
    worth = same(award.reward) if reward is None else _worth(reward)
    when = Words("each month", "هر ماه") if award.monthly else Words("at the close", "در پایان")
    places = _places(award)
    return Words(
        f"  award {award.id}: {places.en} of {award.category}, {when.en}: {worth.en}",
        f"جایزهٔ {award.id}: {places.fa} رشتهٔ {award.category}، {when.fa}: {worth.fa}",
    )


def _places(award: AwardTerms) -> Words:
    if award.draw is not None:
        winners, step = number(award.draw.winners), number(award.draw.per)
        drawn = f"{winners.fa} نفر به قید قرعه، هر {step.fa} یک شانس، در"
        return Words(f"{winners.en} drawn, a chance for each {step.en}", drawn)
    assert award.ranks is not None, "an award has ranks or a draw"
    first, last = map(number, award.ranks)
    if award.ranks[0] == award.ranks[1]:
        return Words(f"rank {first.en}", f"رتبهٔ {first.fa}")
    return Words(f"ranks {first.en} to {last.en}", f"رتبه‌های {first.fa} تا {last.fa}")


def _worth(reward: Reward) -> Words:
    """The reward with what it is worth."""
    if reward.points is not None:
        points = number(reward.points)
        return Words(f"{reward.id} ({points.en} points)", f"{reward.id} ({points.fa} امتیاز)")
    if reward.value_rial is not None:
        rial = number(reward.value_rial)
        return Words(f"{reward.id} ({reward.kind}, {rial.en} Rial)", f"{reward.id} ({rial.fa} ریال)")
    return Words(f"{reward.id} ({reward.kind})", reward.id)
