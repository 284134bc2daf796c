"""Festivals over the real sets: Birmingham's directorates against one another, and the savers of the Berka bank.

Both sets have members who join the festival `spend` by choice.
"""

_HEAD = """
programme: {name}
version: 1
effective: 1370-01-01
title: {{fa: نمونه, en: Real data}}
excluded_mcc: [4829, 6010, 6011, 6012, 6051, 7995]
points: {{pending: {{days: 7}}, expiry: {{months: 24, round_up: month}}}}
rules:
  - {{id: purchase, event: card.purchase.settled, earn: {{points: 1, per: 1_000_000}}}}
rewards:
  - {{id: coin, title: {{fa: سکه}}, kind: goods, value_rial: 1_200_000_000}}
  - {{id: gift, title: {{fa: هدیه}}, kind: points, points: 100}}
festivals:
"""

_SPEND = """
  - id: spend
    title: {{fa: جشنوارهٔ خرید}}
    opens: {opens}
    closes: {closes}
    lateness: {{days: 20}}
    joining: opt_in
    indicators:
      - {{id: purchases, event: [card.purchase.settled, ebanking.bill.paid, ebanking.transfer.completed],
          earn: {{points: 1, per: 1_000_000}}, caps: {{day: 40}}}}
      - {{id: visits, event: [card.purchase.settled, ebanking.bill.paid], earn: {{points: 1}}, caps: {{day: 3}}}}
    categories:
      - {{id: overall, title: {{fa: کل}}, weigh: {{purchases: 2, visits: 5}}, then_by: visits}}
      - {{id: visitor, title: {{fa: مراجعه}}, weigh: {{visits: 1}}, then_by: purchases}}
    awards:
      - {{id: best, category: overall, at: close, ranks: 1-10, reward: {reward}}}
      - {{id: monthly, category: visitor, at: month, ranks: 1-3, reward: coin}}
"""

_DIRECTORATE = """
  - id: directorate-{segment}
    title: {{fa: ادارهٔ {segment}}}
    opens: 1393-01-15
    closes: 1393-10-20
    lateness: {{hours: 6}}
    audience: {{segments: [{segment}]}}
    indicators:
      - {{id: purchases, event: card.purchase.settled, earn: {{per_rial: "0.0000005"}}, caps: {{month: 500}}}}
    categories:
      - {{id: overall, title: {{fa: کل}}, weigh: {{purchases: 1}}}}
    awards:
      - {{id: monthly, category: overall, at: month, ranks: 1, reward: coin}}
      - {{id: best, category: overall, at: close, ranks: 1-3, reward: coin}}
"""

_SAVERS = """
  - id: savers
    title: {fa: پس‌اندازکنندگان}
    opens: 1371-11-01
    closes: 1372-12-01
    lateness: {days: 2}
    indicators:
      - {id: savings, event: deposit.balance.recorded, earn: {points: 1, per: 5_000_000, of: balance}, caps: {day: 50}}
      - {id: days, event: deposit.balance.recorded, when: {balance: {min: 10_000_000}}, earn: {points: 1}}
    categories:
      - {id: savings, title: {fa: پس‌انداز}, weigh: {savings: 1}, then_by: days}
      - {id: steady, title: {fa: پایداری}, weigh: {days: 10, savings: 1}}
    awards:
      - {id: monthly, category: savings, at: month, ranks: 1-3, reward: coin}
      - {id: steady, category: steady, at: close, ranks: 1-20, reward: gift}
  - id: physicians
    title: {fa: پزشکان}
    opens: 1372-01-01
    closes: 1372-07-15
    audience: {segments: [physician]}
    indicators:
      - {id: savings, event: deposit.balance.recorded, earn: {points: 1, per: 5_000_000, of: balance}}
    categories:
      - {id: savings, title: {fa: پس‌انداز}, weigh: {savings: 1}}
"""

_DIRECTORATES = ("4f975e", "46680c", "446dc2", "cbd019", "32cc3c", "4bf9f8")


def birmingham(reward: str = "gift") -> str:
    """A festival for each of the six largest directorates, and `spend` over most of the two years."""
    parts = (_DIRECTORATE.format(segment=segment) for segment in _DIRECTORATES)
    spend = _SPEND.format(opens="1393-02-01", closes="1394-06-15", reward=reward)
    return _HEAD.format(name="birmingham") + spend + "".join(parts)


def berka(reward: str = "gift") -> str:
    """Festivals of savers by their daily balances, and `spend`, which is open still when the data ends."""
    spend = _SPEND.format(opens="1372-01-01", closes="1375-01-01", reward=reward)
    savers = _SAVERS.replace("reward: gift", f"reward: {reward}")
    return _HEAD.format(name="berka") + spend + savers
