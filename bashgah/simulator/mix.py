"""What happens how often: the one table of the simulated bank.

Figures are events a Jalali month for each 1,000 customers of this bank; `customers.PERSONAS` scales them by `habit`.
They are round assumptions for 1405, in proportion to what is published, not a measurement of any bank:

- Card payments outnumber all else: Shaparak, the national card network, settled 2.8 billion payments in Mehr 1399, of
  which 90.4% at POS terminals, 5.7% at internet gateways and 4.0% on mobiles (Financial Tribune 106122); in Mordad
  1399 86.9% of the payments were purchases, the rest bills, top-ups and balance enquiries (Eghtesad Online 33470).
  About 45 a month for each adult then, over all the banks where they hold cards; 24 at this bank.
- The average payment was 1.7 million Rial in Mehr 1399. Medians here are the order of that after the inflation since,
  each trade with its own spread (lognormal: few large purchases carry much of the value).
- Trades split by everyday sense: bread daily, groceries several times a week, a doctor every quarter.
"""

from typing import NamedTuple


class Shop(NamedTuple):
    """A trade where cards pay: a row of `card.purchase.settled`."""

    mcc: str
    monthly: int
    median: int
    """Rial; half of the purchases are smaller."""
    spread: int
    """Hundredths of the standard deviation of the amount's logarithm."""
    step: int
    """Prices are multiples of this many Rial."""
    hours: str
    week: str
    season: str
    habit: str
    online: int
    """Percent paid on the web or in an app, not at a POS terminal."""


SHOPS: tuple[Shop, ...] = (
    #    mcc   monthly       median spread   step  hours     week        season     habit    online
    Shop("5411", 6_200,   2_200_000,  90,  10_000, "shop",   "grocery",  "grocery", "home",     4),  # supermarkets
    Shop("5462", 4_200,     300_000,  60,   5_000, "bakery", "bread",    "even",    "home",     0),  # bakeries
    Shop("5499", 1_500,   1_600_000,  75,  10_000, "shop",   "grocery",  "grocery", "home",     3),  # greengrocers
    Shop("5422",   600,   6_500_000,  65,  10_000, "shop",   "grocery",  "grocery", "home",     1),  # butchers
    Shop("5441",   420,   3_000_000,  80,  10_000, "shop",   "shopping", "nowruz",  "home",     3),  # sweets, nuts
    Shop("5541", 1_900,     750_000,  45,  15_000, "fuel",   "even",     "travel",  "car",      0),  # fuel
    Shop("5533",   150,  15_000_000,  95, 100_000, "shop",   "shopping", "even",    "car",      3),  # car parts
    Shop("5812",   900,   5_500_000,  70,  50_000, "food",   "leisure",  "travel",  "leisure", 12),  # restaurants
    Shop("5814", 1_300,   2_600_000,  60,  10_000, "food",   "leisure",  "even",    "leisure", 30),  # fast food
    Shop("4121", 1_300,     900_000,  60,  10_000, "ride",   "commute",  "even",    "city",    92),  # taxis, rides
    Shop("4111",   900,      80_000,  70,   1_000, "ride",   "commute",  "even",    "city",    25),  # metro, bus
    Shop("5912",   900,   2_200_000,  95,  10_000, "clinic", "even",     "even",    "health",   3),  # pharmacies
    Shop("8011",   330,   4_500_000,  60,  50_000, "clinic", "office",   "even",    "health",   6),  # doctors
    Shop("8071",    90,   8_000_000,  70,  10_000, "clinic", "office",   "even",    "health",   1),  # laboratories
    Shop("8062",    50,  40_000_000, 105, 100_000, "clinic", "office",   "even",    "health",   1),  # hospitals
    Shop("5651",   420,  14_000_000,  80, 100_000, "shop",   "shopping", "nowruz",  "style",   14),  # clothing
    Shop("5661",   140,  16_000_000,  70, 100_000, "shop",   "shopping", "nowruz",  "style",   12),  # shoes
    Shop("5977",   230,   6_000_000,  80,  50_000, "shop",   "shopping", "nowruz",  "style",   22),  # cosmetics
    Shop("7230",   260,   3_500_000,  75,  50_000, "shop",   "shopping", "nowruz",  "style",    2),  # hairdressers
    Shop("5311",   700,   6_500_000, 100,  10_000, "online", "even",     "nowruz",  "style",   85),  # online stores
    Shop("5942",    90,   3_500_000,  80,  10_000, "shop",   "shopping", "school",  "study",   30),  # books
    Shop("5943",   110,   2_000_000,  85,  10_000, "shop",   "shopping", "school",  "study",    8),  # stationery
    Shop("8220",    45,  60_000_000,  85, 100_000, "office", "office",   "school",  "study",   85),  # tuition
    Shop("5732",    90,  60_000_000, 115, 100_000, "shop",   "shopping", "nowruz",  "durable", 25),  # electronics
    Shop("5722",    50, 150_000_000,  90, 500_000, "shop",   "shopping", "nowruz",  "durable", 12),  # appliances
    Shop("5211",   120,  20_000_000, 115, 100_000, "shop",   "office",   "even",    "durable",  1),  # building goods
    Shop("5944",    40, 300_000_000,  95, 100_000, "shop",   "shopping", "nowruz",  "durable",  4),  # jewellery
    Shop("4511",    40,  75_000_000,  60, 100_000, "online", "even",     "travel",  "leisure", 97),  # airlines
    Shop("7011",    30,  70_000_000,  70, 100_000, "online", "leisure",  "travel",  "leisure", 60),  # hotels
    Shop("5999",   900,   3_000_000, 110,  10_000, "shop",   "shopping", "nowruz",  "home",     8),  # other shops
    # Cash-like: a club usually excludes these.
    Shop("6012",    80,  20_000_000, 110, 100_000, "office", "office",   "even",    "money",   70),  # lenders, funds
    Shop("4829",    60,  30_000_000,  90, 100_000, "office", "office",   "even",    "money",   30),  # money orders
    Shop("6051",    20, 250_000_000,  80, 500_000, "office", "office",   "even",    "money",    5),  # exchanges
    Shop("6011",    25,   3_000_000,  50, 500_000, "online", "even",     "even",    "money",    0),  # cash machines
)  # fmt: skip


class Habit(NamedTuple):
    """Anything else that customers, the bank or the club's back office do."""

    name: str
    monthly: int
    hours: str
    week: str
    season: str
    habit: str
    cycle: int = 0
    """0: at any time. Otherwise once in so many Jalali months for each customer who does it, on their own day."""


HABITS: tuple[Habit, ...] = (
    #     name                monthly  hours     week      season    habit      cycle
    # bank.card
    Habit("cash",               1_300, "shop",   "even",   "grocery", "cash"),
    # bank.ebanking: an app is opened far more often than it pays.
    Habit("login",              8_500, "online", "even",   "even",   "digital"),
    Habit("transfer",           4_200, "online", "office", "grocery", "transfer"),
    Habit("rent",                 240, "online", "even",   "even",   "rent",    1),
    Habit("topup",              2_800, "online", "even",   "even",   "digital"),
    Habit("instalment",           500, "online", "even",   "even",   "loan",    1),
    Habit("bill:electricity",     330, "online", "even",   "even",   "bill",    2),
    Habit("bill:gas",             300, "online", "even",   "even",   "bill",    2),
    Habit("bill:water",           260, "online", "even",   "even",   "bill",    2),
    Habit("bill:mobile",          420, "online", "even",   "even",   "bill",    1),
    Habit("bill:phone",           170, "online", "even",   "even",   "bill",    2),
    Habit("bill:insurance",        45, "office", "office", "office", "bill"),
    Habit("bill:tax",              40, "office", "office", "office", "firm"),
    Habit("bill:fine",             55, "online", "even",   "travel", "car"),
    Habit("bill:other",           260, "online", "even",   "even",   "bill"),
    Habit("service",               60, "online", "office", "even",   "digital"),
    Habit("profile-field",         90, "online", "even",   "even",   "digital"),
    # bank.deposit: the core records an account's day when it moved, a little more than one day in two.
    Habit("balance",           17_000, "office", "even",   "even",   "saving"),
    Habit("account-opened",        16, "office", "office", "office", "saving"),
    Habit("account-closed",         7, "office", "office", "office", "saving"),
    # club.member: registrations at a branch; most people register in the app, right after a login (membership.py).
    Habit("branch-registration",   30, "office", "office", "office", "branch"),
    Habit("profile-change",        45, "online", "even",   "even",   "digital"),
    Habit("consent",               40, "online", "even",   "even",   "digital"),
    Habit("festival-join",         90, "online", "even",   "even",   "festival"),
    Habit("festival-leave",         4, "online", "even",   "even",   "festival"),
    Habit("adjustment",             8, "office", "office", "office", "digital"),
    Habit("points-transfer",       12, "online", "even",   "even",   "digital"),
    Habit("redemption",            70, "online", "even",   "nowruz", "digital"),
    Habit("block",                  2, "office", "office", "office", "digital"),
    Habit("leave",                  4, "online", "even",   "even",   "digital"),
    Habit("erasure",                1, "office", "office", "office", "digital"),
)  # fmt: skip

# What goes wrong, per 10,000 events of its kind. Judgement again: rare, but each in every short demonstration.
REFUNDED = 130
"""Card purchases that come back, whole or in parts."""
PAYMENT_REVERSED = 60
"""Bills and top-ups that the biller did not accept."""
BALANCE_CORRECTED = 90
"""Balances recorded again with a higher revision."""
DUPLICATED = 40
"""Records delivered a second time, byte for byte."""
LATE = 120
"""Records that arrive minutes to days after the event."""
JITTERED = 600
"""Records overtaken by a few seconds' worth of others."""
