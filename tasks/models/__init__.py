"""Projects with their members and boards, tasks, what they wait for, and templates."""

from tasks.models.dependencies import DependencyType, TaskDependency
from tasks.models.projects import (
    OPEN_GROUPS,
    BoardColumn,
    ColumnGroup,
    DealRole,
    Project,
    ProjectKind,
    ProjectMember,
    ProjectRole,
    ProjectStatus,
)
from tasks.models.tasks import Priority, SchedulingMode, Task, TaskAssignee
from tasks.models.templates import (
    AppliedTemplate,
    ProjectTemplate,
    TemplateDependency,
    TemplateTask,
)

__all__ = [
    "OPEN_GROUPS",
    "AppliedTemplate",
    "BoardColumn",
    "ColumnGroup",
    "DealRole",
    "DependencyType",
    "Priority",
    "Project",
    "ProjectKind",
    "ProjectMember",
    "ProjectRole",
    "ProjectStatus",
    "ProjectTemplate",
    "SchedulingMode",
    "Task",
    "TaskAssignee",
    "TaskDependency",
    "TemplateDependency",
    "TemplateTask",
]
