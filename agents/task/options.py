"""What every task of a process is told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """`app_id`: whose tasks these are. `replay`: whether they go by a replay clock, not by the wall clock."""

    app_id: str = "bashgah"
    replay: bool = False

    def transactional_id(self, name: str | int) -> str:
        """The id whose holder owns the task of this name."""
        return f"{self.app_id}-{name}"
