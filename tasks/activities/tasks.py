"""What tasks announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask, listed


@dataclass(frozen=True, kw_only=True)
class TaskCreated(OfTask, Fact, kind="task.created"):
    """``template_application_id`` is set when a template brought it: its room is told of the whole plan at once."""

    template_application_id: int | None = None

    def rooms(self) -> tuple[str, ...]:
        return () if self.template_application_id else super().rooms()

    def sentence(self) -> str:
        return f"created {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskChanged(OfTask, Fact, kind="task.changed"):
    fields: tuple[str, ...]
    added_label_ids: tuple[int, ...] = ()

    def sentence(self) -> str:
        return f"changed {listed(self.fields)} of {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskDeleted(OfTask, Fact, kind="task.deleted"):
    def sentence(self) -> str:
        return f"deleted {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskRestored(OfTask, Fact, kind="task.restored"):
    """It is back, in ``column``."""

    column_id: int
    column: str

    def sentence(self) -> str:
        return f"brought {self.task} back"


@dataclass(frozen=True, kw_only=True)
class TaskAssigned(OfTask, Fact, kind="task.assigned"):
    """``template_application_id`` is set when a template gave the task, so that a whole plan can be told at once."""

    assignee_id: int
    assignee: str
    due_on: str | None
    template_application_id: int | None = None

    def sentence(self) -> str:
        return f"gave {self.task} to {self.assignee}"


@dataclass(frozen=True, kw_only=True)
class TaskUnassigned(OfTask, Fact, kind="task.unassigned"):
    assignee_id: int
    assignee: str

    def sentence(self) -> str:
        return f"took {self.task} from {self.assignee}"


@dataclass(frozen=True, kw_only=True)
class TaskMoved(OfTask, Fact, kind="task.moved"):
    """A card changed its column or its place in it."""

    column_id: int
    column: str
    from_column_id: int

    def sentence(self) -> str:
        within = self.column_id == self.from_column_id
        return f"moved {self.task} {'within' if within else 'to'} {self.column}"


@dataclass(frozen=True, kw_only=True)
class TaskCompleted(OfTask, Fact, kind="task.completed"):
    """``completion_no`` counts a task's completions; ``on_time`` is None without a due day."""

    completion_no: int
    assignee_ids: tuple[int, ...]
    on_time: bool | None
    completed_on: str
    column_id: int
    forced_reason: str = ""

    def sentence(self) -> str:
        override = f", overriding what it waited for: {self.forced_reason}"
        return f"completed {self.task}{override if self.forced_reason else ''}"


@dataclass(frozen=True, kw_only=True)
class TaskReopened(OfTask, Fact, kind="task.reopened"):
    """``completion_no`` is the completion that no longer holds."""

    completion_no: int
    assignee_ids: tuple[int, ...]
    column_id: int

    def sentence(self) -> str:
        return f"reopened {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskUnblocked(OfTask, Fact, kind="task.unblocked"):
    """Nothing keeps it from being completed any more; ``by_task`` is what it waited for last."""

    assignee_ids: tuple[int, ...]
    by_task: str

    def sentence(self) -> str:
        return f"cleared the way for {self.task} with {self.by_task}"
