"""Health: ready only when every lane that the worker was given runs; live until something is broken for good."""

from monitoring.health import LaneState, WorkerHealth


def test_a_new_worker_lives_and_is_not_ready() -> None:
    health = WorkerHealth()
    assert health.live().ok
    assert health.ready() == (False, ("waiting for partitions",))


def test_ready_when_all_lanes_run() -> None:
    health = WorkerHealth()
    health.assigned(frozenset({3, 1}))
    assert health.ready() == (False, ("lane 1 opening", "lane 3 opening"))
    health.recovering(3, 500)
    health.lane(1, LaneState.RUNNING)
    assert health.ready() == (False, ("lane 3 opening, 500 records to read",))
    health.lane(3, LaneState.RUNNING)
    assert health.ready() == (True, ())
    assert health.lanes() == {"opening": 0, "running": 2, "refused": 0, "closing": 0}


def test_a_worker_without_partitions_is_ready() -> None:
    health = WorkerHealth()
    health.assigned(frozenset())
    assert health.ready().ok


def test_a_rebalance_ends_readiness_and_keeps_lanes_that_stay() -> None:
    health = WorkerHealth()
    health.assigned(frozenset({1, 2}))
    health.lane(1, LaneState.RUNNING)
    health.lane(2, LaneState.RUNNING)
    health.rebalancing()
    assert health.ready() == (False, ("waiting for partitions",))
    health.assigned(frozenset({1}))
    assert health.ready().ok
    assert health.lanes()[LaneState.RUNNING] == 1


def test_a_refused_lane_is_alive_but_not_ready() -> None:
    health = WorkerHealth()
    health.assigned(frozenset({1}))
    health.lane(1, LaneState.REFUSED)
    assert health.live().ok
    assert health.ready() == (False, ("lane 1 refused",))


def test_the_first_fault_is_the_reason() -> None:
    health = WorkerHealth()
    health.assigned(frozenset())
    health.fault("disk full")
    health.fault("something later")
    assert health.live() == (False, ("disk full",))
    assert health.ready() == (False, ("disk full",))
