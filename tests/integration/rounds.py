"""How often a fault is repeated: a few times by default and in CI, more where it is to be proven (`make prove`)."""

import os

ROUNDS = int(os.environ.get("TEST_ROUNDS", "5"))
OUTAGES = min(ROUNDS, 9)
"""Of a broker; each takes half a minute."""
SEED = int(os.environ.get("TEST_SEED", "1"))
"""Of what is chosen at random; a failure says it."""
WITHOUT_END = 10**9
"""Events of a load that is ended by its test."""
