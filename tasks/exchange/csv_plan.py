"""Plans as CSV: a line for each task, with what it waits for in one cell (``photos FS+1; copy SS``)."""

import csv
import io
import re
from datetime import date, time
from typing import Any

from estateman.common.spreadsheets import cell, text_of
from tasks.exchange.plan import PlanFile, PlanLink, PlanTask, Unreadable

_LISTS = ("labels", "assignees")
_NUMBERS = ("duration_days", "progress", "estimate_minutes")
_DAYS = ("starts_on", "due_on", "not_before", "deadline_on", "completed_on")
COLUMNS = (
    "key",
    "name",
    "duration_days",
    "starts_on",
    "due_on",
    "predecessors",
    "parent",
    "priority",
    "scheduling_mode",
    "not_before",
    "deadline_on",
    "deadline_time",
    "progress",
    "completed_on",
    "estimate_minutes",
    "role",
    "labels",
    "assignees",
    "description",
)
_BETWEEN = re.compile(r"(?<!\\);")
_WAIT = re.compile(r"(?P<key>.+?)(?:\s+(?P<type>FS|SS|FF|SF)(?P<lag>[+-]\d{1,4})?)?")


def write_csv(plan: PlanFile) -> str:
    """The plan as a table with a header, in the order of its tasks."""
    waits: dict[str, list[PlanLink]] = {}
    for link in plan.links:
        waits.setdefault(link.successor, []).append(link)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for task in plan.tasks:
        told = {**task.__dict__, "predecessors": [_wait(link) for link in waits.get(task.key, ())]}
        writer.writerow([_cell(told[column]) for column in COLUMNS])
    return out.getvalue()


def read_csv(text: str) -> PlanFile:
    """The plan that a table tells. Its header names columns of COLUMNS, ``key`` and ``name`` among them.

    Raises Unreadable, naming the line.
    """
    try:
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
        header = [name.strip().lower() for name in next(rows, [])]
        _check_header(header)
        tasks, links = [], []
        for row in rows:
            if any(row):
                task, waits = _task(_told(header, row, f"line {rows.line_num}"), f"line {rows.line_num}")
                tasks.append(task)
                links += waits
    except csv.Error as error:
        raise Unreadable("The table", str(error)) from None
    return PlanFile(tuple(tasks), tuple(links))


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or len(set(header)) < len(header) or not {"key", "name"} <= set(header):
        raise Unreadable("line 1", f"Name the columns key and name, and of the others: {', '.join(COLUMNS[2:])}.")


def _told(header: list[str], row: list[str], where: str) -> dict[str, str]:
    if len(row) > len(header):
        raise Unreadable(where, "There are more cells than columns.")
    told = {name: text_of(each.strip()) for name, each in zip(header, row, strict=False)}
    return {name: text for name, text in told.items() if text}


def _task(told: dict[str, str], where: str) -> tuple[PlanTask, list[PlanLink]]:
    waits = _parts(told.pop("predecessors", ""))
    if missing := {"key", "name"} - told.keys():
        raise Unreadable(where, f"There is no {min(missing)}.")
    links = [_link(wait, told["key"], where) for wait in waits]
    return PlanTask(**{name: _value(name, text, where) for name, text in told.items()}), links


def _value(name: str, text: str, where: str) -> Any:
    try:
        if name in _NUMBERS:
            return int(text)
        if name in _DAYS:
            return date.fromisoformat(text)
        if name == "deadline_time":
            return time.fromisoformat(text)
    except ValueError:
        raise Unreadable(where, f"{text[:40]} is no {name.replace('_', ' ')}.") from None
    return tuple(_parts(text)) if name in _LISTS else text


def _link(wait: str, successor: str, where: str) -> PlanLink:
    found = _WAIT.fullmatch(wait)
    if not found:
        raise Unreadable(where, f"Write what it waits for like photos FS+1, not {wait[:40]}.")
    return PlanLink(found["key"], successor, found["type"] or "FS", int(found["lag"] or 0))


def _wait(link: PlanLink) -> str:
    return f"{link.predecessor} {link.type}{f'{link.lag_days:+d}' if link.lag_days else ''}"


def _parts(text: str) -> list[str]:
    """What stands between semicolons; one that belongs to a name has a backslash in front."""
    return [part.strip().replace("\\;", ";") for part in _BETWEEN.split(text) if part.strip()]


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return cell("; ".join(part.replace(";", "\\;") for part in value))
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else str(value)
