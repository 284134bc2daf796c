"""A seeded simulator of an Iranian bank's customers: what they do reaches the four input topics as contract events."""

from agents.simulator.stream import FESTIVALS, Plan, simulate
from agents.simulator.world import Message

__all__ = ["FESTIVALS", "Message", "Plan", "simulate"]
