"""What a person sees and can do on the dashboard, with a screen, a phone, a keyboard, in Persian and in English."""

import pytest

from bashgah.web.tokens import Tokens
from engine.calendar import DAY_MS
from tests.bashgah.web.asking import SECRET, running, token_of
from tests.bashgah.web.club import Line
from tests.browser.axe import Axe
from tests.browser.chrome import ENTER, PHONE, TAB
from tests.browser.scene import BOARD, FESTIVAL, MEMBERS, ROWS, filled, opened, rows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def test_a_board_stands_in_order_in_persian_from_right_to_left() -> None:
    club = await filled("browser-order")
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".board", "سیما")
        assert await rows(browser) == ["سیما", "•••02", "Kaveh", "نگین"]
        assert await browser.texts(f"{ROWS} .rank") == ["۱", "۲", "۲", "۴"]
        assert await browser.texts(f"{ROWS} .score") == ["۱٬۲۰۰", "۹۰۰", "۹۰۰", "۴۰"]
        assert "جشنواره پاییزی" in await browser.text("h1")
        assert "۱ مهر ۱۴۰۵ تا ۳۰ مهر ۱۴۰۵" in await browser.text(".hero")
        assert "۲۰ روز و ۱۱ ساعت" in await browser.text(".countdown")
        assert "۳۴" in await browser.text(".side .figures")
        assert await browser.run("return [document.documentElement.lang, document.documentElement.dir]") == [
            "fa",
            "rtl",
        ]
        lefts = await browser.run(
            "return ['.rank', '.name', '.score', '.reached'].map(each =>"
            " document.querySelector('.board tbody ' + each).getBoundingClientRect().left)"
        )
        assert lefts == sorted(lefts, reverse=True), "the rank stands at the right"
        assert await browser.complaints() == []


async def test_skewed_scores_are_told_apart_in_the_picture() -> None:
    async with opened(await filled("browser-spread")) as (site, browser):
        await browser.go(site.url + FESTIVAL + "&lang=en")
        await browser.sees(".side", "Ranges widen with the scores")
        bars = await browser.run(
            "return [...document.querySelectorAll('.spread title')].map((each) => each.textContent)"
        )
        assert bars[:3] == ["1 with 1 to 1", "1 with 2 to 2", "2 with 3 to 4"]
        assert bars[-1] == "1 with 1,000 to 1,499"


async def test_in_english_everything_stands_the_other_way_round() -> None:
    club = await filled("browser-english")
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".board", "سیما")
        await browser.click(".language")
        await browser.sees("h1", "Autumn festival")
        assert await browser.run("return document.documentElement.dir") == "ltr"
        assert await browser.texts(f"{ROWS} .score") == ["1,200", "900", "900", "40"]
        await browser.go(site.url + "/")
        await browser.sees("main", "Spring festival")
        assert "23 September 2026 to 22 October 2026" in await browser.text(".festival.open")


async def test_a_change_is_seen_without_loading_again() -> None:
    club = await filled("browser-live")
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".connection", "زنده")
        await browser.run("window.untouched = true")
        club.now += 1_000
        changed = [Line("c-470004", 2_000, "نگین"), *BOARD[:3], Line("c-470009", 30, "<b>تازه</b>")]
        await club.live(changed, participants=35)
        await browser.sees(ROWS, "نگین")
        assert await rows(browser) == ["نگین", "سیما", "•••02", "Kaveh", "<b>تازه</b>"]
        assert "۳ پله بالا" in await browser.text(f"{ROWS}:nth-child(1) .moves")
        assert "تازه" in await browser.text(f"{ROWS}:nth-child(5) .moves")
        assert "نگین اکنون نفر نخست است" in await browser.text("[aria-live=polite]")
        assert "۳۵" in await browser.text(".side .figures")
        assert await browser.run("return document.querySelector('.board tbody b')") is None
        await club.score("c-1", "purchases", 700)
        await browser.sees(".side .figures", "۷۰۰")
        assert await browser.run("return window.untouched") is True


async def test_a_line_shows_its_new_time_and_its_day_as_soon_as_that_is_over() -> None:
    club = await filled("browser-times")
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".board", "سیما")
        assert await browser.texts(f"{ROWS} .reached") == ["۱۱:۰۰"] * 4
        # Score, rank and name stay: somebody lost a point and earned one.
        later = [Line(each.member, each.score, each.alias, each.reached_at + 1_800_000) for each in BOARD]
        await club.live(later, participants=len(MEMBERS))
        await browser.sees(f"{ROWS}:nth-child(1)", "۱۱:۳۰")
        assert await browser.texts(f"{ROWS} .reached") == ["۱۱:۳۰"] * 4
        club.now += 86_400_000
        await browser.sees(f"{ROWS}:nth-child(1)", "۱۰ مهر، ۱۱:۳۰")
        assert await browser.texts(f"{ROWS} .reached") == ["۱۰ مهر، ۱۱:۳۰"] * 4


async def test_after_the_server_restarts_the_page_goes_on_by_itself() -> None:
    club = await filled("browser-resume")
    async with opened(club) as (site, browser):
        port = site.server.port
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".connection", "زنده")
        await browser.run("window.untouched = true")
        await site.server.stop()
        await browser.sees(".connection", "قطع")
        await club.live([Line("c-470003", 5_000, "Kaveh"), *BOARD[:2]], participants=30)
        async with running(club, port=port):
            await browser.sees(".connection", "زنده", seconds=20)
            await browser.sees(f"{ROWS}:nth-child(1)", "Kaveh")
            assert await rows(browser) == ["Kaveh", "سیما", "•••02"]
            await club.live(BOARD, participants=31)
            await browser.sees(f"{ROWS}:nth-child(1)", "سیما")
            assert await browser.run("return window.untouched") is True


async def test_going_from_page_to_page_leaves_no_stream_behind() -> None:
    club = await filled("browser-pages")
    async with opened(club) as (site, browser):
        for _ in range(5):
            for path in ("/", FESTIVAL):
                await browser.go(site.url + path)
                await browser.sees(".connection", "زنده")

        async def one() -> bool:
            return len(site.server._hub) == 1

        await browser.until(one)


async def test_festivals_have_state_and_countdown_and_change_by_themselves() -> None:
    club = await filled("browser-list")
    async with opened(club) as (site, browser):
        await browser.go(site.url + "/")
        await browser.sees("main", "جشنواره بهاری")
        assert await browser.texts(".festival h2") == ["جشنواره پاییزی", "جشنواره کارکنان", "جشنواره بهاری"]
        assert await browser.texts(".badge") == ["در جریان", "به‌زودی", "پایان‌یافته"]
        assert "۵۰ روز" in await browser.text(".festival.upcoming .countdown")
        await browser.run("document.querySelector('.festival.upcoming a').focus()")
        club.now += 21 * DAY_MS
        await browser.sees(".festival.closing", "جشنواره پاییزی")
        assert await browser.run("return document.activeElement.textContent") == "جشنواره کارکنان"


async def test_a_final_board_says_of_which_month_it_is() -> None:
    club = await filled("browser-final")
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".side", "شهریور ۱۴۰۵")
        await browser.click(".side a[href*='round=']")
        await browser.sees(".board-card h2", "جدول نهایی: شهریور ۱۴۰۵")
        assert await rows(browser) == ["سیما", "•••02"]


async def test_a_members_page_shows_rank_gap_neighbours_and_sends_the_token_in_no_address() -> None:
    club = await filled("browser-member")
    async with opened(club) as (site, browser):
        token = token_of("c-470003")
        await browser.go(f"{site.url}/member#{token}")
        await browser.sees(".standing", "رتبهٔ شما")
        assert "۲ از ۳۴ نفر" in await browser.text(".standing .big")
        assert "۳۰۰ امتیاز" in await browser.text(".standing .figures")
        assert await browser.texts(".near .name") == ["سیما", "•••02", "Kaveh (شما)", "نگین"]
        assert await browser.text(".near .own") == "۲Kaveh (شما)۹۰۰"
        addresses = await browser.run("return performance.getEntriesByType('resource').map(each => each.name)")
        assert addresses
        assert all(address.startswith(site.url) and token not in address for address in addresses)
        await browser.go("about:blank")
        await browser.go(f"{site.url}/member#{token_of('x-000010')}")
        await browser.sees(".standing", "۲۵ از ۳۴ نفر")
        assert "۱ نفر با ۱۱ امتیاز" in await browser.text(".standing .plain")
        club.now += 40 * DAY_MS
        await browser.go("about:blank")
        await browser.go(f"{site.url}/member#{token_of('x-000010')}")
        await browser.sees(".standing", "در حال شمارش پایانی")
        await browser.sees(".participation", "شهریور ۱۴۰۵ · کلدر این جدول نیستید")
        await club.final(BOARD, participants=len(MEMBERS))
        await browser.sees(".standing", "۲۵ از ۳۴ نفر")
        assert "۱ نفر با ۱۱ امتیاز" in await browser.text(".standing .plain")
        assert "کل جشنواره · کلرتبهٔ ۲۵ از ۳۴ نفر" in await browser.text(".participation")
        await browser.go("about:blank")
        await browser.go(f"{site.url}/member#{Tokens(SECRET).issue('c-470003', 1)}")
        await browser.sees(".notice", "زمان این پیوند گذشته است")


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_a_phone_shows_every_page_without_scrolling_sideways(language: str) -> None:
    club = await filled(f"browser-phone-{language}")
    async with opened(club, PHONE) as (site, browser):
        await club.live([Line("c-1", 9_000_000_000, "م" * 60), *BOARD], participants=35)
        for path in pages(language):
            await browser.go("about:blank")
            await browser.go(site.url + path)
            await browser.sees("main", "۱" if language == "fa" else "1")
            width = await browser.run("return document.documentElement.scrollWidth")
            assert width <= PHONE[0], f"{path} is {width} wide"
            small = await browser.run(
                "return [...document.querySelectorAll('button, .tabs a, .chips a')].filter(each => each.offsetHeight"
                " && each.getBoundingClientRect().height < 24).map(each => each.textContent)"
            )
            assert small == [], f"{path}: too small for a finger"


def pages(language: str) -> list[str]:
    """Every page; a member's inside the published places and below them."""
    return [
        f"/?lang={language}", f"{FESTIVAL}&lang={language}", f"{FESTIVAL}&category=digital&lang={language}",
        f"{FESTIVAL}&round=1405-06&lang={language}", f"/member?lang={language}#{token_of('c-470003')}",
        f"/member?lang={language}#{token_of('x-000010')}",
    ]  # fmt: skip


async def test_the_keyboard_is_enough() -> None:
    club = await filled("browser-keyboard")
    many = [*BOARD, *(Line(f"m-{n:06}", 30 - n) for n in range(25))]
    await club.live(many, participants=len(many))
    focused = "return [document.activeElement.tagName, document.activeElement.textContent.trim()]"
    async with opened(club) as (site, browser):
        await browser.go(site.url + FESTIVAL)
        await browser.sees(".connection", "زنده")
        await browser.press(TAB)
        assert await browser.run(focused) == ["A", "رفتن به محتوا"]
        assert await browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await browser.press(ENTER)
        assert await browser.run("return document.activeElement.id") == "main"
        seen = []
        for _ in range(12):
            await browser.press(TAB)
            name = (await browser.run(focused))[1]
            seen.append(name)
            assert await browser.run("return document.activeElement.matches(':focus-visible')"), name
            if name.startswith("نمایش"):
                break
        assert seen == ["همهٔ جشنواره‌ها", "کل", "بانکداری الکترونیک", "نمایش ۲۹ نفر نخست"]
        assert len(await rows(browser)) == 20
        await browser.press(ENTER)
        assert len(await rows(browser)) == 29
        await club.live(many[1:], participants=28)
        await browser.sees(".side .figures", "۲۸")
        assert (await browser.run(focused))[1] == "نمایش کمتر", "a change of the board takes nobody's focus"


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_read_it(axe: Axe, language: str, scheme: str) -> None:
    club = await filled(f"browser-axe-{language}-{scheme}")
    async with opened(club) as (site, browser):
        await browser.prefer(color_scheme=scheme, reduced_motion="reduce")
        await club.live([BOARD[1], BOARD[0], BOARD[3], Line("c-470009", 1_500)], participants=len(MEMBERS))
        for path in pages(language):
            await browser.go("about:blank")
            await browser.go(site.url + path)
            await browser.sees("main", "۱" if language == "fa" else "1")
            assert await axe.findings(browser) == [], path
        assert await browser.complaints() == []


async def test_axe_finds_what_it_is_for(axe: Axe) -> None:
    club = await filled("browser-axe-bad")
    async with opened(club) as (site, browser):
        await browser.go(site.url + "/")
        await browser.sees("main", "جشنواره")
        await browser.run("document.querySelector('h1').style.color = '#ddd'")
        assert [each.split(":")[0] for each in await axe.findings(browser)] == ["color-contrast"]
