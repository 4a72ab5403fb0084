"""Writing MSPDI, in the order of elements that its schema asks for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from xml.etree import ElementTree as Xml

from tasks.exchange.mspdi.terms import (
    AFTERNOON,
    AS_SOON,
    CLOSES,
    HOURS_PER_DAY,
    KEY_ALIAS,
    KEY_FIELD,
    LINK_TYPES,
    MINUTES_PER_DAY,
    MUST_START,
    NOON,
    NOT_EARLIER,
    OPENS,
    PRIORITIES,
)
from tasks.exchange.plan import PlanFile, PlanLink, PlanTask
from tasks.workdays import Workdays

NAMESPACE = "http://schemas.microsoft.com/project"
_DAYS_FORMAT = 7  # durations and lags are shown in working days
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML can't hold


@dataclass(frozen=True)
class Planned:
    """The days of one task in the plan, both inclusive."""

    starts_on: date
    due_on: date


@dataclass(frozen=True)
class _Row:
    """A task with its place in the outline."""

    task: PlanTask
    uid: int
    level: int
    is_summary: bool


def write_mspdi(
    name: str, plan: PlanFile, *, starts_on: date, days: Mapping[str, Planned], workdays: Workdays
) -> bytes:
    """The plan as XML. ``days`` are the planned days by key."""
    rows = list(_outline(plan))
    uids = {row.task.key: row.uid for row in rows}
    waits: dict[str, list[PlanLink]] = {}
    for link in plan.links:
        waits.setdefault(link.successor, []).append(link)
    root = Xml.Element("Project", xmlns=NAMESPACE)
    _add(root, SaveVersion=14, Name=f"{name}.xml", Title=name, ScheduleFromStart=1)
    _add(root, StartDate=_at(starts_on, OPENS), CalendarUID=1, MinutesPerDay=MINUTES_PER_DAY)
    _add(root, MinutesPerWeek=MINUTES_PER_DAY * len(workdays.weekdays), DaysPerMonth=20, NewTasksAreManual=0)
    attributes = Xml.SubElement(root, "ExtendedAttributes")
    _add(Xml.SubElement(attributes, "ExtendedAttribute"), FieldID=KEY_FIELD, FieldName="Text1", Alias=KEY_ALIAS)
    _write_calendar(root, workdays, starts_on, max((each.due_on for each in days.values()), default=starts_on))
    tasks = Xml.SubElement(root, "Tasks")
    for row in rows:
        element = Xml.SubElement(tasks, "Task")
        _write_task(element, row, days[row.task.key], workdays)
        _write_links(element, waits.get(row.task.key, ()), uids)
        _add(Xml.SubElement(element, "ExtendedAttribute"), FieldID=KEY_FIELD, Value=row.task.key)
    _write_people(root, rows)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="UTF-8", xml_declaration=True))


def _outline(plan: PlanFile) -> Iterator[_Row]:
    """The tasks with their parts below them, each part in the plan's order."""
    parts: dict[str, list[PlanTask]] = {}
    for task in plan.tasks:
        parts.setdefault(task.parent, []).append(task)
    stack = [(task, 1) for task in reversed(parts.get("", ()))]
    uid = 0
    while stack:
        task, level = stack.pop()
        uid += 1
        inner = parts.get(task.key, [])
        yield _Row(task, uid, level, bool(inner))
        stack += [(each, level + 1) for each in reversed(inner)]


def _write_calendar(root: Xml.Element, workdays: Workdays, first: date, last: date) -> None:
    """The working week, and as exceptions the closed days of the plan's time and a year after it."""
    calendar = Xml.SubElement(Xml.SubElement(root, "Calendars"), "Calendar")
    _add(calendar, UID=1, Name="Standard", IsBaseCalendar=1, BaseCalendarUID=-1)
    week = Xml.SubElement(calendar, "WeekDays")
    for number in range(1, 8):  # 1 is Sunday
        day = Xml.SubElement(week, "WeekDay")
        is_worked = (number - 2) % 7 in workdays.weekdays
        _add(day, DayType=number, DayWorking=int(is_worked))
        if is_worked:
            hours = Xml.SubElement(day, "WorkingTimes")
            for start, end in ((OPENS, NOON), (AFTERNOON, CLOSES)):
                _add(Xml.SubElement(hours, "WorkingTime"), FromTime=start.isoformat(), ToTime=end.isoformat())
    closed = sorted(day for day in workdays.closed if first <= day <= last + timedelta(days=366))
    if closed:
        exceptions = Xml.SubElement(calendar, "Exceptions")
        for closure in closed:
            exception = Xml.SubElement(exceptions, "Exception")
            _add(exception, EnteredByOccurrences=0)
            _add(
                Xml.SubElement(exception, "TimePeriod"),
                FromDate=_at(closure, time(0)),
                ToDate=_at(closure, time(23, 59)),
            )
            _add(exception, Occurrences=1, Name="Closed", Type=1, DayWorking=0)


def _write_task(element: Xml.Element, row: _Row, planned: Planned, workdays: Workdays) -> None:
    task, is_manual = row.task, row.task.scheduling_mode == "manual"
    days = workdays.between(planned.starts_on, planned.due_on) if row.is_summary else task.duration_days
    duration = f"PT{HOURS_PER_DAY * days}H0M0S"
    start = _at(planned.starts_on, OPENS)
    finish = start if task.duration_days == 0 else _at(planned.due_on, CLOSES)
    _add(element, UID=row.uid, ID=row.uid, Name=task.name, Active=1, Manual=int(is_manual), Type=1, IsNull=0)
    _add(element, OutlineLevel=row.level, Priority=dict(PRIORITIES)[task.priority], Start=start, Finish=finish)
    _add(element, Duration=duration, DurationFormat=_DAYS_FORMAT, Milestone=int(task.duration_days == 0))
    _add(element, Summary=int(row.is_summary), PercentComplete=100 if task.completed_on else task.progress)
    if task.completed_on:
        _add(element, ActualStart=start, ActualFinish=_at(task.completed_on, CLOSES))
    if is_manual and task.starts_on:
        _add(element, ConstraintType=MUST_START, CalendarUID=-1, ConstraintDate=_at(task.starts_on, OPENS))
    elif task.not_before:
        _add(element, ConstraintType=NOT_EARLIER, CalendarUID=-1, ConstraintDate=_at(task.not_before, OPENS))
    else:
        _add(element, ConstraintType=AS_SOON, CalendarUID=-1)
    if task.deadline_on:
        _add(element, Deadline=_at(task.deadline_on, task.deadline_time or CLOSES))
    if task.description:
        _add(element, Notes=task.description)


def _write_links(element: Xml.Element, links: Iterable[PlanLink], uids: Mapping[str, int]) -> None:
    for link in links:
        lag = link.lag_days * MINUTES_PER_DAY * 10  # tenths of minutes
        wait = Xml.SubElement(element, "PredecessorLink")
        _add(wait, PredecessorUID=uids[link.predecessor], Type=LINK_TYPES.index(link.type), CrossProject=0)
        _add(wait, LinkLag=lag, LagFormat=_DAYS_FORMAT)


def _write_people(root: Xml.Element, rows: list[_Row]) -> None:
    uids: dict[str, int] = {}
    for row in rows:
        for email in row.task.assignees:
            uids.setdefault(email, len(uids) + 1)
    resources = Xml.SubElement(root, "Resources")
    for email, uid in uids.items():
        _add(Xml.SubElement(resources, "Resource"), UID=uid, ID=uid, Name=email, Type=1, EmailAddress=email)
    assignments = Xml.SubElement(root, "Assignments")
    pairs = [(row.uid, uids[email]) for row in rows for email in row.task.assignees]
    for uid, (task, person) in enumerate(pairs, start=1):
        _add(Xml.SubElement(assignments, "Assignment"), UID=uid, TaskUID=task, ResourceUID=person)


def _add(element: Xml.Element, **values: str | int) -> None:
    for name, value in values.items():
        Xml.SubElement(element, name).text = _CONTROL.sub(" ", str(value))


def _at(day: date, at: time) -> str:
    return f"{day.isoformat()}T{at.isoformat(timespec='seconds')}"
