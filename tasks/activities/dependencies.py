"""What the dependencies between tasks announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask


@dataclass(frozen=True, kw_only=True)
class DependencyAdded(OfTask, Fact, kind="task.dependency_added"):
    """The task now waits for ``predecessor``."""

    dependency_id: int
    predecessor_id: int
    predecessor: str
    type: str
    lag_days: int

    def sentence(self) -> str:
        return f"made {self.task} wait for {self.predecessor} ({self.type})"


@dataclass(frozen=True, kw_only=True)
class DependencyChanged(OfTask, Fact, kind="task.dependency_changed"):
    """The task waits for ``predecessor`` in another way, or with another lag."""

    dependency_id: int
    predecessor_id: int
    predecessor: str
    type: str
    lag_days: int

    def sentence(self) -> str:
        return f"changed how {self.task} waits for {self.predecessor} ({self.type})"


@dataclass(frozen=True, kw_only=True)
class DependencyRemoved(OfTask, Fact, kind="task.dependency_removed"):
    dependency_id: int
    predecessor_id: int
    predecessor: str

    def sentence(self) -> str:
        return f"made {self.task} wait for {self.predecessor} no longer"
