"""The keys of tasks: each once in a project, those of deleted tasks too, which come back with theirs."""

from tasks.models import Project, Task
from tasks.services.refusals import KeyTaken


def free_key(project: Project, key: str = "") -> str:
    """``key`` if nobody has it, or the next of T-1, T-2, … The project is locked. Raises KeyTaken."""
    if key:
        require_free_key(project, key)
        return key
    number = project.last_task_no + 1
    while _taken(project, f"T-{number}"):
        number += 1
    project.last_task_no = number
    project.save(update_fields=["last_task_no"])
    return f"T-{number}"


def require_free_key(project: Project, key: str) -> None:
    """Raises KeyTaken."""
    if _taken(project, key):
        raise KeyTaken(f"{project} has a task with the key {key} already.")


def _taken(project: Project, key: str) -> bool:
    return Task.every.filter(project=project, key=key).exists()
