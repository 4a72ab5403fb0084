"""What projects and tasks announce. All of it is seen in the project's room."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class OfProject:
    """What all of these have: the project, by id and by the name it had."""

    project_id: int
    project: str

    def rooms(self) -> tuple[str, ...]:
        return (f"project:{self.project_id}",)


@dataclass(frozen=True, kw_only=True)
class ProjectOpened(OfProject, Fact, kind="project.opened"):
    def sentence(self) -> str:
        return f"opened {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectChanged(OfProject, Fact, kind="project.changed"):
    fields: tuple[str, ...]

    def sentence(self) -> str:
        return f"changed {_listed(self.fields)} of {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectArchived(OfProject, Fact, kind="project.archived"):
    def sentence(self) -> str:
        return f"archived {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectRestored(OfProject, Fact, kind="project.restored"):
    def sentence(self) -> str:
        return f"took {self.project} out of the archive"


@dataclass(frozen=True, kw_only=True)
class MemberChanged(OfProject, Fact, kind="project.member_changed"):
    """Somebody joined (``added``), got another role (``changed``) or left (``removed``)."""

    user_id: int
    user: str
    role: str
    deal_role: str
    change: str

    def sentence(self) -> str:
        part = self.deal_role or self.role
        return {
            "added": f"added {self.user} to {self.project} as {part.replace('_', ' ')}",
            "changed": f"made {self.user} {part.replace('_', ' ')} of {self.project}",
            "removed": f"took {self.user} out of {self.project}",
        }[self.change]


@dataclass(frozen=True, kw_only=True)
class BoardChanged(OfProject, Fact, kind="project.board_changed"):
    """A column was added or changed."""

    column_id: int
    column: str

    def sentence(self) -> str:
        return f"arranged the column {self.column} of {self.project}"


@dataclass(frozen=True, kw_only=True)
class TemplateApplied(OfProject, Fact, kind="project.template_applied"):
    template_id: int
    template: str
    tasks: int

    def sentence(self) -> str:
        return f"planned {self.project} with {self.template}: {self.tasks} tasks"


@dataclass(frozen=True, kw_only=True)
class OfTask(OfProject):
    """What every fact about one task has: its id and the name it had."""

    task_id: int
    task: str


@dataclass(frozen=True, kw_only=True)
class TaskCreated(OfTask, Fact, kind="task.created"):
    def sentence(self) -> str:
        return f"created {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskChanged(OfTask, Fact, kind="task.changed"):
    fields: tuple[str, ...]

    def sentence(self) -> str:
        return f"changed {_listed(self.fields)} of {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskDeleted(OfTask, Fact, kind="task.deleted"):
    def sentence(self) -> str:
        return f"deleted {self.task}"


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
class DependencyRemoved(OfTask, Fact, kind="task.dependency_removed"):
    dependency_id: int
    predecessor_id: int
    predecessor: str

    def sentence(self) -> str:
        return f"made {self.task} wait for {self.predecessor} no longer"


def _listed(fields: tuple[str, ...]) -> str:
    return ", ".join(field.removesuffix("_id").replace("_", " ") for field in fields)
