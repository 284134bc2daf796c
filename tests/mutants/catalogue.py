"""All the faults."""

from tests.mutants.bounds import BOUNDS
from tests.mutants.broker import BROKER
from tests.mutants.core import CORE
from tests.mutants.festivals import FESTIVALS
from tests.mutants.files import FILES
from tests.mutants.lanes import LANES
from tests.mutants.operations import OPERATIONS
from tests.mutants.order import MEANING
from tests.mutants.outlets import OUTLETS
from tests.mutants.reading import READING
from tests.mutants.web import WEB

MUTANTS = (*CORE, *MEANING, *FESTIVALS, *LANES, *BROKER, *READING, *BOUNDS, *FILES, *OUTLETS, *WEB, *OPERATIONS)
