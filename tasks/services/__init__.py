"""What people do with projects and tasks: the verbs, and the rules that may stand in their way."""

from tasks.services.assignments import assign_task, unassign_task
from tasks.services.columns import change_column, create_column
from tasks.services.completion import complete_task, reopen_task
from tasks.services.dependencies import add_dependency, remove_dependency
from tasks.services.members import add_member, change_member, remove_member
from tasks.services.moving import move_task
from tasks.services.projects import (
    archive_project,
    edit_project,
    open_project,
    restore_project,
)
from tasks.services.tasks import create_task, delete_task, edit_task
from tasks.services.templates import apply_template

__all__ = [
    "add_dependency",
    "add_member",
    "apply_template",
    "archive_project",
    "assign_task",
    "change_column",
    "change_member",
    "complete_task",
    "create_column",
    "create_task",
    "delete_task",
    "edit_project",
    "edit_task",
    "move_task",
    "open_project",
    "remove_dependency",
    "remove_member",
    "reopen_task",
    "restore_project",
    "unassign_task",
]
