// A member's own page. The token stands in the address's fragment, which no server sees, and goes out in a header.

import { bars } from "./charts.js";
import { moment, number, roundName, said, say, sayOf } from "./format.js";
import { follow } from "./live.js";
import { Refused, apart, ask, askUntilAnswered, atMostEvery, buildTop, festivalAddress, h, main, now, replace, showConnection, showNotice, titled, who } from "./page.js";
import { audience, badge } from "./state.js";

const POLL_MS = 15000;
const token = location.hash.slice(1);

buildTop(`${say("mine")} · ${say("club")}`);

function near(title, found) {
  if (!found) return null;
  return h("li", {}, h("span", { class: "label" }, title),
    h("span", {}, say("near", { n: number(found.members), score: number(found.score) })));
}

function neighbours(standing) {
  if (standing.neighbours.length) {
    return h("ol", { class: "near" }, standing.neighbours.map((each) =>
      h("li", { class: each.own ? "own" : null, "aria-current": each.own ? "true" : null },
        h("span", { class: "rank" }, number(each.rank)),
        h("span", { class: "name" }, who(each), each.own ? h("small", {}, ` (${say("you")})`) : null),
        h("span", { class: "score" }, number(each.score)))));
  }
  return h("ul", { class: "plain" }, near(say("above"), standing.above), near(say("below"), standing.below));
}

function figures(standing, state) {
  if (standing.rank === null) {
    return h("dl", { class: "figures" },
      h("div", { class: "big" }, h("dt", {}, say("myRank")), h("dd", {}, h("span", { class: "muted" }, say(state === "final" ? "notOnIt" : "closing")))),
      h("div", {}, h("dt", {}, say("score")), h("dd", {}, h("strong", {}, number(standing.score)))));
  }
  const gap = standing.gap === null ? say("first") : sayOf("points", standing.gap);
  return h("dl", { class: "figures" },
    h("div", { class: "big" }, h("dt", {}, say("myRank")), h("dd", {}, h("strong", {}, number(standing.rank)), " ", h("span", { class: "muted" }, say("ofN", { n: number(standing.participants) })))),
    h("div", {}, h("dt", {}, say("score")), h("dd", {}, h("strong", {}, number(standing.score)))),
    state === "final" ? null : h("div", {}, h("dt", {}, say("gap")), h("dd", {}, h("strong", {}, gap))));
}

function standingCard(participation, standing, meta) {
  const over = participation.state === "final";
  const category = meta?.categories.find((each) => each.id === standing.category);
  const titles = new Map((meta?.indicators ?? []).map((each) => [each.id, said(each.title)]));
  const earned = standing.earned.map((each) => ({
    label: apart(titles.get(each.id) ?? each.id),
    value: each.points,
    note: each.weight === 1 ? "" : say("weighted", { score: number(each.score), weight: number(each.weight) }),
  }));
  return h("section", { class: "card standing" },
    h("h3", {}, h("a", { href: festivalAddress(participation.festival, standing.category) }, category ? titled(category.title) : apart(standing.category))),
    standing.listed ? figures(standing, participation.state) : h("p", { class: "muted" }, say(over ? "notOnIt" : "notListed")),
    standing.rank !== null ? [h("h4", {}, say("neighbours")), neighbours(standing)] : null,
    h("h4", {}, say("earned")), bars(earned),
    over ? null : h("p", { class: "muted asof" }, say("asOf", { when: moment(standing.as_of, now()) })));
}

// Whether a category's own card says of a festival that is over what its final board says.
const shownAbove = (participation, finish) => participation.state === "final" && finish.round === "final"
  && participation.standings.some((each) => each.category === finish.category && each.rank === finish.rank);

function finals(participation, meta) {
  const titles = new Map((meta?.categories ?? []).map((each) => [each.id, said(each.title)]));
  const found = participation.finals.filter((each) => !shownAbove(participation, each));
  if (!found.length) return null;
  return h("section", { class: "card" }, h("h3", {}, say("finished")), h("ul", { class: "plain" }, found.map((each) =>
    h("li", {}, h("a", { href: festivalAddress(participation.festival, each.category, each.round) },
      roundName(each.round), titles.size > 1 ? [" · ", apart(titles.get(each.category) ?? each.category)] : null),
      h("span", {}, each.rank === null ? say("notOnIt") : `${say("oneRank", { first: number(each.rank) })} ${say("ofN", { n: number(each.participants) })}`)))));
}

function show(member, festivals) {
  const metas = new Map(festivals.map((each) => [each.id, each]));
  replace(main,
    h("h1", {}, say("mine"), " ", h("small", { class: "muted" }, who(member))),
    member.registered ? "" : h("p", { class: "notice" }, say("notRegistered")),
    member.festivals.length || !member.registered ? "" : h("p", { class: "notice" }, say("nothingYet")),
    ...member.festivals.map((each) => h("section", { class: "participation" },
      h("div", { class: "head" }, h("h2", {}, titled(each.title)), badge(each.state)),
      metas.has(each.festival) ? audience(metas.get(each.festival)) : "",
      h("div", { class: "standings" }, each.standings.map((standing) => standingCard(each, standing, metas.get(each.festival))), finals(each, metas.get(each.festival))))));
}

// What is said of the token is for portals: to members it is the link that they came by.
const LINKS = { token_invalid: "badLink", key_unknown: "badLink", token_expired: "oldLink" };
const refused = (problem) => (problem.code in LINKS ? say(LINKS[problem.code]) : `${said(problem.reason)}. ${said(problem.remedy)}.`);

// Everything but the instants at which it was looked up.
const content = (member) => JSON.stringify(member, (name, value) => (name === "as_of" ? null : value));

async function start() {
  if (!token) return showNotice(say("noToken"));
  showNotice(say("loading"));
  const { festivals } = await askUntilAnswered("festivals", token);
  let member = await askUntilAnswered("me", token);
  show(member, festivals);
  const again = atMostEvery(3000, async () => {
    try {
      const newest = await ask("me", token);
      if (content(newest) !== content(member)) show(newest, festivals); // else focus and reading are left alone
      member = newest;
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 401) showNotice(refused(error.problem));
      else showConnection("away");
    }
  });
  setInterval(again, POLL_MS);
  const mine = member.festivals.map((each) => ["festival", each.festival]);
  follow([...mine, ["top", mine.length ? 10 : 0]], { board: again, final: again, states: again }, again);
}

start().catch((error) => {
  if (!(error instanceof Refused)) throw error;
  showNotice(refused(error.problem));
});

addEventListener("hashchange", () => location.reload());
