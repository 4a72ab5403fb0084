"""What is announced of deadlines and days that come near. The clock does it: there is no actor."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask


@dataclass(frozen=True, kw_only=True)
class OfDeadline(OfTask):
    """What these have: the instant, the zone it is told in, and whom it concerns.

    ``assignee_ids`` have the task; ``keeper_ids`` keep the deal and are told where it has become urgent, or where
    nobody has the task.
    """

    deadline_at: str
    timezone: str
    assignee_ids: tuple[int, ...]
    keeper_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DeadlineNear(OfDeadline, Fact, kind="task.deadline_near"):
    """The deadline is ``hours`` away, or already less: 72, 48 or 24. Once for each, and anew when it is moved."""

    hours: int

    def sentence(self) -> str:
        return f"warned that the deadline of {self.task} is {self.hours} hours away"


@dataclass(frozen=True, kw_only=True)
class DeadlineMissed(OfDeadline, Fact, kind="task.deadline_missed"):
    """The deadline has passed and the task is open."""

    def sentence(self) -> str:
        return f"found that the deadline of {self.task} has passed"


@dataclass(frozen=True, kw_only=True)
class DigestDue(Fact, kind="task.digest_due"):
    """The morning's list of one person: what is overdue and what is due soon, soonest first, across all their deals."""

    user_id: int
    on: str
    overdue_ids: tuple[int, ...]
    upcoming_ids: tuple[int, ...]

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"counted {len(self.overdue_ids)} overdue tasks and {len(self.upcoming_ids)} due soon"
