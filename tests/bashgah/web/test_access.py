"""Who may ask what: keys, scopes, tokens, limits; and the headers that every answer carries."""

import base64
import json
import os
from pathlib import Path

import pytest

from agents.broker.errors import Unreachable
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError
from bashgah.serving.problems import KINDS, Refusal, RefusalCode
from bashgah.web import openapi
from bashgah.web.keys import PREFIX, Keys, Scope, new_key
from bashgah.web.masks import PlaceKeys, masked
from bashgah.web.rate_limit import Allowance
from bashgah.web.routes import ROUTES
from bashgah.web.tokens import Tokens
from engine.calendar import iso
from tests.bashgah.web.asking import SECRET, running, until
from tests.bashgah.web.club import Club, Line, lines
from tests.bashgah.web.workers import Member, Worker, serving

BOARD = "festivals/autumn/boards/overall"


def test_the_description_is_up_to_date() -> None:
    assert openapi.FILE.read_bytes() == openapi.written(), "run python -m bashgah.web.openapi"


def test_every_refusal_is_said_in_both_languages() -> None:
    for code in RefusalCode:
        problem = Refusal(code, "x", 3, expected="x", why="x", scope="x", limit=1_000, setting="X").problem()
        assert problem.status == KINDS[code].status
        for words in (problem.reason, problem.remedy):
            assert words.en
            assert words.fa
            assert words.en != words.fa
            assert "{" not in words.en + words.fa


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("c-4711", "•••11"),
        ("a", "•••"),
        ("abc", "•••c"),
        ("a" * 10 + "1234", "•••1234"),
        ("x" * 60 + "9876", "•••9876"),
    ],
)
def test_a_masked_reference_shows_a_third_of_it_and_at_most_four(reference: str, shown: str) -> None:
    assert masked(reference) == shown


def test_place_keys_need_the_secret_and_the_festival() -> None:
    keys, others = PlaceKeys(b"a"), PlaceKeys(b"b")
    assert keys.of("f", "m") == keys.of("f", "m")
    assert len({keys.of("f", "m"), keys.of("g", "m"), keys.of("f", "n"), others.of("f", "m")}) == 4


async def test_references_are_for_keys_that_may_identify(tmp_path: Path) -> None:
    club = await Club("identify").prepare()
    await club.live([Line("c-4711", 3, "Sima")])
    async with running(club, tmp_path) as site:
        for key, seen in ((None, False), ("boards:read", False), ("boards:identify", True)):
            (entry,) = (await site.ask(BOARD, key)).json["entries"]
            assert ("member" in entry) is seen, key
        known = await site.ask(BOARD, "boards:identify")
        assert (await site.ask(BOARD, If_None_Match=known.headers["ETag"])).status == 200


async def test_where_boards_are_not_public_a_key_must_be_for_them(tmp_path: Path) -> None:
    club = await Club("private").prepare()
    await club.live(lines(1))
    async with running(club, tmp_path, web_public=False) as site:
        for path in (BOARD, "festivals", "stream", "festivals/autumn/rounds", "festivals/autumn/activity"):
            assert (await site.ask(path)).json["code"] == "key_missing"
            assert (await site.ask(path, "tokens:issue")).json["code"] == "scope_missing"
        answer = await site.ask(BOARD)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="bashgah"')
        assert (await site.ask(BOARD, "boards:read")).status == 200
        token = Tokens(SECRET).issue("c-1", wall_clock() + 60_000)
        assert (await site.ask(BOARD, token)).status == 401
        assert (await site.ask("openapi.json")).status == 200


async def test_a_wrong_key_is_refused_even_where_none_is_needed(tmp_path: Path) -> None:
    club = await Club("wrong-key").prepare()
    async with running(club, tmp_path) as site:
        assert (await site.ask(BOARD, PREFIX + "x" * 43)).json["code"] == "key_unknown"
        assert (await site.ask(BOARD, Authorization="Basic abc")).json["code"] == "key_unknown"
        assert (await site.ask(BOARD, "x" * 2_000)).json["code"] == "key_unknown"


async def test_each_scope_opens_its_own_requests_and_no_others(tmp_path: Path) -> None:
    club = await Club("scopes").prepare()
    worker = Worker([Member("c-1")], 1, [0])
    async with serving(worker) as found, running(club, tmp_path, **found) as site:
        for scope in Scope:
            member = await site.ask("members/c-1", scope.value)
            assert (member.status == 200) is (scope is Scope.MEMBERS_READ)
            token = await site.ask("tokens", scope.value, "POST", {"member": "c-1"})
            assert (token.status == 201) is (scope is Scope.TOKENS_ISSUE)
        assert (await site.ask("members/c-1")).json["code"] == "key_missing"


async def test_a_token_opens_its_members_page_and_nothing_else(tmp_path: Path) -> None:
    club = await Club("token").prepare()
    worker = Worker([Member("c-4711", alias="Sima")], 1, [0])
    async with serving(worker) as found, running(club, tmp_path, **found) as site:
        issued = (await site.ask("tokens", "tokens:issue", "POST", {"member": "c-4711"})).json
        assert issued["scope"] == "member:read"
        own = await site.ask("me", issued["token"])
        assert (await site.ask("me", site.server.member_page("c-4711").partition("#")[2])).json == own.json
        assert (own.status, own.json["name"]) == (200, "Sima")
        assert own.headers["Cache-Control"] == "no-store"
        assert (await site.ask("members/c-4711", issued["token"])).json["code"] == "key_missing"
        assert (await site.ask("me", "members:read")).json["code"] == "token_invalid"
        assert (await site.ask("me")).json["code"] == "token_invalid"


def test_a_token_cannot_be_changed_forged_or_outlived() -> None:
    tokens = Tokens(SECRET)
    token = tokens.issue("c-4711", 1_000)
    assert tokens.read(token, 999).member == "c-4711"
    body, signature = token.removeprefix("bgt_").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "member": "c-1"}).encode()).rstrip(b"=").decode()
    for wrong in (f"bgt_{forged}.{signature}", f"bgt_{body}.{signature[:-1]}", f"bgt_{body}.", "bgt_", "bgt_é.é",
                  Tokens(SECRET + "x").issue("c-4711", 1_000)):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            tokens.read(wrong, 1)
        assert caught.value.code is RefusalCode.TOKEN_INVALID
    with pytest.raises(Refusal) as caught:
        tokens.read(token, 1_000)
    assert caught.value.code is RefusalCode.TOKEN_EXPIRED


async def test_tokens_live_no_longer_than_the_setting_and_need_a_sound_body(tmp_path: Path) -> None:
    club = await Club("lifetime").prepare()
    async with running(club, tmp_path, web_token_lifetime_ms=60_000) as site:
        body = {"member": "c-1", "lifetime_ms": 86_400_000}
        token = (await site.ask("tokens", "tokens:issue", "POST", body)).json["token"]
        assert Tokens(SECRET).read(token, wall_clock()).expires <= wall_clock() + 60_000
        for wrong in (
            {},
            {"member": "a b"},
            {"member": "c-1", "for": "c-2"},
            {"member": "c-1", "lifetime_ms": 1},
            [],
            {"member": "."},
            {"member": ".."},
        ):
            answer = await site.ask("tokens", "tokens:issue", "POST", wrong)
            assert (answer.status, answer.json["code"]) == (400, "bad_body"), wrong
        dots = await site.ask("members/%2E%2E", "members:read")
        assert (dots.status, dots.json["code"]) == (400, "bad_parameter")
        large = await site.ask("tokens", "tokens:issue", "POST", {"member": "x" * 20_000})
        assert (large.status, large.json["code"]) == (413, "body_too_large")


async def test_without_a_secret_there_are_no_tokens(tmp_path: Path) -> None:
    club = await Club("no-secret").prepare()
    async with running(club, tmp_path, web_token_secret=None) as site:
        assert (await site.ask("tokens", "tokens:issue", "POST", {"member": "c-1"})).json["code"] == "tokens_off"
        token = Tokens(SECRET).issue("c-1", wall_clock() + 60_000)
        assert (await site.ask("me", token)).json["code"] == "tokens_off"


def test_the_file_has_hashes_and_a_changed_file_is_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    first, kept = new_key("portal", [Scope.BOARDS_READ])
    path.write_text(kept.line() + "\n", encoding="utf-8")
    keys = Keys(path)
    assert first not in path.read_text(encoding="utf-8")
    assert keys.find(first) == kept
    assert not keys.refresh()
    second, other = new_key("app", [Scope.TOKENS_ISSUE])
    path.write_text(f"# only one\n\n{other.line()}\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert keys.refresh()
    assert (keys.find(first), keys.find(second)) == (None, other)
    path.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ClubError, match="boards:identify"):
        keys.refresh()
    assert keys.find(second) == other


@pytest.mark.parametrize(
    "line", ["a", "a b boards:read", f"a {'0' * 64}", f"a {'0' * 64} boards:write", f"a {'0' * 64} "]
)
def test_a_line_that_is_no_key_is_said_with_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "keys").write_text(f"# keys\n{line}\n", encoding="utf-8")
    with pytest.raises(ClubError, match="keys:2: is no key"):
        Keys(tmp_path / "keys")


def test_a_file_of_keys_that_anybody_can_read_or_add_to_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.touch()
    for mode in (0o644, 0o602, 0o660):
        file.chmod(mode)
        with pytest.raises(ClubError, match="can be read by others, or written by its group; chmod 600"):
            Keys(file)
    file.chmod(0o640)
    assert Keys(file).find("bgk_x") is None


def test_a_key_that_was_taken_out_is_gone_once_the_file_can_be_taken_in(tmp_path: Path) -> None:
    secret, key = new_key("portal", [Scope.BOARDS_READ])
    file = tmp_path / "keys"
    file.write_text(key.line() + "\n", encoding="utf-8")
    file.chmod(0o600)
    keys = Keys(file)
    assert keys.find(secret) is not None
    file.write_text("# nobody\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(ClubError, match="can be read by others"):
        keys.refresh()
    file.chmod(0o600)
    assert keys.refresh()
    assert keys.find(secret) is None


def test_a_file_of_keys_that_is_no_text_is_a_problem_and_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"\xff\xfea\0")
    file.chmod(0o600)
    with pytest.raises(ClubError, match="no text in UTF-8"):
        Keys(file)


def test_an_allowance_fills_evenly_and_forgets_the_oldest() -> None:
    now = 0.0
    allowance = Allowance(60, lambda: now)
    assert [allowance.take("a") for _ in range(16)] == [0] * 15 + [1]
    assert allowance.take("b") == 0
    now += 2.0
    assert [allowance.take("a") for _ in range(3)] == [0, 0, 1]


async def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path) -> None:
    club = await Club("limit").prepare()
    async with running(club, tmp_path, web_requests_per_minute_max=8) as site:
        found = [await site.ask("festivals") for _ in range(3)]
        assert [answer.status for answer in found] == [200, 200, 429]
        assert int(found[-1].headers["Retry-After"]) >= 1
        assert "8" in found[-1].json["reason"]["en"]
        assert "۸" in found[-1].json["reason"]["fa"]
        assert (await site.ask("festivals", "boards:read")).status == 200, "a key has its own allowance"
        assert (await site.ask("festivals", PREFIX + "guess")).status == 429, "guesses count for the address"


async def test_behind_a_proxy_the_addresses_that_it_saw_are_told_apart() -> None:
    club = await Club("proxy").prepare()
    async with running(club, web_requests_per_minute_max=4, web_proxies=1) as site:
        for seen in ("10.0.0.1", "10.0.0.2"):
            assert (await site.ask("festivals", X_Forwarded_For=f"6.6.6.6, {seen}")).status == 200
            assert (await site.ask("festivals", X_Forwarded_For=f"7.7.7.7, {seen}")).status == 429
    async with running(club, web_requests_per_minute_max=4) as site:
        assert (await site.ask("festivals", X_Forwarded_For="1.1.1.1")).status == 200
        assert (await site.ask("festivals", X_Forwarded_For="2.2.2.2")).status == 429, "believed without a proxy"


async def test_every_answer_keeps_browsers_from_what_no_page_needs() -> None:
    club = await Club("headers").prepare()
    async with running(club) as site:
        for path in ("/", "/festival?festival=x", "/member", "/static/style.css", "/api/v1/festivals", "/nothing",
                     "/static/../server.py", "/static/index.html", "/health/ready"):  # fmt: skip
            async with site.client.get(site.url + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'; script-src 'self'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Server"] == "bashgah"
                assert "Set-Cookie" not in answer.headers
                assert answer.headers["Bashgah-Now"] == iso(club.now)
                assert "Access-Control-Allow-Origin" not in answer.headers
                body = await answer.text()
                assert "<script>" not in body
                assert "style=" not in body
        async with site.client.get(site.url + "/static/js/page.js") as answer:
            assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
            known = answer.headers["ETag"]
        async with site.client.get(site.url + "/static/js/page.js", headers={"If-None-Match": known}) as answer:
            assert answer.status == 304


async def test_other_sites_may_read_only_where_they_are_named() -> None:
    club = await Club("cors").prepare()
    here = "https://portal.example"
    async with running(club, web_cors_origins=here) as site:
        answer = await site.ask("festivals", Origin=here)
        assert answer.headers["Access-Control-Allow-Origin"] == here
        assert "Access-Control-Allow-Origin" not in (await site.ask("festivals", Origin="https://other")).headers
        async with site.client.options(site.url + "/api/v1/me", headers={"Origin": here}) as preflight:
            assert preflight.status == 204
            assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    async with running(club) as site:
        assert (await site.ask("festivals", method="OPTIONS", Origin=here)).status == 405


async def test_the_wrong_method_says_which_are_right() -> None:
    club = await Club("method").prepare()
    async with running(club) as site:
        answer = await site.ask("festivals", method="DELETE")
        assert (answer.status, answer.json["code"]) == (405, "wrong_method")
        assert "GET" in answer.headers["Allow"]


async def test_head_is_answered_wherever_get_is_with_the_same_headers_and_no_body() -> None:
    club = await Club("head").prepare()
    await club.live(lines(3))
    await club.final(lines(3), "1405-07")
    differ = {"Date", "Bashgah-Now", "Transfer-Encoding", "Content-Length"}
    filled = {"festival": "autumn", "category": "overall", "round": "1405-07", "member": "c-1"}
    pages = ["/", "/festival", "/member", "/static/style.css", "/nothing", "/api/v1/festivals/none"]
    async with running(club) as site:
        for path in [*(route.path.format(**filled) for route in ROUTES if route.method == "GET"), *pages]:
            async with site.client.get(site.url + path) as whole, site.client.head(site.url + path) as head:
                assert head.status == whole.status, path
                assert await head.read() == b""
                assert {n: v for n, v in head.headers.items() if n not in differ} == {
                    n: v for n, v in whole.headers.items() if n not in differ
                }, path
                assert head.headers.get("Content-Length") == whole.headers.get("Content-Length") or "stream" in path
        assert len(site.server._hub) <= 1, "a HEAD of the stream is no viewer"
        async with site.client.head(site.url + "/api/v1/tokens") as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_health_tells_when_boards_are_read() -> None:
    club = await Club("health").prepare()
    async with running(club) as site:

        async def ready() -> bool:
            async with site.client.get(site.url + "/health/ready") as answer:
                return answer.status == 200

        await until(ready)
        site.server._tasks[0].cancel()

        async def live() -> bool:
            async with site.client.get(site.url + "/health/live") as answer:
                return answer.status == 503 and "programmes" in await answer.text()

        await until(live)


async def test_it_is_not_ready_while_the_broker_does_not_answer_and_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    club = await Club("broker away").prepare()

    async def away() -> None:
        raise Unreachable("10.0.0.1:9092", "nobody listens there", "start it")

    monkeypatch.setattr(club.broker, "ping", away)
    async with running(club) as site:
        async with site.client.get(site.url + "/health/ready") as answer:
            assert (answer.status, (await answer.json())["reasons"]) == (
                503,
                ["the broker is away: 10.0.0.1:9092: nobody listens there"],
            )
        async with site.client.get(site.url + "/health/live") as answer:
            assert answer.status == 200
        assert (await site.ask("festivals")).status == 200
