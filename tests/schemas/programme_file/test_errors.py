"""Every message: what brings it about, exactly where it points, and that it speaks both languages."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import NamedTuple

import pytest

from schemas.programme_file.messages import MESSAGES, Code, Severity
from schemas.programme_file.messages.of_versions import VERSIONS
from schemas.programme_file.problems import COMPARED_MAX
from tests.schemas.programme_file.files import (
    BASE,
    HEAD,
    RULES,
    festival,
    marked,
    message,
    problems,
    purchase,
    rule,
)


class Case(NamedTuple):
    """A text with `§` where the problem is, its code, and the field path with the id."""

    code: Code
    text: str
    subject: str


C = Code
EXPIRING = "notifications: [{{id: n, event: points.expiring, days_before: {}, medium: push, template: {{fa: خبر}}}}]\n"
LIVES_A_MONTH = BASE + "points: {expiry: {months: 1}}\n"
CASES = [
    Case(C.FILE_TOO_LONG, "§" + BASE + "#" * 600_000, ""),
    Case(C.EMPTY_FILE, "§# nothing\n", ""),
    Case(C.NOT_YAML, "<html>\nprogramme§: club\n", ""),
    Case(C.UNCLOSED, BASE + "tiers: §{window: year\nrewards: []\n", ""),
    Case(C.UNCLOSED, BASE + "excluded_mcc: §[4829, 6011\nrewards: []\n", ""),
    Case(C.UNCLOSED, HEAD.replace("باشگاه", '§"باشگاه') + RULES, ""),
    Case(C.CUT_OFF, BASE + 'multipliers:\n  - {id: m, by: "1.1", when: {tier: [gold]}, §', ""),
    Case(C.UNCLOSED, BASE + 'multipliers:\n  - {id: m, by: §"1.1, when: {tier: x}}\n  - {id: n, by: "1.2"}\n', ""),
    Case(C.STRAY_SEPARATOR, purchase("earn: {points: 1}\ncaps: {month: 1_000}§؛"), ""),
    Case(C.STRAY_SEPARATOR, BASE + 'multipliers:\n  - id: m\n    by: "1.1"§,\n    when: {weekday: friday}\n', ""),
    Case(C.QUOTES_OF_PROSE, HEAD.replace("{fa: باشگاه}", "{fa: §«باشگاه: ما»}") + RULES, ""),
    Case(C.STRAY_CLOSING, BASE + "points: {pending: {days: 7}}§}\n", ""),
    Case(C.STRAY_CHARACTER, BASE + "title2: a§\x01b\n", ""),
    Case(C.STRAY_CHARACTER, HEAD.replace("version: 1", "version:§\u00a01") + RULES, ""),
    Case(C.STRAY_CHARACTER, HEAD.replace("version: 1", "version:§\u200f 1") + RULES, ""),
    Case(C.WRONG_SEPARATOR, BASE + "tiers: {window: year§، levels: []}\n", ""),
    Case(C.WRONG_SEPARATOR, BASE + "tiers: {window: year§؛ levels: []}\n", ""),
    Case(C.WRONG_SEPARATOR, BASE + "excluded_mcc: [§4829، 6011]\n", "excluded_mcc[0]"),
    Case(C.TAB, HEAD + "points:\n§\tpending: {days: 1}\n", ""),
    Case(C.TAB, HEAD.replace("version: 1", "version:§\t1") + RULES, ""),
    Case(C.BAD_ESCAPE, HEAD.replace("باشگاه", '"D:\\§club"') + RULES, ""),
    Case(C.BAD_ESCAPE, HEAD.replace("باشگاه", '"§\\UFFFFFFFF"') + RULES, ""),
    Case(C.QUOTE_INSIDE, HEAD.replace("باشگاه", '"باشگاه §"طلایی" ما"') + RULES, ""),
    Case(C.QUOTE_INSIDE, HEAD.replace("{fa: باشگاه}", "{en: 'Customers§' club'}") + RULES, ""),
    Case(C.HASH_INSIDE, HEAD.replace("باشگاه}", "باشگاه §#۱}") + RULES, ""),
    Case(C.COMMA_MISSING, purchase("earn: {points: 1 per§: 100_000}"), ""),
    Case(C.BEGINS_WITH_SIGN, HEAD.replace("باشگاه", "§@club") + RULES, ""),
    Case(C.BEGINS_WITH_SIGN, HEAD.replace("باشگاه", "§!باشگاه") + RULES, ""),
    Case(C.BEGINS_WITH_SIGN, "§%" + BASE, ""),
    Case(C.NO_COMMENT, "§// rules\n" + BASE, ""),
    Case(C.NO_SPACE, HEAD.replace("version: 1", "version§:1") + RULES, ""),
    Case(C.NO_SPACE, "programme§" + BASE.removeprefix("programme").replace(" ", "", 1), ""),
    Case(C.NO_SPACE, purchase("when: {amount: {min: 1}}").replace("- id: card", "- id§:card"), ""),
    Case(C.NO_SPACE, HEAD + "rules:\n  §-id: card\n    event: card.purchase.settled\n", ""),
    Case(C.NO_SPACE, purchase("caps: {§day:500}"), "rules[0].caps.day:500 (card)"),
    Case(C.NO_COLON, HEAD.replace("version: 1", "version§ 1") + RULES, ""),
    Case(C.NO_COLON, HEAD + RULES.replace("rules:", "rules§"), ""),
    Case(C.NO_COLON, HEAD.replace("version: 1", "version §= 1") + RULES, ""),
    Case(C.NO_COLON, HEAD.replace("version: 1", "version§： 1") + RULES, ""),
    Case(C.COLON_INSIDE, HEAD.replace("{fa: باشگاه}", "باشگاه§: مشتریان") + RULES, ""),
    Case(C.ROUND_BRACKETS, purchase("caps: §(day: 500)"), ""),
    Case(C.INDENTATION, purchase("when: {amount: {min: 1}}").replace("    event", "   §event"), ""),
    Case(C.INDENTATION, purchase("when: {amount: {min: 1}}").replace("    event", "     §event"), ""),
    Case(C.INDENTATION, purchase("when: {amount: {min: 1}}").replace("    when", "§when") + "    caps: {day: 5}\n", ""),
    Case(C.INDENTATION, HEAD.replace("version", " §version") + RULES, ""),
    Case(C.MEANT, HEAD.replace("1405-01-01", "§1405/01/01") + RULES, "effective"),
    Case(C.COMMA_INSIDE, purchase("earn: {points: 1, per: §100,000}"), "rules[0].earn.per (card)"),
    Case(C.COMMA_INSIDE, purchase("earn: {per: §1,000,000, points: 1}"), "rules[0].earn.per (card)"),
    Case(C.COMMA_INSIDE, BASE + "multipliers: [{id: m, by: §1,5}]\n", "multipliers[0].by (m)"),
    Case(C.UNSEEN, BASE.replace("id: card", "id: §ca\u200crd"), "rules[0].id (ca<U+200C>rd)"),
    Case(C.UNSEEN, HEAD.replace("version", "§\u200fversion") + RULES, "<U+200F>version"),
    Case(C.UNSEEN, HEAD.replace("version: 1", "version: §1\u200e") + RULES, "version"),
    Case(C.TOO_DEEP, HEAD + "rules: [[[[[[[[[[[[[[[§[1]]]]]]]]]]]]]]]]\n", "rules" + "[0]" * 15),
    Case(C.ALIAS, HEAD + "rules: §&all [{id: card, event: card.purchase.settled, earn: {points: 1}}]\n", "rules"),
    Case(C.ALIAS, BASE + "excluded_mcc: §*codes\n", "excluded_mcc"),
    Case(C.ALIAS, BASE + "points: {§<<: {a: 1}}\n", "points"),
    Case(C.TAG, HEAD.replace("version: 1", "version: §!!int 1") + RULES, "version"),
    Case(C.TAG, HEAD.replace("version: 1", "version: §! 1") + RULES, "version"),
    Case(C.DIRECTIVE, "§%YAML 1.1\n---\n" + BASE, ""),
    Case(C.SEVERAL_DOCUMENTS, BASE + "§---\n" + BASE, ""),
    Case(C.KEY_NOT_TEXT, BASE + "? §[a]\n: b\n", ""),
    Case(C.DUPLICATE_KEY, HEAD + "§version: 2\n" + RULES, ""),
    Case(C.UNKNOWN_KEY, BASE + "§tires: {}\n", "tires"),
    Case(C.UNKNOWN_KEY, purchase("§cap: {day: 1}"), "rules[0].cap (card)"),
    Case(C.MISSING, "§version: 1\neffective: 1405-01-01\n" + RULES, ""),
    Case(C.MISSING, HEAD + "rules:\n  - §id: card\n    event: card.purchase.settled\n", "rules[0] (card)"),
    Case(C.NOTHING, HEAD.replace("version: 1", "§version:") + RULES, "version"),
    Case(C.NOTHING, HEAD + "rules: §~\n", "rules"),
    Case(C.NOTHING, BASE + "points: {pending: §null}\n", "points.pending"),
    Case(C.NOTHING, HEAD.replace("{fa: باشگاه}", "§{}") + RULES, "title"),
    Case(C.NOTHING, festival("lateness: §{}"), "festivals[0].lateness (autumn)"),
    Case(C.NOTHING, festival("categories: [{id: all, title: {fa: کل}, weigh: §{}}]"),
         "festivals[0].categories[0].weigh (autumn/all)"),
    Case(C.WRONG_SHAPE, "§- a\n- b\n", ""),
    Case(C.WRONG_SHAPE, HEAD + "rules: §{a: 1}\n", "rules"),
    Case(C.WRONG_SHAPE, HEAD + "rules: [§x]\n", "rules[0]"),
    Case(C.WRONG_SHAPE, HEAD.replace("version: 1", "version: §[1]") + RULES, "version"),
    Case(C.WRONG_SHAPE, BASE + "points: {pending: §[7]}\n", "points.pending"),
    Case(C.MEANT, BASE + "points: {pending: §7}\n", "points.pending"),
    Case(C.EMPTY_LIST, purchase("when: {mcc: §[]}"), "rules[0].when.mcc (card)"),
    Case(C.TOO_MANY, BASE + "tiers:\n  window: year\n  levels: §["
         + ", ".join(f"{{id: l{i}, from: {i}}}" for i in range(21)) + "]\n", "tiers.levels"),
    Case(C.NOT_INTEGER, HEAD.replace("version: 1", "version: §1.0") + RULES, "version"),
    Case(C.NOT_INTEGER, HEAD.replace("version: 1", "version: §0x1F") + RULES, "version"),
    Case(C.NOT_INTEGER, HEAD.replace("version: 1", "version: §1e3") + RULES, "version"),
    Case(C.NOT_INTEGER, HEAD.replace("version: 1", "version: §true") + RULES, "version"),
    Case(C.QUOTED_INTEGER, HEAD.replace("version: 1", 'version: §"1"') + RULES, "version"),
    Case(C.BAD_GROUPING, purchase("caps: {day: §20_00}"), "rules[0].caps.day (card)"),
    Case(C.BAD_GROUPING, purchase("caps: {day: §007}"), "rules[0].caps.day (card)"),
    Case(C.OUT_OF_RANGE, purchase("caps: {day: §0}"), "rules[0].caps.day (card)"),
    Case(C.OUT_OF_RANGE, purchase("earn: {points: §-1}"), "rules[0].earn.points (card)"),
    Case(C.OUT_OF_RANGE, BASE + "multipliers: [{id: m, by: §0}]\n", "multipliers[0].by (m)"),
    Case(C.OUT_OF_RANGE, BASE + 'multipliers: [{id: m, by: §"1.0000000000000000001"}]\n', "multipliers[0].by (m)"),
    Case(C.NOT_DECIMAL, BASE + "multipliers: [{id: m, by: §twice}]\n", "multipliers[0].by (m)"),
    Case(C.NOT_DECIMAL, BASE + "multipliers: [{id: m, by: §3/2}]\n", "multipliers[0].by (m)"),
    Case(C.NOT_FLAG, rule("event: ebanking.transfer.completed\nwhen: {own: §no}\nearn: {points: 1}"),
         "rules[0].when.own (card)"),
    Case(C.FLAG_AS_TEXT, HEAD.replace("programme: club", "programme: §true") + RULES, "programme"),
    Case(C.BAD_TEXT, HEAD.replace("{fa: باشگاه}", '{fa: §"a\\tb"}') + RULES, "title.fa"),
    Case(C.BAD_TEXT, HEAD.replace("{fa: باشگاه}", "{fa: §" + "a" * 201 + "}") + RULES, "title.fa"),
    Case(C.BAD_ID, HEAD.replace("programme: club", "programme: §the club") + RULES, "programme"),
    Case(C.BAD_ID, HEAD.replace("programme: club", "programme: §باشگاه") + RULES, "programme"),
    Case(C.NOT_ONE_OF, purchase("when: {channel: [pos, §branch]}"), "rules[0].when.channel[1] (card)"),
    Case(C.NOT_ONE_OF, rule("event: §card.purchase\nearn: {points: 1}"), "rules[0].event (card)"),
    Case(C.NOT_ONE_OF, purchase("when: {weekday: §fryday}"), "rules[0].when.weekday (card)"),
    Case(C.NOT_ONE_OF, purchase("when: {member: §known}"), "rules[0].when.member (card)"),
    Case(C.NOT_ONE_OF, purchase("once: §day"), "rules[0].once (card)"),
    Case(C.NOT_ONE_OF, BASE + "points: {refund: §yes}\n", "points.refund"),
    Case(C.NOT_DATE, HEAD.replace("1405-01-01", "§01/07/1405") + RULES, "effective"),
    Case(C.NOT_DATE, HEAD.replace("1405-01-01", "§spring") + RULES, "effective"),
    Case(C.NO_SUCH_MONTH, HEAD.replace("1405-01-01", "§1405-13-01") + RULES, "effective"),
    Case(C.NO_SUCH_DATE, HEAD.replace("1405-01-01", "§1405-07-31") + RULES, "effective"),
    Case(C.NO_SUCH_DATE, HEAD.replace("1405-01-01", "§1404-12-30") + RULES, "effective"),
    Case(C.GREGORIAN_DATE, HEAD.replace("1405-01-01", "§2026-03-21") + RULES, "effective"),
    Case(C.NOT_TIME, purchase("when: {hours: {from: §25:00, until: 06:00}}"), "rules[0].when.hours.from (card)"),
    Case(C.NOT_MCC, BASE + "excluded_mcc: [§54111]\n", "excluded_mcc[0]"),
    Case(C.SHORT_MCC, BASE + "excluded_mcc: [§742]\n", "excluded_mcc[0]"),
    Case(C.DUPLICATE_ID, BASE + "  - {id: §card, event: ebanking.bill.paid, earn: {points: 1}}\n",
         "rules[1].id (card)"),
    Case(C.UNKNOWN_REFERENCE, BASE + "multipliers: [{id: m, by: 2, rules: [§cart]}]\n", "multipliers[0].rules[0] (m)"),
    Case(C.UNKNOWN_REFERENCE, BASE + "thresholds: [{id: t, points: 5, reward: §coin}]\n", "thresholds[0].reward (t)"),
    Case(C.UNKNOWN_REFERENCE, BASE + "tiers: {window: year, levels: [{id: blue, from: 0}]}\n"
         "multipliers: [{id: m, by: 2, when: {tier: §gold}}]\n", "multipliers[0].when.tier (m)"),
    Case(C.UNKNOWN_REFERENCE, festival("categories: [{id: all, title: {fa: کل}, weigh: {§sell: 1}}]"),
         "festivals[0].categories[0].weigh.sell (autumn/all)"),
    Case(C.UNKNOWN_REFERENCE, festival("categories: [{id: all, title: {fa: کل}, weigh: {buy: 1}, then_by: §sell}]"),
         "festivals[0].categories[0].then_by (autumn/all)"),
    Case(C.UNKNOWN_REFERENCE, festival("", "{id: a, category: §al, at: close, ranks: 1, reward: coin}"),
         "festivals[0].awards[0].category (autumn/a)"),
    Case(C.REPEATED, BASE + "excluded_mcc: [4829, §4829]\n", "excluded_mcc[1]"),
    Case(C.REPEATED, rule("event: [ebanking.bill.paid, §ebanking.bill.paid]\nearn: {points: 1}"),
         "rules[0].event[1] (card)"),
    Case(C.NOTHING_EARNS, "§" + HEAD, ""),
    Case(C.UNTITLED, festival("indicators: [§{id: buy, event: card.purchase.settled, earn: {points: 1}}]"),
         "festivals[0].indicators[0] (autumn/buy)"),
    Case(C.UNTITLED, festival("categories: [§{id: all, weigh: {buy: 1}}]"), "festivals[0].categories[0] (autumn/all)"),
    Case(C.OTHER_SPELLING, purchase("when: {segments: [§پزشك]}"), "rules[0].when.segments[0] (card)"),
    Case(C.OTHER_SPELLING, purchase("when: {merchant: §ديجي}"), "rules[0].when.merchant (card)"),
    Case(C.OTHER_SPELLING, festival('audience: {segments: [§"پزشک\u200f"]}'),
         "festivals[0].audience.segments[0] (autumn)"),
    Case(C.REPEATED, purchase("when: {segments: [پزشک, §پزشك]}"), "rules[0].when.segments[1] (card)"),
    Case(C.REPEATED, purchase("when: {province: [کرمان, §كرمان]}"), "rules[0].when.province[1] (card)"),
    Case(C.OTHER_SPELLING, festival("audience: {province: §كرمان}"), "festivals[0].audience.province (autumn)"),
    Case(C.EMPTY_LIST, festival("audience: {segments: [physician], province: §[]}"),
         "festivals[0].audience.province (autumn)"),
    Case(C.MISSING, festival("audience: §{}"), "festivals[0].audience (autumn)"),
    Case(C.WINDOW_OVER, purchase("when: {dates: §{until: 1405-01-01}}"), "rules[0].when.dates (card)"),
    Case(C.WINDOW_OVER, BASE + "multipliers: [{id: m, by: 2, when: {dates: §{from: 1404-01-01, until: 1404-01-14}}}]\n",
         "multipliers[0].when.dates (m)"),
    Case(C.OUTSIDE_FESTIVAL, festival("indicators: [{id: buy, event: card.purchase.settled, "
                                      "when: {dates: §{until: 1405-07-01}}, earn: {points: 1}}]"),
         "festivals[0].indicators[0].when.dates (autumn/buy)"),
    Case(C.OUTSIDE_FESTIVAL, festival("indicators: [{id: buy, event: card.purchase.settled, "
                                      "when: {dates: §{from: 1405-10-01}}, earn: {points: 1}}]"),
         "festivals[0].indicators[0].when.dates (autumn/buy)"),
    Case(C.REWARD_UNUSED, BASE + "rewards: [§{id: coin, title: {fa: سکه}, kind: goods}]\n", "rewards[0] (coin)"),
    Case(C.NOTHING_EXPIRES, BASE + EXPIRING.replace("event: ", "event: §").format(7), "notifications[0].event (n)"),
    Case(C.LEAD_TOO_LONG, LIVES_A_MONTH + EXPIRING.format("§30"), "notifications[0].days_before (n)"),
    Case(C.CORRECTION_EVENT, rule("event: §card.purchase.refunded\nearn: {points: 1}"), "rules[0].event (card)"),
    Case(C.UNKNOWN_FIELD, purchase("when: {amout: §{min: 1}}"), "rules[0].when.amout (card)"),
    Case(C.UNKNOWN_FIELD, BASE + "multipliers: [{id: m, by: 2, when: {rail: §satna}}]\n",
         "multipliers[0].when.rail (m)"),
    Case(C.FIELD_PARTLY, rule("event: [ebanking.bill.paid, ebanking.login.succeeded]\nwhen: {amount: §{min: 1}}\n"
                              "earn: {points: 1}"), "rules[0].when.amount (card)"),
    Case(C.FIELD_PARTLY, rule("event: [ebanking.bill.paid, ebanking.login.succeeded]\n"
                              "earn: §{points: 1, per: 1_000}"), "rules[0].earn (card)"),
    Case(C.FIELD_NOT_FOR_CONDITIONS, rule("event: deposit.account.opened\nwhen: {date: §1405-01-01}\n"
                                          "earn: {points: 1}"), "rules[0].when.date (card)"),
    Case(C.FIELD_NOT_FOR_CONDITIONS, rule("event: member.registered\nwhen: {consents: §sms}\n"
                                          "earn: {points: 1}\nonce: member"), "rules[0].when.consents (card)"),
    Case(C.BOUNDS_OF_TEXT, purchase("when: {mcc: §{min: 5000}}"), "rules[0].when.mcc (card)"),
    Case(C.VALUE_PARTLY, rule("event: [card.purchase.settled, ebanking.bill.paid]\nwhen: {channel: §pos}\n"
                              "earn: {points: 1}"), "rules[0].when.channel (card)"),
    Case(C.NO_BOUND, purchase("when: {amount: §{}}"), "rules[0].when.amount (card)"),
    Case(C.MIN_ABOVE_MAX, purchase("when: {amount: §{min: 2, max: 1}}"), "rules[0].when.amount (card)"),
    Case(C.NO_DATES, purchase("when: {dates: §{}}"), "rules[0].when.dates (card)"),
    Case(C.EMPTY_WINDOW, purchase("when: {dates: §{from: 1405-01-02, until: 1405-01-02}}"),
         "rules[0].when.dates (card)"),
    Case(C.EMPTY_WINDOW, festival("closes: §1405-07-01"), "festivals[0].closes (autumn)"),
    Case(C.SAME_HOURS, purchase('when: {hours: §{from: "08:00", until: "08:00"}}'), "rules[0].when.hours (card)"),
    Case(C.NO_TIERS, purchase("when: {tier: §gold}"), "rules[0].when.tier (card)"),
    Case(C.EARN_NOTHING, purchase("earn: §{per: 100}"), "rules[0].earn (card)"),
    Case(C.EARN_BOTH, purchase('earn: {points: 1, per_rial: §"0.1"}'), "rules[0].earn.per_rial (card)"),
    Case(C.OF_UNKNOWN, rule("event: deposit.balance.recorded\nearn: §{points: 1, per: 100}"), "rules[0].earn (card)"),
    Case(C.OF_UNKNOWN, purchase("earn: {points: 1, per: 100, of: §balance}"), "rules[0].earn.of (card)"),
    Case(C.OF_NOT_NUMBER, purchase("earn: {points: 1, per: 100, of: §merchant}"), "rules[0].earn.of (card)"),
    Case(C.OF_NOT_MONEY, rule('event: ebanking.instalment.paid\nearn: {per_rial: "0.1", of: §days_early}'),
         "rules[0].earn.of (card)"),
    Case(C.CAP_UNREACHABLE, purchase("caps: {day: §500, month: 400}"), "rules[0].caps.day (card)"),
    Case(C.CAP_UNREACHABLE, purchase("caps: {week: §801, month: 400}"), "rules[0].caps.week (card)"),
    Case(C.ALWAYS_CUT, purchase("earn: {points: 20}\ncaps: §{day: 10}"), "rules[0].caps (card)"),
    Case(C.EXCLUSIVE_ALONE, purchase("exclusive: §best"), "rules[0].exclusive (card)"),
    Case(C.PART_OR_MORE, BASE + "multipliers: [{id: m, by: §۵۰٪}]\n", "multipliers[0].by (m)"),
    Case(C.TIMES_ONE, BASE + 'multipliers: [{id: m, by: §"1.0"}]\n', "multipliers[0].by (m)"),
    Case(C.EARNED_AT_WILL, HEAD + "rules: [§{id: hello, event: member.registered, earn: {points: 1}}]\n",
         "rules[0] (hello)"),
    Case(C.FIRST_LEVEL, BASE + "tiers: {window: year, levels: [{id: blue, from: §1}]}\n",
         "tiers.levels[0].from (blue)"),
    Case(C.LEVELS_DESCEND, BASE + "tiers: {window: year, levels: [{id: a, from: 0}, {id: b, from: §0}]}\n",
         "tiers.levels[1].from (b)"),
    Case(C.AUDIENCE, festival("audience: §پزشک"), "festivals[0].audience (autumn)"),
    Case(C.CLOSED_BEFORE, festival("opens: 1404-07-01\ncloses: §1405-01-01"), "festivals[0].closes (autumn)"),
    Case(C.INDICATOR_UNUSED, festival("indicators: [{id: buy, event: card.purchase.settled, earn: {points: 1}}, "
                                      "§{id: log, event: ebanking.login.succeeded, earn: {points: 1}}]"),
         "festivals[0].indicators[1] (autumn/log)"),
    Case(C.THEN_BY_SAME, festival("categories: [{id: all, title: {fa: کل}, weigh: {buy: 1}, then_by: §buy}]"),
         "festivals[0].categories[0].then_by (autumn/all)"),
    Case(C.AWARD_TERMS, festival("", "§{id: a, category: all, at: close, reward: coin}"),
         "festivals[0].awards[0] (autumn/a)"),
    Case(C.NOT_RANKS, festival("", "{id: a, category: all, at: close, ranks: §10-1, reward: coin}"),
         "festivals[0].awards[0].ranks (autumn/a)"),
    Case(C.NOT_RANKS, festival("", "{id: a, category: all, at: close, ranks: §0-3, reward: coin}"),
         "festivals[0].awards[0].ranks (autumn/a)"),
    Case(C.RANKS_OVERLAP, festival("", "{id: a, category: all, at: close, ranks: 1-3, reward: coin}, "
                                   "{id: b, category: all, at: close, ranks: §3, reward: coin}"),
         "festivals[0].awards[1].ranks (autumn/b)"),
    Case(C.DRAW_FLAT, festival("", "{id: a, category: all, at: close, reward: coin, "
                               "draw: {per: 5, min: 50, max: §10, winners: 1}}"),
         "festivals[0].awards[0].draw.max (autumn/a)"),
    Case(C.REWARD_POINTS_MISSING, BASE + "rewards: [§{id: r, title: {fa: ج}, kind: points}]\n", "rewards[0] (r)"),
    Case(C.REWARD_POINTS_UNUSED, BASE + "rewards: [{id: r, title: {fa: ج}, kind: goods, §points: 5}]\n",
         "rewards[0].points (r)"),
    Case(C.REWARD_VALUE_MISSING, BASE + "rewards: [§{id: r, title: {fa: ج}, kind: cash}]\n", "rewards[0] (r)"),
    Case(C.REWARD_VALUE_MISSING, BASE + "rewards: [§{id: r, title: {fa: ج}, kind: credit}]\n", "rewards[0] (r)"),
    Case(C.REWARD_VALUE_UNUSED, BASE + "rewards: [{id: r, title: {fa: ج}, kind: points, points: 5, §value_rial: 5}]\n",
         "rewards[0].value_rial (r)"),
    Case(C.UNKNOWN_PLACEHOLDER, message('event: reward.granted, medium: push, template: {fa: §"{rewad}"}'),
         "notifications[0].template.fa (told)"),
    Case(C.STRAY_BRACE, message('event: reward.granted, medium: push, template: {fa: §"{reward} }"}'),
         "notifications[0].template.fa (told)"),
    Case(C.UNKNOWN_PLACEHOLDER, message('event: reward.granted, medium: push, template: {fa: §"{reward.id}"}'),
         "notifications[0].template.fa (told)"),
    Case(C.DAYS_BEFORE_MISSING, BASE + "notifications:\n"
         "  - §{id: told, event: points.expiring, medium: push, template: {fa: a}}\n", "notifications[0] (told)"),
    Case(C.DAYS_BEFORE_UNUSED, message("event: reward.granted, medium: push, §days_before: 5, template: {fa: a}"),
         "notifications[0].days_before (told)"),
    Case(C.SMS_ENDING, message("event: reward.granted, medium: sms, template: {fa: §تبریک}"),
         "notifications[0].template.fa (told)"),
    Case(C.QUIET_ALWAYS, BASE + 'quiet_hours: §{from: "22:00", until: "22:00"}\n', "quiet_hours"),
    Case(C.QUIET_TOO_SHORT, BASE + 'quiet_hours: §{from: "23:00", until: "08:00"}\nnotifications:\n'
         "  - {id: told, event: reward.granted, medium: sms, template: {fa: تبریک. لغو۱۱}}\n", "quiet_hours"),
    Case(C.QUIET_TOO_SHORT, BASE + "notifications: §["
         "{id: told, event: reward.granted, medium: sms, template: {fa: تبریک. لغو۱۱}}]\n", "notifications"),
]  # fmt: skip

OF_BYTES = frozenset({C.NOT_UTF8})
"""Messages that no text can bring about; test_document has them."""

OF_PUBLISHING = frozenset({C.NOT_EXECUTED, C.DOTS_AS_ID})
"""Messages about files that can be read and should not be published; test_refusals has them."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.subject}")
def test_a_problem_is_found_where_it_is(case: Case) -> None:
    text, line, column = marked(case.text)
    found = [problem for problem in problems(text) if problem.code is case.code]
    assert [(p.line, p.column, p.subject) for p in found] == [(line, column, case.subject)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.subject}")
def test_a_single_mistake_gives_a_single_error(case: Case) -> None:
    text, _, _ = marked(case.text)
    errors = [problem for problem in problems(text) if problem.severity is Severity.ERROR]
    expected = [case.code] if MESSAGES[case.code].severity is Severity.ERROR else []
    assert [problem.code for problem in errors] == expected


def test_every_message_has_a_case() -> None:
    assert {case.code for case in CASES} | set(VERSIONS) | OF_BYTES | OF_PUBLISHING == set(Code)
    assert set(MESSAGES) == set(Code)


_PLACEHOLDER = re.compile(r"(?<!{){(\w+)}")


@pytest.mark.parametrize("code", Code)
def test_both_languages_say_the_same_things(code: Code) -> None:
    severity, wrong, remedy = MESSAGES[code]
    for words in (wrong, remedy):
        assert set(_PLACEHOLDER.findall(words.en)) == set(_PLACEHOLDER.findall(words.fa))
        assert bool(words.en) == bool(words.fa)
    assert re.search(r"[آ-ی]", wrong.fa)
    assert not re.search(r"[آ-ی]", wrong.en.replace("«لغو۱۱»", ""))
    assert (remedy.en == "") == (severity is Severity.NOTE)


def test_a_line_of_text_has_all_that_is_needed() -> None:
    (problem,) = problems(purchase("when: {channel: poz}"))
    assert str(problem) == (
        "club.yaml:8:21: rules[0].when.channel (card): found `poz`; write one of app, pos, ussd, web"
    )
    assert problem.text("fa") == (
        "club.yaml:8:21: rules[0].when.channel (card): `poz` آمده است؛ یکی از app، pos، ussd، web بنویسید"
    )


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        HEAD.replace("version: 1", "version: one")
        + "points: {refund: maybe}\nrules:\n  - {id: a b, event: nothing, earn: {points: x}}\n"
        + "rewards: [{id: r, kind: gold}]\nextra: 1\n"
    )
    found = problems(text)
    assert [(p.line, p.code) for p in found] == [
        (2, C.NOT_INTEGER),
        (5, C.NOT_ONE_OF),
        (7, C.BAD_ID),
        (7, C.NOT_ONE_OF),
        (7, C.NOT_INTEGER),
        (8, C.UNTITLED),
        (8, C.NOT_ONE_OF),
        (9, C.UNKNOWN_KEY),
    ]


def test_a_reference_to_a_faulty_item_is_not_a_second_problem() -> None:
    text = HEAD + "rules: [{id: card, event: nothing, earn: {points: 1}}]\n"
    text += "multipliers: [{id: m, by: 2, rules: [card]}]\n"
    assert [problem.code for problem in problems(text)] == [C.NOT_ONE_OF]


def test_guessing_what_was_meant_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight hundred names that are all misspelt would be compared with each of eight hundred: most of a minute."""
    compared = 0

    def counted(word: str, names: Collection[str], n: int, cutoff: float) -> list[str]:
        nonlocal compared
        compared += len(names)
        return get_close_matches(word, names, n, cutoff)

    monkeypatch.setattr("schemas.programme_file.problems.get_close_matches", counted)
    rules = "".join(f"  - {{id: rule-{i:03}, event: card.purchase.settled, earn: {{points: 1}}}}\n" for i in range(100))
    wrong = [f"ruel-{i:03}" for i in range(100)]
    factors = "".join(f"  - {{id: m{k}, by: 2, rules: [{', '.join(wrong)}]}}\n" for k in range(4))
    found = [
        each for each in problems(f"{HEAD}rules:\n{rules}multipliers:\n{factors}") if each.code == C.UNKNOWN_REFERENCE
    ]
    assert len(found) == 400
    assert compared == COMPARED_MAX
    assert [each.remedy.en for each in found[:100]] == [f"did you mean `rule-{i:03}`?" for i in range(100)]
    assert found[-1].remedy.en.startswith("write one of rule-000, rule-001")
