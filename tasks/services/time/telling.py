"""Time logs as plain values: for facts, for refusals, and for what is kept of an edit."""

from datetime import datetime
from typing import Any

from estateman.people.models import User
from tasks.models import TimeLog


def facts_of(log: TimeLog, by: User | None) -> dict[str, Any]:
    """What every fact about time says."""
    return {
        "by_id": by.pk if by else None,
        "project_id": log.task.project_id,
        "project": log.task.project.name,
        "task_id": log.task_id,
        "task": log.task.name,
        "log_id": log.pk,
        "user_id": log.user_id,
        "user": str(log.user),
    }


def snapshot(log: TimeLog) -> dict[str, Any]:
    """All that its row holds, as JSON has it."""
    return {
        "id": log.pk,
        "task": log.task_id,
        "user": log.user_id,
        "started_at": _iso(log.started_at),
        "ended_at": _iso(log.ended_at),
        "seconds": log.seconds,
        "timezone": log.timezone,
        "work_date": log.work_date.isoformat(),
        "note": log.note,
        "is_billable": log.is_billable,
        "source": str(log.source),
        "ended_by": str(log.ended_by),
        "needs_review": log.needs_review,
        "version": log.version,
    }


def shown(log: TimeLog) -> dict[str, Any]:
    """As the API answers it: what a refusal stands upon."""
    return {
        **snapshot(log),
        "task_key": log.task.key,
        "task_name": log.task.name,
        "project": log.task.project_id,
        "project_name": log.task.project.name,
        "user_name": str(log.user),
        "is_running": log.is_running,
        "created_at": _iso(log.created_at),
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
