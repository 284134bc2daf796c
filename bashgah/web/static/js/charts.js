// Small pictures of numbers. Each has its content as text too, for those who do not see it.

import { number, say, sayOf } from "./format.js";
import { h, svg } from "./page.js";

const WIDTH = 320;
const HEIGHT = 88;

// Bars side by side, the same order in both directions of writing: from left to right.
function columns(values, labels) {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length);
  const gap = step > 6 ? 2 : 1;
  return values.map((value, index) => {
    const height = value > 0 ? Math.max(2, (value / most) * HEIGHT) : 0;
    return svg("rect", { x: index * step, y: HEIGHT - height, width: Math.max(1, step - gap), height, rx: 1.5 }, svg("title", {}, labels[index]));
  });
}

function picture(kind, label, bars) {
  return svg("svg", { class: `chart ${kind}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, bars);
}

export function distributionChart({ buckets, scale }) {
  if (!buckets.length) return h("p", { class: "muted" }, say("emptyBoard"));
  const labels = buckets.map((each) => say("distributionOf", { n: number(each.members), low: number(each.low), high: number(each.high) }));
  return h("div", {},
    picture("spread", say("distribution"), columns(buckets.map((each) => each.members), labels)),
    h("p", { class: "axis", dir: "ltr", "aria-hidden": "true" }, ticks(buckets).map((each) => h("span", {}, number(each)))),
    scale === "logarithmic" ? h("p", { class: "muted" }, h("small", {}, say("widening"))) : null,
    h("table", { class: "sr" },
      h("caption", {}, say("distribution")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("scoreRange")), h("th", { scope: "col" }, say("members")))),
      h("tbody", {}, buckets.filter((each) => each.members).map((each) => h("tr", {}, h("th", { scope: "row" }, `${number(each.low)} – ${number(each.high)}`), h("td", {}, number(each.members)))))),
  );
}

// Where the picture begins, its middle, and its end.
function ticks(buckets) {
  const middle = buckets.length > 4 ? [buckets[Math.floor(buckets.length / 2)].low] : [];
  return [buckets[0].low, ...middle, buckets.at(-1).high];
}

export function paceChart(activity) {
  const values = activity.minutes.map((each) => Math.max(0, each.points));
  const labels = values.map((value) => sayOf("points", value));
  return h("div", {},
    h("p", { class: "figure" }, h("strong", {}, number(activity.points_per_minute)), " ", h("span", { class: "muted" }, say("pace"))),
    picture("pace", say("paceMinutes"), columns(values, labels)),
    h("p", { class: "axis" }, h("span", {}, say("paceMinutes"))),
  );
}

// Lines of a list with a bar each, by the share of the largest. `label`: a text or an element.
export function bars(items) {
  const most = Math.max(1, ...items.map((each) => Math.abs(each.value)));
  return h("ul", { class: "bars" }, items.map((each) => {
    const fill = h("span", { class: "fill" });
    fill.style.setProperty("inline-size", `${(Math.max(0, each.value) / most) * 100}%`);
    return h("li", {},
      h("span", { class: "label" }, each.label),
      h("span", { class: "value" }, number(each.value), each.note ? h("small", {}, ` ${each.note}`) : null),
      h("span", { class: "track", "aria-hidden": "true" }, fill),
      each.hint ? h("small", { class: "muted hint" }, each.hint) : null);
  }));
}

