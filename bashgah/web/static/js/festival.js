// One festival: a category's board as it changes, and what goes on around it.

import { BoardTable, comparable } from "./board.js";
import { bars, distributionChart, paceChart } from "./charts.js";
import { date, moment, number, roundName, said, say, sayOf, second, windowOf } from "./format.js";
import { follow } from "./live.js";
import { Refused, ask, askUntilAnswered, atMostEvery, buildTop, festivalAddress, h, linkToAll, main, now, replace, showNotice, titled } from "./page.js";
import { audience, badge, countdown } from "./state.js";

const query = new URLSearchParams(location.search);
const id = query.get("festival") ?? "";
const round = query.get("round");
const at = `festivals/${encodeURIComponent(id)}`;

buildTop(say("club"));
showNotice(say("loading"));

const heading = h("div", { class: "hero" });
const boardTitle = h("h2", {}, say("board"));
const standing = h("p", { class: "muted asof" });
const moves = h("p", { class: "muted moved" });
const participants = h("p", { class: "figure" });
const pace = h("div", {});
const spread = h("div", {});
const spreadPanel = h("section", { class: "card panel spread-panel", hidden: true }, h("h2", {}, say("distribution")), spread);
const contributions = h("div", {});
const results = h("div", {});
const spoken = h("p", { class: "sr", "aria-live": "polite" });

let festival = null;
let category = null;
let table = null;
let leader = null;
let shown = null;

const panel = (title, ...content) => h("section", { class: "card panel" }, h("h2", {}, title), ...content);

function showHeading() {
  document.title = `${said(festival.title)} · ${say("club")}`;
  replace(heading,
    h("p", { class: "crumb" }, linkToAll()),
    h("div", { class: "head" }, h("h1", {}, titled(festival.title)), badge(festival.state)),
    countdown(festival) ?? "",
    h("p", { class: "muted" }, windowOf(festival)),
    audience(festival));
}

function categoryLinks() {
  return h("nav", { class: "tabs", "aria-label": say("categories") }, h("ul", {}, festival.categories.map((each) =>
    h("li", {}, h("a", { href: festivalAddress(id, each.id), "aria-current": each.id === category.id ? "page" : null }, titled(each.title))))));
}

function prizes() {
  if (!category.prizes.length) return null;
  return panel(say("prizes"), h("ul", { class: "plain" }, category.prizes.map((prize) => {
    const [first, last] = (prize.ranks ?? [0, 0]).map(number);
    const where = prize.ranks === null ? say("drawn") : first === last ? say("oneRank", { first }) : say("ranks", { first, last });
    return h("li", {},
      h("span", { class: "label" }, where, prize.monthly ? h("small", { class: "muted" }, ` (${say("monthly")})`) : null),
      h("span", {}, titled(prize.title), prize.value_rial === null ? null : h("small", { class: "muted" }, ` ${say("rial", { n: number(prize.value_rial) })}`)));
  })));
}

function build() {
  table = new BoardTable(`${say("board")}: ${said(category.title)}`);
  showHeading();
  main.replaceChildren(
    heading,
    categoryLinks(),
    h("div", { class: "columns" },
      h("section", { class: "card board-card" },
        h("div", { class: "head" }, boardTitle, standing),
        table.element, moves, spoken),
      h("div", { class: "side" },
        h("section", { class: "card panel figures" }, h("h2", { class: "sr" }, say("participants")),
          participants, pace),
        spreadPanel,
        panel(say("indicators"), contributions),
        prizes(),
        results)));
}

// Times of today are told without their day, so everything is shown anew when the club's day has changed.
let shownOn = null;
function showDay() {
  if (shown && shownOn !== date(now())) showBoard(shown);
}

function showBoard(board) {
  shown = board;
  shownOn = date(now());
  table.show(board);
  const title = board.final ? `${say("finalBoard")}: ${roundName(board.round)}` : say("board");
  if (boardTitle.textContent !== title) boardTitle.textContent = title;
  const count = board.participants;
  participants.replaceChildren(h("strong", {}, number(count)), " ", h("span", { class: "muted" }, sayOf("participants", count)));
  standing.replaceChildren(board.as_of ? h("time", { datetime: board.as_of }, say(board.final ? "countedUntil" : "asOf", { when: whole(board.as_of) })) : "");
  moves.textContent = board.moved_since && comparable(board) ? say("movedSince", { when: moment(board.moved_since, now()) }) : "";
  const first = board.entries[0];
  if (leader !== null && first && first.key !== leader) spoken.textContent = say("leads", { name: first.name });
  leader = first?.key ?? null;
}

// A final board's is the instant from which on it is final: what came before the lanes' next tick counts too.
const whole = (instant) => (moment(instant, now()).length < 8 ? second(instant) : moment(instant, now()));

// Of a festival that is over nothing moves any more: what earned points is all that is left to say.
function showRules() {
  pace.replaceChildren();
  contributions.replaceChildren(h("ul", { class: "bars" }, festival.indicators.map((each) =>
    h("li", {}, h("span", { class: "label" }, titled(each.title)), h("small", { class: "muted hint" }, said(each.earns))))));
}

function showActivity(activity) {
  if (festival.state === "final") return showRules();
  pace.replaceChildren(paceChart(activity));
  const sums = new Map(activity.indicators.map((each) => [each.id, each.points]));
  contributions.replaceChildren(
    bars(festival.indicators.map((each) => ({ label: titled(each.title), value: sums.get(each.id) ?? 0, hint: said(each.earns) }))),
    h("p", { class: "muted" }, say("since", { when: moment(activity.since, now()) })));
}

// After the freeze only the board itself can tell it, where all have a line there: see docs/WEB.md. Clocks differ a little.
const FROZEN_MARGIN_MS = 10000;
const spreadIsKept = () => shown.published === shown.participants
  || (festival.state !== "final" && now() + FROZEN_MARGIN_MS < new Date(festival.freezes).getTime());
let spreadIsOff = false;

const showSpread = atMostEvery(5000, async () => {
  if (spreadIsOff || !spreadIsKept()) {
    spreadPanel.hidden = true;
    return;
  }
  try {
    spread.replaceChildren(distributionChart(await ask(`${at}/boards/${category.id}/distribution`)));
    spreadPanel.hidden = false;
  } catch (error) {
    const code = error instanceof Refused ? error.problem.code : null;
    spreadIsOff = code === "ranks_off"; // no workers to ask: it would never come
    spreadPanel.hidden = spreadIsOff || code === "not_kept";
    spread.replaceChildren(h("p", { class: "muted" }, say("unavailable")));
  }
});

const showRounds = atMostEvery(3000, async () => {
  const { rounds } = await ask(`${at}/rounds`);
  const own = rounds.filter((each) => each.category === category.id);
  replace(results, own.length ? panel(say("rounds"), h("ul", { class: "plain" }, own.map((each) =>
    h("li", {}, h("a", { href: festivalAddress(id, category.id, each.round), "aria-current": each.round === round ? "page" : null }, roundName(each.round)),
      h("span", { class: "muted" }, sayOf("participantsOf", each.participants)))),
    round && festival.state !== "final" ? h("li", {}, h("a", { href: festivalAddress(id, category.id) }, say("liveBoard"))) : null)) : "");
});

const refresh = atMostEvery(3000, async () => {
  festival = await askUntilAnswered(at);
  showHeading();
  if (festival.state === "final") showRules();
  showRounds();
});

const toFestival = () => h("a", { href: festivalAddress(id) }, say("toFestival"));

async function start() {
  festival = await askUntilAnswered(at);
  const wanted = query.get("category");
  category = wanted === null ? festival.categories[0] : festival.categories.find((each) => each.id === wanted);
  if (!category) return showNotice(say("noCategory"), toFestival());
  build();
  showActivity(await askUntilAnswered(`${at}/activity`));
  showRounds();
  if (round) showBoard(await askUntilAnswered(`${at}/rounds/${encodeURIComponent(round)}/${category.id}`));
  else if (festival.state === "final") showBoard(await askUntilAnswered(`${at}/rounds/final/${category.id}`));
  else showBoard(await askUntilAnswered(`${at}/boards/${category.id}`));
  if (!round) {
    showSpread();
    setInterval(showSpread, 15000); // also members without a line on the board collect points
  }
  setInterval(showDay, 1000);
  const settled = round !== null || festival.state === "final";
  follow({ festival: id, category: category.id }, {
    board: (board) => { if (!settled && board.round === null) { showBoard(board); showSpread(); } },
    final: (board) => { if (!settled && board.round === "final") showBoard(board); refresh(); },
    states: refresh,
    activity: showActivity,
  }, refresh);
}

start().catch((error) => {
  const problem = error instanceof Refused ? error.problem : null;
  if (problem?.code === "unknown_round") showNotice(say("noRound"), toFestival());
  else if (problem?.code === "unknown_festival") showNotice(say("missing"), linkToAll());
  else showNotice(problem ? said(problem.reason) : say("failed"), linkToAll());
  if (!problem) throw error;
});
