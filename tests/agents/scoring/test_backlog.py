"""What is left to do without an event: its stages, and where a restart goes on."""

from agents.scoring.backlog import Backlog, Stage
from tables.rows import RESCHEDULE_KEY, due_key
from tables.store import MemoryStore


def test_nobody_knows_at_a_start_whether_something_is_left_to_apply() -> None:
    backlog = Backlog(MemoryStore())
    assert backlog.stage is Stage.APPLYING
    backlog.applied(left=True)
    assert backlog.stage is Stage.APPLYING
    backlog.applied(left=False)
    assert backlog.stage is Stage.DONE
    backlog.ticked()
    assert backlog.stage is Stage.APPLYING


def test_rescheduling_comes_first_and_what_it_interrupts_goes_on() -> None:
    backlog = Backlog(MemoryStore())
    backlog.reschedule_all()
    backlog.ticked()
    assert backlog.stage is Stage.RESCHEDULING
    backlog.rescheduled(due_key(5, "m-1"))
    backlog.applied(left=True)
    assert backlog.stage is Stage.RESCHEDULING
    backlog.rescheduled(None)
    assert backlog.stage is Stage.APPLYING
    backlog.applied(left=False)
    backlog.reschedule_all()
    backlog.rescheduled(None)
    assert backlog.stage is Stage.DONE


def test_a_restart_goes_on_where_rescheduling_had_come_to() -> None:
    store, place = MemoryStore(), due_key(5, "m-1")
    backlog = Backlog(store)
    assert backlog.rows() == []
    backlog.reschedule_all()
    backlog.rescheduled(place)
    store.write(backlog.rows())
    assert backlog.rows() == []
    again = Backlog(store)
    assert (again.stage, again.next_key) == (Stage.RESCHEDULING, place)
    again.rescheduled(None)
    assert again.rows() == [(RESCHEDULE_KEY, None)]
