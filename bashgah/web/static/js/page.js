// What every page has: making elements, the top line, the connection's state, asking the API, the club's clock.

import { language, persian, said, say, switchLanguage } from "./format.js";

// An element. Text goes in as text, never as markup: names are chosen by members.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

// Who somebody is: a name in its own direction; a masked reference always left to right.
export const who = (place) => h("bdi", { class: place.masked ? "masked" : "alias", dir: place.masked ? "ltr" : "auto" }, place.name);

// A title or an id in its own direction, since it may be in the other language: numbers beside it stay where they are.
export const apart = (text) => h("bdi", {}, text);
export const titled = (both) => apart(said(both));

export const hidden = (text) => h("span", { class: "sr" }, text);

export const main = document.getElementById("main");

const connection = h("p", { class: "connection", role: "status" });

export function buildTop(title) {
  document.title = title;
  document.getElementById("top").append(
    h("a", { class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, say("skip")),
    h("a", { class: "brand", href: withLanguage("./") }, h("img", { src: "static/mark.svg", alt: "", width: 32, height: 32 }), h("span", {}, say("club"))),
    connection,
    h("button", { type: "button", class: "language", lang: persian ? "en" : "fa", onclick: switchLanguage }, say("otherLanguage")),
  );
}

export function showConnection(state) {
  if (connection.dataset.state === state) return;
  connection.dataset.state = state;
  const more = state === "away" ? h("span", { class: "retrying" }, say("retrying")) : "";
  connection.replaceChildren(h("span", { class: "dot", "aria-hidden": "true" }), h("span", {}, say(state), more));
}

// Addresses keep a language that was asked for in the address.
export function withLanguage(address) {
  if (!new URLSearchParams(location.search).has("lang")) return address;
  return `${address}${address.includes("?") ? "&" : "?"}lang=${language}`;
}

export function festivalAddress(festival, category, round) {
  const query = new URLSearchParams({ festival });
  if (category) query.set("category", category);
  if (round) query.set("round", round);
  return withLanguage(`festival?${query}`);
}

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export async function ask(path, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(`api/v1/${path}`, { headers, credentials: "omit" });
  setNow(answer.headers.get("Bashgah-Now"));
  if (answer.ok) return answer.json();
  throw new Refused(await answer.json());
}

// Asks until there is an answer. A refusal that will not change is thrown.
export async function askUntilAnswered(path, token) {
  for (;;) {
    try {
      return await ask(path, token);
    } catch (error) {
      const status = error instanceof Refused ? error.problem.status : 503;
      if (status < 500 && status !== 429) throw error;
      if (!main.querySelector(":scope > :not(.notice)")) showNotice(say("failed"));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

// `way`: where to go on, as a link.
export function showNotice(text, way = null) {
  main.replaceChildren(h("p", { class: "notice", role: "alert" }, text), ...(way ? [h("p", { class: "notice way" }, way)] : []));
}

export const linkToAll = () => h("a", { href: withLanguage("./") }, say("all"));

// The club's clock: what the server said last, going on by this machine's. It may not be the wall's: in a replay or a
// demonstration weeks pass in minutes.
let known = { server: Date.now(), local: performance.now() };
export const setNow = (instant) => { known = { server: new Date(instant).getTime(), local: performance.now() }; };
export const now = () => known.server + performance.now() - known.local;

// Runs `work` now and each second, as long as the element that it is for is on the page.
export function eachSecond(element, work) {
  work();
  const timer = setInterval(() => (element.isConnected ? work() : clearInterval(timer)), 1000);
}

// New content where there was old; whoever stood on a link stands on the same link again.
export function replace(element, ...children) {
  const address = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  element.replaceChildren(...children);
  if (address !== null) element.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus({ preventScroll: true });
}

// `work` at once, then at most once in `ms` however often it is called, and never lost.
export function atMostEvery(ms, work) {
  let last = -Infinity;
  let waiting = null;
  return (...given) => {
    clearTimeout(waiting);
    const left = last + ms - performance.now();
    const run = () => { last = performance.now(); work(...given); };
    if (left <= 0) run();
    else waiting = setTimeout(run, left);
  };
}
