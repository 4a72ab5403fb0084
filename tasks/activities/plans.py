"""What is announced of whole plans."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfProject


@dataclass(frozen=True, kw_only=True)
class PlanImported(OfProject, Fact, kind="project.plan_imported"):
    """Tasks were taken in from a file; they are not announced one by one."""

    tasks: int
    dependencies: int

    def sentence(self) -> str:
        return f"imported {self.tasks} tasks into {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectRescheduled(OfProject, Fact, kind="project.rescheduled"):
    """``moved`` tasks and key dates came to other days because of one change; ``why`` says which.

    ``task_ids`` and ``key_date_ids`` are the first hundred of each.
    """

    moved: int
    task_ids: tuple[int, ...]
    key_date_ids: tuple[int, ...]
    cause: str
    why: str

    def sentence(self) -> str:
        return f"moved {self.moved} {'day' if self.moved == 1 else 'days'} of {self.project}: {self.why}"
