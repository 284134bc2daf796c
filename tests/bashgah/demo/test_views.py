"""What the views show: everything that was promised, within the terminal, and safe to mix with right-to-left text."""

import io
import re
import unicodedata
from dataclasses import replace

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from bashgah.cli.text.members import clock_text
from bashgah.demo.consumer import Ledger
from bashgah.demo.lines import Lines, line
from bashgah.demo.people import date_words, masked, moment, rule_words
from bashgah.demo.scene import Scene
from bashgah.demo.screen import picture
from engine.calendar import jalali_day, midnight
from engine.programme.terms import Reward
from engine.words import Words
from tests.bashgah.demo.scenes import ledger, scene
from tests.engine.club import programme, rule

SIZES = [(80, 24), (120, 40), (200, 60)]


def _shown(one: Scene, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(picture(one, width, height), height=height)
    return [re.sub(r"\x1b\[[0-9;?]*[a-z]", "", each) for each in capture.get().splitlines()]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("goal", [None, 20_000])
def test_a_moment_fills_the_terminal_and_no_more(width: int, height: int, goal: int | None) -> None:
    lines = _shown(scene(ledger(), goal), width, height)
    assert len(lines) == height
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_promised_is_seen(width: int, height: int) -> None:
    one = scene(ledger(), 20_000)
    text = "\n".join(_shown(one, width, height))
    kept = one.ledger
    (first, points), *_ = one.top
    news = next(each for each in reversed(kept.news) if each.text)
    promised = [
        "6,000 of 20,000 events", "2,000/s", "▁▆▇█", "80 waiting",
        "Monday 1405-01-10  15:00 Tehran", "دوشنبه ۱۰ فروردین ۱۴۰۵", "باشگاه مشتریان", "Customers' club", one.dashboard,
        "Card purchase", "خرید با کارت", f"{kept.granted['card-purchase']:,}", f"{kept.granted['deposit-day']:,}",
        f"{points:,}", kept.aliases.get(first, masked(first)),
        "900 no rule", f"{kept.letters['invalid']} invalid", "welcome  هدیه خوش‌آمد",
        f"{kept.total.active:,} active", f"{kept.rewards.total()} rewards", f"{kept.messages} messages",
    ]  # fmt: skip
    if height > 24:
        promised += [news.text, moment(news.instant), masked(news.member)]
    assert [each for each in promised if each not in text] == []
    assert all(member not in text for member in kept.balances), "a whole reference is seen"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_figure_follows_persian_without_latin_between(width: int, height: int) -> None:
    """A terminal that reorders would draw the figure into the Persian text, in another column."""
    for text in _shown(scene(ledger(), 20_000), width, height):
        last = "L"
        for char in text:
            kind = unicodedata.bidirectional(char)
            assert not (last in ("R", "AL") and char in "0123456789"), text
            if kind in ("L", "R", "AL"):
                last = kind


def test_before_the_lanes_are_open_there_is_something_to_see() -> None:
    lines = _shown(msgspec.structs.replace(scene(Ledger()), instant=None, history=[], top=[]), 80, 24)
    assert "bashgah demo" in lines[0]
    assert "the lanes open" in lines[1]


def test_lines_come_once_a_second() -> None:
    out = io.StringIO()
    lines, one = Lines(out), scene(ledger())
    lines.show(one)
    lines.show(one)
    invited = f"the festivals, live: {one.dashboard}"
    own = f"a member's own page: {one.member_page}"
    assert out.getvalue().splitlines() == [invited, own, line(one, one.instant or 0)]
    assert "Monday 1405-01-10 15:00 Tehran  6,000 events  2,000/s  80 waiting" in out.getvalue()


def test_a_members_page_is_a_link_on_every_terminal_and_whole_where_it_fits() -> None:
    one = scene(ledger())
    for width in (80, 120, 300):
        console = Console(width=width, height=24, file=io.StringIO(), force_terminal=True, color_system="256")
        with console.capture() as capture:
            console.print(picture(one, width, 24), height=24)
        assert f";{one.member_page}\x1b\\" in capture.get()
        assert (one.member_page in "".join(_shown(one, width, 24))) is (width == 300)
        assert "a member" in "".join(_shown(one, 80, 24))


def test_dates_are_tehrans() -> None:
    instant = midnight(jalali_day(1405, 12, 29)) - 60_000
    assert (clock_text(instant), moment(instant)) == ("23:59", "12-28 23:59")
    assert date_words(instant).en == "Friday 1405-12-28"
    assert date_words(instant).fa == "جمعه ۲۸ اسفند ۱۴۰۵"


def test_a_rule_without_a_title_has_its_id_and_is_never_called_as_another_is() -> None:
    rewards = {"coin": Reward("coin", {}, "points", points=5)}
    told = programme(rule("card", "card.purchase.settled"), rule("bonus", "card.purchase.settled"), rewards=rewards)
    bare = replace(told, rules=tuple(replace(each, title={}) for each in told.rules))
    assert rule_words(told)["card"] == Words("card", "card")
    assert rule_words(bare) == {
        "card": Words("card", ""), "bonus": Words("bonus", ""), "reward:coin": Words("reward:coin", ""),
    }  # fmt: skip
