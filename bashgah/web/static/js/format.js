// Language, numbers, dates and durations. Dates are Tehran's; Jalali in Persian.

import { WORDS } from "./words.js";

const KEPT = "bashgah.language";
const ZONE = "Asia/Tehran";
const MONTHS = ["Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"];
const MONTHS_FA = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

export const language = chosen();
export const persian = language === "fa";
const locale = persian ? "fa-IR-u-ca-persian-nu-arabext" : "en-GB";

document.documentElement.lang = language;
document.documentElement.dir = persian ? "rtl" : "ltr";

function chosen() {
  const wanted = new URLSearchParams(location.search).get("lang") ?? remembered();
  return wanted === "en" ? "en" : "fa";
}

function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // storage may be forbidden; then the language is Persian on each page
  }
}

export function switchLanguage() {
  const other = persian ? "en" : "fa";
  try {
    localStorage.setItem(KEPT, other);
  } catch { /* the address says it too */ }
  const address = new URL(location.href);
  address.searchParams.set("lang", other);
  location.replace(address);
  if (address.hash) location.reload(); // with a fragment, replacing the query alone may not load anew
}

// A text of WORDS with its places filled.
export const say = (key, filling = {}) => filled(WORDS[key][persian ? 0 : 1], filling);

// The same of so many: `{n}` is their number.
export function sayOf(key, count, filling = {}) {
  const [fa, many, one = many] = WORDS[key];
  return filled(persian ? fa : count === 1 ? one : many, { n: number(count), ...filling });
}

const filled = (text, filling) => text.replace(/\{(\w+)\}/g, (_, name) => filling[name] ?? "");

// A text that came in both languages.
export const said = (both) => both[language];

const plain = new Intl.NumberFormat(persian ? "fa-IR" : "en", { maximumFractionDigits: 0 });
export const number = (value) => plain.format(value);

const form = (options) => new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options });
const dateForm = form({ day: "numeric", month: "long", year: "numeric" });
const dayForm = form({ day: "numeric", month: "long" });
const timeForm = form({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const secondForm = form({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

// In Persian a date stands in parts, since the language's own pattern puts the era behind it.
function parts(formatter, instant) {
  const found = Object.fromEntries(formatter.formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
  return [found.day, found.month, found.year].filter(Boolean).join(" ");
}

export const date = (instant) => parts(dateForm, instant);
export const day = (instant) => parts(dayForm, instant);
export const time = (instant) => timeForm.format(new Date(instant));
export const second = (instant) => secondForm.format(new Date(instant));

// A time of today, or with its day where it is of another.
export function moment(instant, now) {
  return date(instant) === date(now) ? time(instant) : `${day(instant)}${persian ? "، " : ", "}${time(instant)}`;
}

// `closes` does not count any more, so the last day is the one before it.
export function windowOf(festival) {
  return say("window", { from: date(festival.opens), to: date(new Date(festival.closes).getTime() - 1) });
}

export function roundName(round) {
  if (round === "final") return say("whole");
  const [year, month] = round.split("-").map(Number);
  const digits = new Intl.NumberFormat(persian ? "fa-IR" : "en", { useGrouping: false });
  return `${(persian ? MONTHS_FA : MONTHS)[month - 1]} ${digits.format(year)}`;
}

// The two largest units that say something.
export function duration(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const units = [
    ["days", Math.floor(total / 86400)],
    ["hours", Math.floor(total / 3600) % 24],
    ["minutes", Math.floor(total / 60) % 60],
    ["seconds", total % 60],
  ];
  const first = units.findIndex(([, n]) => n > 0);
  if (first < 0) return say("seconds", { n: number(0) });
  return units.slice(first, first + 2).filter(([, n]) => n > 0).map(([unit, n]) => say(unit, { n: number(n) })).join(say("and"));
}
