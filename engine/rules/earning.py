"""The ways to earn, each in a module of its own. All name another field than `amount` by `of`."""

from engine.rules.fixed import Fixed
from engine.rules.formula import Earning
from engine.rules.per_rial import PerRial
from engine.rules.per_step import PerStep

__all__ = ["Earning", "Fixed", "PerRial", "PerStep"]
