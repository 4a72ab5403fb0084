"""What projects and tasks announce. All of it is seen in the project's room."""

from tasks.activities.base import OfProject, OfTask
from tasks.activities.dependencies import DependencyAdded, DependencyRemoved
from tasks.activities.projects import (
    BoardChanged,
    MemberChanged,
    ProjectArchived,
    ProjectChanged,
    ProjectOpened,
    ProjectRestored,
    TemplateApplied,
)
from tasks.activities.tasks import (
    TaskAssigned,
    TaskChanged,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskMoved,
    TaskReopened,
    TaskUnassigned,
    TaskUnblocked,
)

__all__ = [
    "BoardChanged",
    "DependencyAdded",
    "DependencyRemoved",
    "MemberChanged",
    "OfProject",
    "OfTask",
    "ProjectArchived",
    "ProjectChanged",
    "ProjectOpened",
    "ProjectRestored",
    "TaskAssigned",
    "TaskChanged",
    "TaskCompleted",
    "TaskCreated",
    "TaskDeleted",
    "TaskMoved",
    "TaskReopened",
    "TaskUnassigned",
    "TaskUnblocked",
    "TemplateApplied",
]
