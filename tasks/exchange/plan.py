"""What a plan's file holds, whatever its format."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PlanTask:
    """One task of a file. Tasks are known by their keys; people by their e-mail addresses."""

    key: str
    name: str
    duration_days: int = 1
    parent: str = ""
    description: str = ""
    priority: str = "normal"
    scheduling_mode: str = "automatic"
    starts_on: date | None = None
    due_on: date | None = None
    not_before: date | None = None
    deadline_on: date | None = None
    deadline_time: time | None = None
    progress: int = 0
    completed_on: date | None = None
    estimate_minutes: int | None = None
    role: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanLink:
    """That one task of a file waits for another; the lag counts working days."""

    predecessor: str
    successor: str
    type: str = "FS"
    lag_days: int = 0


@dataclass(frozen=True)
class PlanFile:
    """A whole plan. ``warnings`` say what the file held that a plan here can't hold exactly."""

    tasks: tuple[PlanTask, ...]
    links: tuple[PlanLink, ...]
    warnings: tuple[str, ...] = field(default=())


class Unreadable(ValueError):
    """The file is not what it should be; ``where`` is the line, or the element, that shows it."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where


def as_json(plan: PlanFile) -> dict[str, Any]:
    """The file as JSON has it, which is what an import takes."""
    return {"tasks": [_told(task) for task in plan.tasks], "dependencies": [dict(link.__dict__) for link in plan.links]}


def _told(task: PlanTask) -> dict[str, Any]:
    """All that says something, in plain values."""
    plain = {name: _plain(value) for name, value in task.__dict__.items()}
    return {name: value for name, value in plain.items() if value not in (None, "", [])}


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
