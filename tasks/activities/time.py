"""What timers and time logs announce.

How long somebody worked is for them and for those who manage the project, so it does not stand in what the whole room
sees: who may know asks for the log.
"""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask, listed

# In words, what stopped a timer that nobody stopped by hand.
_BECAUSE = {
    "switch": "another one was started",
    "task_completed": "the task is completed",
    "task_cancelled": "the task is cancelled",
    "task_deleted": "the task is deleted",
    "membership_ended": "they no longer work on the project",
    "project_archived": "the project is archived",
}


@dataclass(frozen=True, kw_only=True)
class OfTime(OfTask):
    """What every fact about one time log has: its id, and whose it is. They see it wherever they look."""

    log_id: int
    user_id: int
    user: str

    def rooms(self) -> tuple[str, ...]:
        return (*super().rooms(), f"user:{self.user_id}")


@dataclass(frozen=True, kw_only=True)
class TimerStarted(OfTime, Fact, kind="task.timer_started"):
    def sentence(self) -> str:
        return f"started a timer on {self.task}"


@dataclass(frozen=True, kw_only=True)
class TimerStopped(OfTime, Fact, kind="task.timer_stopped"):
    """``ended_by`` is person, or what ended it instead."""

    ended_by: str

    @property
    def because(self) -> str:
        """Why it ended, where nobody ended it by hand."""
        return _BECAUSE.get(self.ended_by, "")

    def sentence(self) -> str:
        return f"stopped the timer of {self.user} on {self.task}{f': {self.because}' if self.because else ''}"


@dataclass(frozen=True, kw_only=True)
class TimeLogged(OfTime, Fact, kind="task.time_logged"):
    work_date: str

    def sentence(self) -> str:
        return f"logged time on {self.task}"


@dataclass(frozen=True, kw_only=True)
class TimeChanged(OfTime, Fact, kind="task.time_changed"):
    fields: tuple[str, ...]

    def sentence(self) -> str:
        return f"changed {listed(self.fields)} of {self.user}'s time on {self.task}"


@dataclass(frozen=True, kw_only=True)
class TimeDeleted(OfTime, Fact, kind="task.time_deleted"):
    def sentence(self) -> str:
        return f"deleted time of {self.user} on {self.task}"


@dataclass(frozen=True, kw_only=True)
class TimerForgotten(OfTime, Fact, kind="task.timer_forgotten"):
    """It has run for so long that somebody probably forgot it; only they are told."""

    started_at: str
    timezone: str

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"has had a timer running on {self.task} for long"
