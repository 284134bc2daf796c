// All festivals: what is on, what comes, what was.

import { number, said, say, windowOf } from "./format.js";
import { follow } from "./live.js";
import { askUntilAnswered, atMostEvery, buildTop, festivalAddress, h, main, replace, showNotice } from "./page.js";
import { badge, countdown } from "./state.js";

buildTop(say("club"));
showNotice(say("loading"));

function card(festival) {
  const title = h("h2", {}, h("a", { href: festivalAddress(festival.id) }, said(festival.title)));
  return h("li", { class: `card festival ${festival.state}` },
    h("div", { class: "head" }, title, badge(festival.state)),
    countdown(festival),
    h("p", { class: "muted" }, windowOf(festival)),
    festival.segments ? h("p", { class: "muted" }, say("segments", { names: festival.segments.join("، ") })) : null,
    h("ul", { class: "chips", "aria-label": say("categories") }, festival.categories.map((category) =>
      h("li", {}, h("a", { href: festivalAddress(festival.id, category.id) },
        said(category.title),
        category.participants === null ? null : h("small", {}, say("participantsOf", { n: number(category.participants) })))))));
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
