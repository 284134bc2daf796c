"""What the dashboard says is true, of a festival that is over too; where there is nothing it says what to do."""

import pytest

from tests.bashgah.web.asking import token_of
from tests.bashgah.web.club import Club, Line, lines
from tests.browser.axe import Axe
from tests.browser.chrome import PHONE, Chrome
from tests.browser.scene import BOARD, FESTIVAL, MEMBERS, ROWS, filled, opened, rows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def over(club: Club) -> None:
    """The autumn festival ends: more have a score than have a line."""
    await club.final(BOARD, participants=len(MEMBERS))
    await club.final([], category="digital")


async def test_a_festival_says_for_whom_it_is_and_how_one_takes_part() -> None:
    club = await filled("says-audience")
    everybody = "برای همهٔ اعضا؛ شرکت خودکار است"
    staff = "ویژهٔ گروه staff از ساکنان تهران؛ برای شرکت، ثبت‌نام در جشنواره لازم است"
    async with opened(club) as (site, browser):
        await browser.go(site.url + "/")
        await browser.sees("main", staff)
        assert await browser.texts(".audience") == [everybody, staff, everybody]
        assert await browser.texts(".audience bdi") == ["staff", "تهران"]
        await browser.go(site.url + "/festival?festival=staff")
        await browser.sees(".hero", staff)
        assert "همهٔ اعضا" not in await browser.text(".hero")
        await browser.go(f"{site.url}/member#{token_of('c-470003')}")
        await browser.sees(".participation", everybody)


async def test_a_final_board_says_nothing_of_a_festival_that_goes_on() -> None:
    club = await filled("says-final")
    await club.final([], round="1405-05")
    async with opened(club) as (site, browser):
        await browser.go(f"{site.url}{FESTIVAL}&round=1405-05")
        await browser.sees(".board-card", "کسی امتیازی نگرفت.")
        assert "هنوز" not in await browser.text(".board-card")
        assert "شمارش دست‌کم تا ۱۲:۰۰" in await browser.text(".asof")
        await browser.sees(".side", "جدول زنده")
        await over(club)
        await browser.sees(".badge", "پایان‌یافته")

        async def gone() -> bool:
            return "جدول زنده" not in await browser.text(".side")

        await browser.until(gone)
        for path in (FESTIVAL, f"{FESTIVAL}&round=final"):
            await browser.complaints()
            await browser.go("about:blank")
            await browser.go(site.url + path)
            await browser.sees(".board-card h2", "جدول نهایی: کل جشنواره")
            await browser.sees(".side", "کل جشنواره")
            assert await browser.run("return document.querySelector('.spread-panel').offsetHeight") == 0
            assert "در دسترس نیست" not in await browser.text("main")
            assert "جدول زنده" not in await browser.text("main")
            assert "در دقیقه" not in await browser.text("main")
            assert await browser.texts(".bars .label") == ["خرید با کارت", "پرداخت قبض"]
            assert await browser.complaints() == []


async def test_how_scores_are_spread_is_shown_of_a_final_board_that_lists_everybody() -> None:
    club = await filled("says-spread")
    async with opened(club) as (site, browser):
        await browser.go(f"{site.url}/festival?festival=spring")
        await browser.sees(".spread-panel", "۱ نفر با امتیاز ۵ تا ۵")
        assert await browser.run("return document.querySelector('.spread-panel').offsetHeight") > 0


async def test_a_festival_that_is_over_tells_a_member_the_rank_once_and_nothing_to_reach() -> None:
    club = await filled("says-member")
    async with opened(club) as (site, browser):
        await over(club)
        await browser.go(f"{site.url}/member#{token_of('x-000010')}")
        await browser.sees(".standing", "۲۵ از ۳۴ نفر")
        text = await browser.text(".participation")
        assert text.count("۲۵ از ۳۴ نفر") == 1
        assert "تا رتبهٔ بالاتر" not in text
        assert "شهریور ۱۴۰۵ · کلدر این جدول نیستید" in text


@pytest.mark.parametrize(("address", "said", "way"), [
    ("/festival?festival=nope", "چنین جشنواره‌ای نیست.", "/"),
    ("/festival?festival=autumn&category=nope", "این جشنواره چنین رشته‌ای ندارد.", "/festival?festival=autumn"),
    ("/festival?festival=autumn&round=1400-01", "برای این دوره جدول نهایی نیست.", "/festival?festival=autumn"),
    ("/nothing/at/all", "در این نشانی صفحه‌ای نیست", "/?lang=fa"),
    ("/member#nope", "پیوند این صفحه معتبر نیست؛ از همراه‌بانک یا پورتال باشگاه دوباره وارد شوید.", None),
])  # fmt: skip
async def test_where_there_is_nothing_a_page_says_so_and_where_to_go(
    address: str, said: str, way: str | None, axe: Axe
) -> None:
    club = await filled("says-nothing " + address)
    async with opened(club, PHONE) as (site, browser):
        await browser.go(site.url + address)
        await browser.sees("main", said)
        links = await browser.run("return [...document.querySelectorAll('main a')].map(each => each.href)")
        assert links[:1] == ([] if way is None else [site.url + way])
        if not address.startswith("/nothing"):
            return
        assert await axe.findings(browser) == []
        await browser.click("main a")
        await browser.sees("main", "جشنواره پاییزی")


async def test_a_board_of_which_most_lines_are_new_marks_none_of_them() -> None:
    club = await filled("says-new")
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".moved", "جابه‌جایی از")
        await club.live([*lines(5, first=5_000), *BOARD], participants=40)
        await browser.sees(f"{ROWS}:nth-child(1)", "Player 0")
        assert len(await rows(browser)) == 9
        assert set(await browser.texts(f"{ROWS} .moves")) == {""}
        assert await browser.text(".moved") == ""
        await club.live([*lines(4, first=5_000), *BOARD], participants=40)
        await browser.sees(f"{ROWS}:nth-child(5) .name", "سیما")
        assert await browser.texts(f"{ROWS} .new") == ["تازه"] * 4


async def test_figures_say_since_when_by_the_clubs_clock() -> None:
    club = await filled("says-since")
    async with opened(club) as (site, browser):
        club.now += 86_400_000
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".side", "امتیازهایی که از ۱۰ مهر، ۱۲:۰۰ داده شده است")


async def test_in_english_one_is_one_and_titles_stand_apart_from_numbers() -> None:
    club = await filled("says-english")
    await club.live([Line("c-470001", 5, "سیما")], participants=1)
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL + "&lang=en")
        await browser.sees(".figures .figure", "1 participant")
        assert "1 participants" not in await browser.text("main")
        assert set(await browser.texts(".side .plain bdi")) == {"Gold coin"}
        await browser.go(site.url + "/?lang=en")
        await browser.sees(".festival.open .chips", "1 participant")
        assert "1 participants" not in await browser.text("main")


async def top_height(browser: Chrome) -> int:
    return int(await browser.run("return document.getElementById('top').offsetHeight"))


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_the_top_line_of_a_phone_keeps_its_height_when_the_stream_is_cut(language: str) -> None:
    club = await filled(f"says-cut-{language}")
    async with opened(club, PHONE) as (site, browser):
        await browser.go(f"{site.url}{FESTIVAL}&lang={language}")
        await browser.sees(".connection", "زنده" if language == "fa" else "Live")
        before = await top_height(browser)
        await site.server.stop()
        await browser.sees(".connection", "قطع؛ تلاش دوباره" if language == "fa" else "Offline, retrying")
        assert await top_height(browser) == before
        assert await browser.run("return document.documentElement.scrollWidth") <= PHONE[0]
        whole = "const each = document.querySelector('.brand span'); return each.scrollWidth <= each.clientWidth"
        assert await browser.run(whole), "the club's name is whole"
