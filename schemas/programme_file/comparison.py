"""What a new version may not change: members took part in an open festival on terms that are fixed from its opening."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from engine.calendar import day_of, midnight, month_end
from engine.programme.rounds import Terms, terms_of
from engine.programme.terms import AwardTerms, FestivalTerms, Programme, Rule
from engine.spelling import alike
from engine.words import Words, number
from schemas.programme_file.document import Reading
from schemas.programme_file.messages import Code
from schemas.programme_file.problems import FileProblem, Report
from schemas.programme_file.values import date_words

_WINDOW = Words("the opening", "گشایش")
_AUDIENCE = Words("the audience", "مخاطبان")
_JOINING = Words("the way of joining", "شیوهٔ پیوستن")
_CATEGORIES = Words("the categories or their weights", "رشته‌ها یا وزن‌های آن‌ها")


def compare(old: Programme, new: Reading, now: int, earlier: Sequence[Programme] = ()) -> tuple[FileProblem, ...]:
    """Errors, warnings and notes on replacing `old` by `new`, in the order of the new file.

    `earlier` are the versions that were published besides `old`. A festival counts as open when it has opened by `now`
    (ms) or will have when the new version takes effect, or when an older version comes back into force after it.
    """
    report = Report(new.report.file, places=new.report.places)
    if old.id != new.programme.id:
        report.add(Code.OTHER_PROGRAMME, report.place("programme"), found=new.programme.id, expected=old.id)
        return report.ordered()
    published = sorted((*earlier, old), key=lambda each: (each.effective, each.version))
    # By date: of those that take effect on the same day, only the highest number is ever in force.
    later = {each.effective: each for each in published if each.effective > new.programme.effective}
    since = max(now, new.programme.effective)
    in_force = next((each for each in reversed(published) if each.effective <= since), None)
    terms = terms_of(published)
    _versions(old, new.programme, later.values(), report)
    _rules(old, new.programme, report)
    _levels(old, new.programme, report)
    _festivals(terms.values(), new.programme, now, since, report)
    for each in later.values():
        _comes_back(each, terms, new.programme, since, report)
    if in_force is not None:
        _rewards(in_force, new.programme, since, report)
    return report.ordered()


def _versions(old: Programme, new: Programme, later: Iterable[Programme], report: Report) -> None:
    """The new version's number, and the `later` versions that come back into force after it."""
    if new.version <= old.version:
        report.add(
            Code.VERSION_NOT_HIGHER,
            report.place("version"),
            found=number(new.version),
            expected=number(old.version),
            remedy=number(old.version + 1),
        )
    for each in later:
        first, until = date_words(day_of(new.effective)), date_words(day_of(each.effective))
        place = report.place("effective")
        report.add(Code.EARLIER_EFFECTIVE, place, found=first, version=number(each.version), until=until)


def _rules(old: Programme, new: Programme, report: Report) -> None:
    """What members will notice: rules that went, came, or changed."""
    before, after = {rule.id: rule for rule in old.rules}, {rule.id: rule for rule in new.rules}
    for name in before:
        if name not in after:
            report.add(Code.RULE_REMOVED, report.place("rules"), found=name)
    for index, rule in enumerate(new.rules):
        if rule.id not in before:
            report.add(Code.RULE_ADDED, report.place(f"rules[{index}]"), found=rule.id)
        elif rule != before[rule.id]:
            report.add(Code.RULE_CHANGED, report.place(f"rules[{index}]"), found=rule.id)


def _levels(old: Programme, new: Programme, report: Report) -> None:
    after = {level.id for level in new.tiers.levels} if new.tiers else set()
    for level in old.tiers.levels if old.tiers else ():
        if level.id not in after:
            report.add(Code.LEVEL_REMOVED, report.place("tiers.levels"), found=level.id)


def _festivals(terms: Iterable[Terms], new: Programme, now: int, since: int, report: Report) -> None:
    """The festivals that have opened by the terms that hold then, also those that were taken out since: their ids may
    come again."""
    for each in terms:
        held = each.at(since)
        if held is not None and held.opens <= since:
            _festival(held, new, now, since, report)


def _comes_back(back: Programme, terms: Mapping[str, Terms], new: Programme, since: int, report: Report) -> None:
    """A version that replaces the new one at its own date: a festival that opens before that must not change then, nor
    come back after the new version took it out."""
    for festival in back.festivals:
        found = _find(new, festival.id)
        if found is None:
            held = terms[festival.id].at(since)
            path, differs = "festivals", held is not None and since < held.opens < back.effective
        else:
            index, coming = found
            opens = min(festival.opens, coming.opens)
            path, differs = f"festivals[{index}]", opens < back.effective and _terms(festival) != _terms(coming)
        if differs:
            version, until = number(back.version), date_words(day_of(back.effective))
            report.add(Code.FESTIVAL_DIFFERS, report.place(path), found=festival.id, version=version, until=until)


def _rewards(old: Programme, new: Programme, since: int, report: Report) -> None:
    """Rewards of open festivals that are worth something else from now on; `old` is the version that holds then."""
    for festival in old.festivals:
        if festival.opens > since or _decided_at(festival) < since:
            continue
        for award in festival.awards:
            before, after = old.rewards[award.reward], new.rewards.get(award.reward)
            if after is None:
                continue
            if (before.kind, before.points, before.value_rial) != (after.kind, after.points, after.value_rial):
                place = report.place(f"rewards[{list(new.rewards).index(award.reward)}]")
                report.add(Code.REWARD_CHANGED, place, found=award.reward, award=award.id, festival=festival.id)


def _find(programme: Programme, id: str) -> tuple[int, FestivalTerms] | None:
    """A festival and its index in the file."""
    return next(((index, each) for index, each in enumerate(programme.festivals) if each.id == id), None)


def _festival(old: FestivalTerms, programme: Programme, now: int, since: int, report: Report) -> None:
    """One festival that has opened: only what the domain allows may differ. Once all of it is decided it may go."""
    found = _find(programme, old.id)
    if found is None:
        if _decided_at(old) >= since:
            report.add(Code.OPEN_FESTIVAL_REMOVED, report.place("festivals"), found=old.id)
        return
    index, new = found
    if _decided_at(old) <= now:
        if _terms(old) != _terms(new):
            report.add(Code.FESTIVAL_OVER, report.place(f"festivals[{index}].id"), found=old.id)
        return
    path = f"festivals[{index}]"
    opened = date_words(day_of(old.opens))
    fixed: Iterable[tuple[str, Words, object, object]] = (
        ("opens", _WINDOW, old.opens, new.opens),
        ("audience", _AUDIENCE, _audience(old), _audience(new)),
        ("joining", _JOINING, old.opt_in, new.opt_in),
        ("categories", _CATEGORIES, _weights(old), _weights(new)),
    )
    for key, what, before, after in fixed:
        if before != after:
            place = report.place(f"{path}.{key}")
            report.add(Code.OPEN_FESTIVAL_CHANGED, place, what=what, found=old.id, opened=opened)
    if new.closes > old.closes:
        until = date_words(day_of(old.closes))
        report.add(Code.CLOSES_LATER, report.place(f"{path}.closes"), found=old.id, expected=until)
    elif new.closes < old.closes and new.closes < since:
        first = day_of(since - 1) + 1
        report.add(Code.CLOSES_IN_PAST, report.place(f"{path}.closes"), found=old.id, expected=date_words(first))
    if new.lateness < old.lateness:
        report.add(Code.LATENESS_SHORTER, report.place(f"{path}.lateness"), found=old.id)
    before, after = _counting(old), _counting(new)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if changed:
        names = ", ".join(changed)
        report.add(Code.INDICATORS_CHANGED, report.place(f"{path}.indicators"), found=old.id, indicators=names)
    _awards(old, new, path, since, report)


def _counting(festival: FestivalTerms) -> Mapping[str, Rule]:
    """How each indicator counts; titles are not part of it."""
    return {each.id: replace(each, title={}) for each in festival.indicators}


def _weights(festival: FestivalTerms) -> Mapping[str, tuple[Mapping[str, int], str | None]]:
    """What decides the boards: titles are not part of it, nor is the order of the file."""
    return {category.id: (category.weigh, category.then_by) for category in festival.categories}


def _terms(festival: FestivalTerms) -> tuple[object, ...]:
    """What a festival is decided by, but for its indicators; the order of the file is no part of it."""
    window = (festival.opens, festival.closes, festival.lateness)
    awards = {award.id: award for award in festival.awards}
    return (*window, _audience(festival), festival.opt_in, awards, _weights(festival))


def _audience(festival: FestivalTerms) -> Mapping[str, frozenset[str]]:
    """The names as they are compared: another spelling is no other audience, nor is another order."""
    return {each.key: frozenset(map(alike, each.names)) for each in festival.audience}


def _awards(old: FestivalTerms, new: FestivalTerms, path: str, since: int, report: Report) -> None:
    before, after = {award.id: award for award in old.awards}, {award.id: award for award in new.awards}
    for name, award in before.items():
        if after.get(name) != award:
            index = list(after).index(name) if name in after else None
            place = report.place(f"{path}.awards" if index is None else f"{path}.awards[{index}]")
            report.add(Code.AWARD_CHANGED, place, found=name)
    for index, award in enumerate(new.awards):
        if award.id not in before and _last_due(new, award) <= since:
            report.add(Code.AWARD_DUE, report.place(f"{path}.awards[{index}]"), found=award.id)


def _decided_at(festival: FestivalTerms) -> int:
    """The instant from which nothing counts any more and no award is to come."""
    end = festival.closes + festival.lateness
    return max([end, *(_last_due(festival, award) for award in festival.awards)])


def _last_due(festival: FestivalTerms, award: AwardTerms) -> int:
    """The instant at which the last round of an award is decided."""
    if not award.monthly:
        return festival.closes + festival.lateness
    last_month = month_end(day_of(festival.closes - 1))
    return midnight(last_month + 1) + festival.lateness
