"""A member's exact rank: inside the published places from the board, below them by the workers' counts."""

import random
from typing import Any

import pytest
from aiohttp import web

from bashgah.web.distribution import merged, of_scores
from engine.boards.leaderboard import BoardScore, Leaderboard
from engine.calendar import DAY_MS, iso
from schemas.internal import BUCKETS_MAX, Counts, Partitions, RanksUnavailable, summed
from tests.bashgah.web.asking import Site, running, token_of, until
from tests.bashgah.web.club import Club, Line
from tests.bashgah.web.workers import Member, Worker, serving


def member(name: str, score: int, partition: int, **more: Any) -> Member:
    bills = score // 4
    return Member(
        name, partition, scores={"autumn": {"overall": score, "digital": bills}},
        indicators={"autumn": {"purchases": score - 2 * bills, "bills": bills}}, **more,
    )  # fmt: skip


def published(members: list[Member], places: int) -> list[Line]:
    found = [Line(each.name, each.scores["autumn"]["overall"], each.alias, each.reached_at_ms) for each in members]
    return sorted(found, key=lambda line: (-line.score, line.member))[:places]


async def test_ranks_equal_those_of_a_naive_count_on_and_below_the_board() -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    members = [member(f"c-{n}", rng.randrange(0, 40), n % 3) for n in range(60)]
    for each in rng.sample(members, 6):
        each.listed = False
    listed = [each for each in members if each.listed and each.scores["autumn"]["overall"] > 0]
    scores = [each.scores["autumn"]["overall"] for each in listed]
    club = await Club("naive").prepare()
    await club.live(published(listed, 10), participants=len(listed))
    first, second = Worker(members, 3, [2, 0]), Worker(members, 3, [1])
    async with serving(first, second) as found, running(club, **found) as site:
        for each in members:
            shown = (await site.own(each.name))["festivals"][0]["standings"][0]
            score = each.scores["autumn"]["overall"]
            if each not in listed:
                assert (shown["listed"], shown["rank"]) == (False, None), seed
                continue
            above = [other for other in scores if other > score]
            assert (shown["rank"], shown["participants"]) == (1 + len(above), len(listed)), f"seed {seed}"
            assert shown["gap"] == (min(above) - score if above else None), f"seed {seed}"
            if above:
                assert shown["above"] == {"score": min(above), "members": above.count(min(above))}, f"seed {seed}"
            assert sum(share["points"] for share in shown["earned"]) == score, f"seed {seed}"
    assert first.refused == second.refused == 0


async def test_on_the_board_neighbours_are_named_and_below_it_they_are_counted() -> None:
    members = [member(f"c-470{n}", 90 - 10 * n, 0, alias="Sima" if n == 1 else None) for n in range(6)]
    club = await Club("near").prepare()
    await club.live(published(members, 4), participants=6)
    async with serving(Worker(members, 1, [0])) as found, running(club, **found) as site:
        inside = (await site.own("c-4702"))["festivals"][0]
        shown = inside["standings"][0]
        assert [(each["rank"], each["name"], each["own"]) for each in shown["neighbours"]] == [
            (1, "•••00", False), (2, "Sima", False), (3, "•••02", True), (4, "•••03", False),
        ]  # fmt: skip
        assert shown["neighbours"][2]["key"] == inside["key"]
        assert shown["as_of"] == iso(club.now)
        assert shown["below"] is None, "behind the last line there may be more with its score"
        last = (await site.own("c-4703"))["festivals"][0]["standings"][0]
        assert last["below"] is None, "the board does not show who comes after its last line"
        below = (await site.own("c-4704"))["festivals"][0]["standings"][0]
        assert (below["rank"], below["neighbours"]) == (5, [])
        assert (below["above"], below["below"]) == ({"score": 60, "members": 1}, {"score": 40, "members": 1})


async def test_a_score_that_the_board_does_not_know_yet_is_counted() -> None:
    members = [member("c-1", 30, 0), member("c-2", 50, 0), member("c-3", 10, 0)]
    club = await Club("newer").prepare()
    await club.live([Line("c-1", 30), Line("c-2", 20), Line("c-3", 10)])
    async with serving(Worker(members, 1, [0])) as found, running(club, **found) as site:
        shown = (await site.own("c-2"))["festivals"][0]["standings"][0]
        assert (shown["rank"], shown["score"], shown["gap"]) == (1, 50, None)


async def test_a_score_that_changes_while_it_is_counted_is_counted_again() -> None:
    changing = member("c-1", 10, 0)
    members = [changing, *(member(f"o-{n}", 15, 0) for n in range(4))]
    worker = Worker(members, 1, [0])
    board, changes = worker.board, iter([20, 21])

    async def board_and_change(request: Any) -> Any:
        answer = await board(request)
        score = next(changes, None)
        if score is not None:
            changing.scores["autumn"]["overall"] = score
        return answer

    worker.board = board_and_change  # type: ignore[method-assign]
    club = await Club("changing").prepare()
    async with serving(worker) as found, running(club, **found) as site:
        shown = (await site.own("c-1"))["festivals"][0]["standings"][0]
        assert (shown["score"], shown["rank"], shown["above"]) == (21, 1, None)


@pytest.mark.parametrize(
    ("shares", "fine"),
    [([[0, 1], [2]], True), ([[0], [2]], False), ([[0, 1], [1, 2]], False), ([[0, 1, 2], []], True), ([[], []], False)],
)
async def test_ranks_are_told_only_when_every_partition_is_counted_once(shares: list[list[int]], fine: bool) -> None:
    members = [member("c-1", 30, 0), member("c-2", 50, 2)]
    club = await Club(f"shares-{shares}").prepare()
    workers = [Worker(members, 3, mine) for mine in shares]
    async with serving(*workers) as found, running(club, **found) as site:
        answer = await site.ask("me", token_of("c-1"))
        assert answer.status == (200 if fine else 503)
        if not fine:
            assert answer.json["code"] == "ranks_unavailable"
            assert int(answer.headers["Retry-After"]) >= 1


async def test_a_worker_without_partitions_is_no_obstacle() -> None:
    members = [member("c-1", 30, 0), member("c-2", 50, 0)]
    idle = Worker(members, 1, [])

    async def nothing(request: Any) -> Any:
        raise web.HTTPNotFound

    idle.board = nothing  # type: ignore[method-assign]
    club = await Club("idle").prepare()
    async with serving(Worker(members, 1, [0]), idle) as found, running(club, **found) as site:
        assert (await site.own("c-1"))["festivals"][0]["standings"][0]["rank"] == 2


async def test_a_worker_that_is_away_or_was_not_told_the_secret_gives_no_ranks() -> None:
    members = [member("c-1", 30, 0), member("c-2", 50, 1)]
    club = await Club("away").prepare()
    async with serving(Worker(members, 2, [0]), gone := Worker(members, 2, [1])) as found:
        wrong = {**found, "internal_secret": "another secret, also long enough for one"}
        async with running(club, **wrong) as site:
            assert (await site.ask("me", token_of("c-1"))).json["code"] == "ranks_unavailable"
        assert gone.refused
        away = {**found, "worker_urls": found["worker_urls"].replace(gone.url, "http://127.0.0.1:9")}
        async with running(club, **away) as site:
            assert (await site.ask("me", token_of("c-1"))).json["code"] == "ranks_unavailable"


async def test_finals_show_the_place_of_those_who_have_one() -> None:
    members = [member("c-1", 30, 0), member("c-2", 50, 0)]
    club = await Club("finish").prepare()
    await club.final([Line("c-1", 7)], round="1405-06")
    club.now += 1
    await club.final([Line("c-2", 9), Line("c-1", 8)])
    async with serving(Worker(members, 1, [0])) as found, running(club, **found) as site:
        finals = (await site.own("c-2"))["festivals"][0]["finals"]
        assert [(each["round"], each["rank"], each["score"]) for each in finals] == [
            ("final", 1, 9), ("1405-06", None, None),
        ]  # fmt: skip


def ended(members: list[Member], round: str = "final") -> list[Member]:
    """The same, listed on the board of a frozen round with the scores that they have."""
    for each in members:
        each.finals["autumn"] = {(round, "overall"): each.scores["autumn"]["overall"]}
    return members


async def test_below_the_published_places_of_a_final_board_ranks_are_counted_once() -> None:
    rng = random.Random(11)
    members = ended([member(f"c-{n}", rng.randrange(1, 30), n % 3) for n in range(35)])
    late = member("late", 30, 0)  # registered only after it was frozen
    order = published(members, 35)
    club = await Club("ended").prepare()
    await club.final(order[:10], participants=35)
    club.now += 22 * DAY_MS
    first, second = Worker([*members, late], 3, [2, 0]), Worker(members, 3, [1])
    async with serving(first, second) as found, running(club, **found) as site:
        for each in members:
            score = each.scores["autumn"]["overall"]
            higher = [line.score for line in order if line.score > score]
            shown = (await site.own(each.name))["festivals"][0]
            for told in (*shown["finals"], *shown["standings"][:1]):
                assert (told["rank"], told["score"], told["participants"]) == (1 + len(higher), score, 35)
                assert told["gap"] == (min(higher) - score if higher else None)
                assert (told["above"] or {}).get("members") == (higher.count(min(higher)) if higher else None)
        asked = first.asked
        await site.own(order[20].member)
        assert first.asked == asked + 2, "only for the member's scores, before and after"
        shown = (await site.own("late"))["festivals"][0]
        assert [(final["rank"], final["score"]) for final in shown["finals"]] == [(None, None)]
        assert (shown["standings"][0]["listed"], shown["standings"][0]["rank"]) == (True, None)


async def test_where_rows_and_a_final_board_differ_no_rank_is_told(caplog: pytest.LogCaptureFixture) -> None:
    members = ended([member("c-1", 30, 0), member("c-2", 50, 0), member("c-3", 20, 0)], "1405-06")
    club = await Club("differ").prepare()
    await club.final([Line("c-2", 50)], round="1405-06", participants=4)
    async with serving(Worker(members, 1, [0])) as found, running(club, **found) as site:
        (final,) = (await site.own("c-1"))["festivals"][0]["finals"]
        assert (final["rank"], final["score"], final["gap"]) == (None, 30, None)
    assert "3 in the rows, 4 published" in caplog.text


async def test_once_a_festival_is_frozen_its_final_board_is_all_there_is_to_say() -> None:
    members = [member("c-1", 30, 0), member("c-2", 50, 0), member("c-3", 20, 0)]
    worker = Worker(members, 1, [0])
    club = await Club("frozen").prepare()
    await club.live(published(members, 2), participants=3)
    async with serving(worker) as found, running(club, **found) as site:
        assert [(await _overall(site, each.name))["rank"] for each in members] == [2, 1, 3]
        for each in members:
            each.listed_now = False  # the lanes have closed the board before the web knows of it
        assert (await site.ask("me", token_of("c-3"))).json["code"] == "ranks_unavailable"
        club.now += 22 * DAY_MS
        asked = worker.asked
        shown = await _overall(site, "c-3")
        assert (shown["listed"], shown["rank"], shown["score"]) == (True, None, 20)
        assert (await _overall(site, "c-2"))["rank"] == 1
        assert worker.asked == asked + 4, "only members were asked for, no counts"
        assert (await site.ask("festivals/autumn/boards/overall/distribution")).json["code"] == "not_kept"
        await club.final([Line("c-2", 50), Line("c-3", 20)])
        await club.erase("autumn", "overall")

        async def final() -> bool:
            answer = await site.ask("festivals/autumn/boards/overall")
            return bool(answer.json["final"])

        await until(final)
        shown = await _overall(site, "c-3")
        assert (shown["rank"], shown["participants"], shown["gap"]) == (2, 2, 30)


async def _overall(site: Site, name: str) -> Any:
    return (await site.own(name))["festivals"][0]["standings"][0]


async def test_scores_are_shown_from_registering_on() -> None:
    club = await Club("customer").prepare()
    customer = member("c-1", 30, 0, registered=False)
    async with serving(Worker([customer], 1, [0])) as found, running(club, **found) as site:
        shown = await site.own("c-1")
        assert (shown["registered"], shown["festivals"]) == (False, [])
        customer.registered = True
        shown = await site.own("c-1")
        assert (shown["registered"], shown["festivals"][0]["standings"][0]["score"]) == (True, 30)
        unknown = await site.own("never-heard-of")
        assert unknown["festivals"] == []


async def test_a_distribution_is_the_workers_together_and_asked_for_once() -> None:
    members = [member(f"c-{n}", 10 + n, n % 2) for n in range(50)]
    first, second = Worker(members, 2, [0]), Worker(members, 2, [1])
    club = await Club("together").prepare()
    await club.live(published(members, 5), participants=50)
    async with serving(first, second) as found, running(club, **found) as site:
        for _ in range(3):
            shown = (await site.ask("festivals/autumn/boards/overall/distribution")).json
        assert shown["listed"] == 50
        assert [(each["low"], each["members"]) for each in shown["buckets"]] == [(n, 10) for n in range(10, 60, 10)]
    assert (first.asked, second.asked) == (1, 1)


def test_distributions_of_lanes_make_the_distribution_of_all() -> None:
    rng = random.Random(7)
    scales = set()
    for _ in range(200):
        scores = [int(rng.paretovariate(0.6)) for _ in range(rng.randrange(1, 200))]
        lanes = [Leaderboard(10) for _ in range(3)]
        for n, score in enumerate(scores):
            lanes[n % 3].change(f"m{n}", None, BoardScore(score, 0, 0))
        even = [each for lane in lanes for each in lane.distribution(BUCKETS_MAX)]
        scale, buckets = merged(even, [each for lane in lanes for each in lane.widening()])
        assert sum(each.members for each in buckets) == len(scores)
        assert len(buckets) <= BUCKETS_MAX
        for each in buckets:
            assert each.members == sum(each.low <= score <= each.high for score in scores)
        assert [each.high + 1 for each in buckets[:-1]] == [each.low for each in buckets[1:]]
        assert 0 not in (buckets[0].members, buckets[-1].members)
        scales.add(scale)
        assert of_scores(scores).buckets[0].low <= min(scores)
    assert scales == {"linear", "logarithmic"}


def test_skewed_scores_are_told_apart_and_even_ones_stay_in_ranges_of_one_width() -> None:
    rng = random.Random(3)
    many = [int(rng.lognormvariate(2, 1.2)) + 1 for _ in range(5_000)] + [7_412, 9_850]
    skewed = of_scores(many)
    assert skewed.scale == "logarithmic"
    assert [(each.low, each.high) for each in skewed.buckets[:8]] == [
        (1, 1), (2, 2), (3, 4), (5, 6), (7, 9), (10, 14), (15, 19), (20, 29),
    ]  # fmt: skip
    assert max(each.members for each in skewed.buckets) < len(many) / 4
    even = of_scores(range(1, 400))
    assert (even.scale, {each.members for each in even.buckets}) == ("linear", {9, 10})
    assert of_scores([5, 5, 5, 6]).scale == "linear", "where a few ranges tell it all they stay"
    assert of_scores([]) == ("linear", ())


def test_sums_take_the_nearest_score_of_all_and_everybody_who_has_it() -> None:
    def part(mine: int, above: tuple[int, int] | None, below: tuple[int, int] | None) -> Counts:
        return Counts(
            partitions=Partitions(of=3, mine=(mine,)), above=2, listed=9, next_above=above, next_below=below,
            distribution=(), widening=(),
        )  # fmt: skip

    found = summed([part(0, (9, 1), None), part(1, (8, 2), (3, 1)), part(2, (8, 5), (4, 2))])
    assert (found.above, found.listed, found.next_above, found.next_below) == (6, 27, (8, 7), (4, 2))
    with pytest.raises(RanksUnavailable):
        summed([])
