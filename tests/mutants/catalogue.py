"""All the faults."""

from tests.mutants.broker import BROKER
from tests.mutants.core import CORE
from tests.mutants.lanes import LANES

MUTANTS = (*CORE, *LANES, *BROKER)
