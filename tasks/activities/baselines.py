"""What the baselines of a plan announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfProject


@dataclass(frozen=True, kw_only=True)
class BaselineKept(OfProject, Fact, kind="project.baseline_kept"):
    """The plan was kept as it stood."""

    baseline_id: int
    baseline: str
    tasks: int

    def sentence(self) -> str:
        return f"kept the plan of {self.project} as {self.baseline}"


@dataclass(frozen=True, kw_only=True)
class BaselineDeleted(OfProject, Fact, kind="project.baseline_deleted"):
    baseline_id: int
    baseline: str

    def sentence(self) -> str:
        return f"deleted the baseline {self.baseline} of {self.project}"
