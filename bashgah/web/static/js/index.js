// All festivals: what is on, what comes, what was.

import { say, sayOf, windowOf } from "./format.js";
import { follow } from "./live.js";
import { askUntilAnswered, atMostEvery, buildTop, festivalAddress, h, main, replace, showNotice, titled } from "./page.js";
import { audience, badge, countdown } from "./state.js";

buildTop(say("club"));
showNotice(say("loading"));

function card(festival) {
  const title = h("h2", {}, h("a", { href: festivalAddress(festival.id) }, titled(festival.title)));
  return h("li", { class: `card festival ${festival.state}` },
    h("div", { class: "head" }, title, badge(festival.state)),
    countdown(festival),
    h("p", { class: "muted" }, windowOf(festival)),
    audience(festival),
    h("ul", { class: "chips", "aria-label": say("categories") }, festival.categories.map((category) =>
      h("li", {}, h("a", { href: festivalAddress(festival.id, category.id) },
        titled(category.title),
        category.participants === null ? null : h("small", {}, sayOf("participantsOf", category.participants)))))));
}

let shown = "";

async function load() {
  const { festivals } = await askUntilAnswered("festivals");
  if (JSON.stringify(festivals) === shown) return;
  shown = JSON.stringify(festivals);
  replace(main,
    h("h1", {}, say("festivals")),
    festivals.length ? h("ul", { class: "cards" }, festivals.map(card)) : h("p", { class: "notice" }, say("noFestivals")));
}

const again = atMostEvery(5000, load);
await load();
follow([["top", 0]], { states: again }, again);
setInterval(again, 10000); // how many take part
