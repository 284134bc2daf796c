// A board as a table that keeps its lines: who moves is seen moving, and what has changed is marked for a moment.

import { moment, number, say } from "./format.js";
import { h, hidden, now, who } from "./page.js";

const SHOWN_FIRST = 20;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class BoardTable {
  constructor(caption) {
    this.lines = new Map();
    this.all = false;
    this.body = h("tbody", {});
    this.more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.toggle() });
    this.empty = h("p", { class: "muted", hidden: true }, say("emptyBoard"));
    this.caption = h("caption", { class: "sr" }, caption);
    this.element = h("div", { class: "board" },
      h("table", {},
        this.caption,
        h("thead", {}, h("tr", {},
          h("th", { scope: "col" }, say("rank")),
          h("th", { scope: "col", class: "moves" }, hidden(say("change"))),
          h("th", { scope: "col" }, say("name")),
          h("th", { scope: "col", class: "number" }, say("score")),
          h("th", { scope: "col", class: "number reached" }, say("reached")))),
        this.body),
      this.empty,
      this.more);
  }

  show(board) {
    this.board = board;
    this.comparable = comparable(board);
    const before = this.positions();
    const known = this.lines;
    const first = known.size === 0;
    this.lines = new Map();
    const shown = this.all ? board.entries : board.entries.slice(0, SHOWN_FIRST);
    for (const place of shown) this.lines.set(place.key, this.line(known.get(place.key), place, first));
    // Lines that stay where they are are not touched, so that focus and reading are not disturbed.
    const wanted = [...this.lines.values()].map((each) => each.row);
    wanted.forEach((row, index) => {
      if (this.body.children[index] !== row) this.body.insertBefore(row, this.body.children[index] ?? null);
    });
    while (this.body.children.length > wanted.length) this.body.lastElementChild.remove();
    this.empty.hidden = board.entries.length > 0;
    this.empty.textContent = say(board.final ? "emptyFinal" : "emptyBoard");
    this.more.hidden = board.entries.length <= SHOWN_FIRST;
    this.more.textContent = this.all ? say("showFewer") : say("showAll", { n: number(board.entries.length) });
    this.glide(before);
  }

  toggle() {
    this.all = !this.all;
    this.show(this.board);
  }

  line(old, place, first) {
    const reached = moment(place.reached_at, now());
    const shows = JSON.stringify([place.score, place.rank, this.comparable, place.moved, place.new, place.name, place.masked, place.reached_at, reached]);
    if (old?.shows === shows) return old;
    const row = old?.row ?? h("tr", {});
    row.dataset.key = place.key;
    row.replaceChildren(
      h("td", { class: place.rank <= 3 ? `rank medal m${place.rank}` : "rank" }, h("span", {}, number(place.rank))),
      h("td", { class: "moves" }, this.comparable ? movement(place) : ""),
      h("th", { scope: "row", class: "name" }, who(place)),
      h("td", { class: "number score" }, number(place.score)),
      h("td", { class: "number reached" }, h("time", { datetime: place.reached_at }, reached)));
    if (!first && (!old || old.score !== place.score)) mark(row);
    return { row, shows, score: place.score };
  }

  positions() {
    if (calm.matches) return new Map();
    return new Map([...this.lines.values()].map(({ row }) => [row, row.getBoundingClientRect().top]));
  }

  glide(before) {
    for (const [row, top] of before) {
      const by = top - row.getBoundingClientRect().top;
      if (row.isConnected && by !== 0) {
        row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 450, easing: "ease-out" });
      }
    }
  }
}

// Whether the earlier board says anything of this one: not where most lines are new since, as at the beginning, or in
// a demonstration where days pass in seconds.
export const comparable = (board) => 2 * board.entries.filter((place) => place.new).length <= board.entries.length;

function mark(row) {
  row.classList.remove("changed");
  requestAnimationFrame(() => row.classList.add("changed"));
}

function movement(place) {
  if (place.new) return h("span", { class: "new" }, say("new"));
  if (place.moved === null) return "";
  if (place.moved === 0) return h("span", { class: "same" }, h("span", { "aria-hidden": "true" }, "–"), hidden(say("same")));
  const [kind, sign] = place.moved > 0 ? ["up", "▲"] : ["down", "▼"];
  const n = number(Math.abs(place.moved));
  return h("span", { class: kind }, h("span", { "aria-hidden": "true" }, `${sign} ${n}`), hidden(say(kind, { n })));
}
