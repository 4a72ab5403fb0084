"""Time as a CSV file, for those who bill it and those who pay for it."""

import csv
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from zoneinfo import ZoneInfo

from estateman.common.spreadsheets import cell
from tasks.models import TimeLog
from tasks.timesheets import Part, split

HEADER = (
    "date", "person", "project", "kind", "task_key", "task", "started_at", "ended_at", "timezone", "seconds", "hours",
    "billable", "needs_review", "note", "log",
)  # fmt: skip


def time_csv(parts: Iterable[tuple[TimeLog, Part]]) -> str:
    """One line for each day of each log, with local times; ``hours`` is rounded to a hundredth, ``seconds`` is not.

    What people wrote is quoted so that no spreadsheet takes it for a formula.
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(_line(log, part) for log, part in parts)
    return out.getvalue()


def parts_of(logs: Iterable[TimeLog]) -> Iterable[tuple[TimeLog, Part]]:
    """What has ended of ``logs``, day by day."""
    for log in logs:
        if log.ended_at:
            yield from ((log, part) for part in split(log.started_at, log.ended_at, log.timezone))


def _line(log: TimeLog, part: Part) -> tuple[object, ...]:
    zone = ZoneInfo(log.timezone)
    return (
        part.on.isoformat(),
        cell(log.user.name),
        cell(log.task.project.name),
        log.task.project.kind,
        cell(log.task.key),
        cell(log.task.name),
        part.start.astimezone(zone).isoformat(),
        part.end.astimezone(zone).isoformat(),
        log.timezone,
        part.seconds,
        (Decimal(part.seconds) / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP),
        "yes" if log.is_billable else "no",
        "yes" if log.needs_review else "no",
        cell(log.note),
        log.pk,
    )
