"""The garbage collector of a process whose memory is bounded by design.

Records, rows and outputs hold no cycles: counting references frees them. The collector only finds that out again and
again, by walking everything that waits in the queues. So what was made at start-up is set aside, and collections come
rarely; they still come, for the odd cycle of a library.
"""

import gc

YOUNG_OBJECTS = 200_000
"""How many more containers were made than freed before the youngest generation is looked at."""

YOUNG_ROUNDS = 20
OLD_ROUNDS = 100


def settle_collector() -> None:
    """Call once, when the process has been set up and before its load begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, OLD_ROUNDS)
