// A festival's state, what it counts down to, and for whom it is.

import { duration, say } from "./format.js";
import { apart, eachSecond, h, now } from "./page.js";

const UNTIL = { open: ["untilEnd", "closes"], upcoming: ["untilStart", "opens"], closing: ["untilFinal", "freezes"] };

export const badge = (state) => h("span", { class: `badge ${state}` }, say(state));

// For whom it is, and how one takes part.
export function audience({ segments, province, joining }) {
  const listed = (names) => names.flatMap((each, index) => [index ? say("comma") : null, apart(each)]);
  const whom = [];
  if (segments) whom.push(say(segments.length > 1 ? "segments" : "segment"), ...listed(segments));
  if (province) whom.push(say(segments ? "amongResidents" : "residents"), ...listed(province));
  if (!whom.length) whom.push(say("everybody"));
  return h("p", { class: "muted audience" }, whom, say(joining === "opt_in" ? "optIn" : "automatic"));
}

// Not read out each second: `role=timer` is silent unless asked.
export function countdown(festival) {
  const [words, instant] = UNTIL[festival.state] ?? [];
  if (!words) return null;
  const left = h("strong", {});
  const until = h("span", { class: "muted" }, say(words));
  const element = h("p", { class: "countdown", role: "timer" }, left, " ", until);
  const end = new Date(festival[instant]).getTime();
  eachSecond(element, () => {
    const over = end <= now();
    const text = over ? say("awaited") : duration(end - now());
    if (left.textContent !== text) left.textContent = text;
    until.hidden = over;
  });
  return element;
}
