"""A second, naive implementation of the club's rules that audits the engine.

It imports nothing from the product: its own reading of the programme file and of the events, its own calendar, its own
arithmetic. It is written to be compared with the written rules line by line, one module a section, and keeps every
event for ever; it makes no attempt at speed.
"""

from tests.simulation.auditor.auditor import Auditor
from tests.simulation.auditor.programme_reading import read_programme

__all__ = ["Auditor", "read_programme"]
