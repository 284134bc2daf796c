"""`bank.deposit`: accounts and their end-of-day balances."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta

from schemas.envelope import Data, Event, FieldError
from schemas.fields import FIRST_YEAR, LAST_YEAR, YEARS, Balance, Token

Account = Annotated[Token, Meta(description="A token of the account, never its number.")]
Product = Annotated[
    Literal["current", "short_term", "long_term", "qard_al_hasan"], Meta(description="What kind of account.")
]


class AccountDate(Data, frozen=True):
    """An account and a day."""

    account: Account
    product: Product
    date: Annotated[dt.date, Meta(description="The day in Tehran.")]

    def __post_init__(self) -> None:
        """FieldError for a date that calendars do not reach."""
        if not FIRST_YEAR <= self.date.year <= LAST_YEAR:
            raise FieldError("date", YEARS)


class DayBalance(Data, frozen=True):
    """What an account held at the end of a day."""

    account: Account
    product: Product
    date: Annotated[dt.date, Meta(description="The day in Tehran at whose end the balance stood.")]
    balance: Annotated[Balance, Meta(description="Rial at the end of the day; may be 0 or negative.")]
    revision: Annotated[
        int,
        Meta(ge=0, le=1_000_000_000, description="0 first; a higher one corrects the same account and date."),
    ]
    minimum: Annotated[Balance | None, Meta(description="The lowest balance of the day, in Rial.")] = None


class AccountOpened(Event, frozen=True, tag="deposit.account.opened"):
    """An account has been opened."""

    data: AccountDate


class AccountClosed(Event, frozen=True, tag="deposit.account.closed"):
    """An account has been closed."""

    data: AccountDate


class BalanceRecorded(Event, frozen=True, tag="deposit.balance.recorded"):
    """The balance of an account at the end of a day; for the rules it happens at 23:59:59.999 of that day in Tehran."""

    data: DayBalance


DepositEvent = AccountOpened | AccountClosed | BalanceRecorded
