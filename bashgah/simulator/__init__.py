"""A seeded simulator of an Iranian bank's customers: what they do reaches the four input topics as contract events."""

from bashgah.simulator.stream import FESTIVALS, Plan, simulate
from bashgah.simulator.world import BankMessage

__all__ = ["FESTIVALS", "BankMessage", "Plan", "simulate"]
