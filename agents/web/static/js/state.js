// A festival's state and what it counts down to.

import { duration, say } from "./format.js";
import { eachSecond, h, now } from "./page.js";

const UNTIL = { open: ["untilEnd", "closes"], upcoming: ["untilStart", "opens"], closing: ["untilFinal", "freezes"] };

export const badge = (state) => h("span", { class: `badge ${state}` }, say(state));

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
