"""Reading MSPDI: strictly, and telling what a plan here can't hold exactly."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from math import ceil
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree as SafeXml
from defusedxml.common import DefusedXmlException

from tasks.exchange.mspdi.terms import (
    CLOSES,
    ELAPSED,
    KEY_ALIAS,
    KEY_FIELD,
    LINK_TYPES,
    LOST,
    MINUTES_PER_DAY,
    MUST_START,
    NOT_EARLIER,
    PERCENT,
    PRIORITIES,
)
from tasks.exchange.plan import PlanFile, PlanLink, PlanTask, Unreadable

_SUMMARY_OF_ALL = "0"
_Inside = dict[str, list[Element]]
"""What is in an element, by name: looked through once, however often it is asked."""
_DURATION = re.compile(r"P(?:(\d{1,6})D)?T?(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d+)?S)?")


def read_mspdi(text: bytes) -> PlanFile:
    """The plan that an XML file tells. What is measured in parts of days is rounded up, with a warning.

    Raises Unreadable.
    """
    try:
        root = SafeXml.fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # the last: an unknown encoding
        raise Unreadable("The file", f"This is no XML that can be read ({type(error).__name__}).") from None
    if _name(root) != "Project":
        raise Unreadable("The file", "This is no plan of MS Project: save it there as XML.")
    return _Reading(_inside(root)).plan()


class _Reading:
    """One file being read."""

    def __init__(self, root: _Inside) -> None:
        self.root = root
        self.minutes_per_day = _number(_text(root, "MinutesPerDay"), "MinutesPerDay", MINUTES_PER_DAY) or 1
        self.warnings: list[str] = []
        self.key_of: dict[str, str] = {}
        self.days_of: dict[str, int] = {}

    def plan(self) -> PlanFile:
        rows = [row for row in _all(self.root, "Tasks", "Task") if _is_task(row)]
        people, has_keys = self._people(), self._has_keys()
        for row in rows:
            uid = _text(row, "UID")
            self.key_of[uid] = (has_keys and _key(row)) or uid
        tasks = tuple(self._task(row, parent, people) for row, parent in _with_parents(rows))
        links = tuple(link for row in rows for link in self._links(row))
        return PlanFile(tasks, links, tuple(self.warnings))

    def _task(self, row: _Inside, parent: _Inside | None, people: dict[str, list[str]]) -> PlanTask:
        uid, name = _text(row, "UID"), _text(row, "Name")
        days, constraint = self._days(row, name), _text(row, "ConstraintType")
        self.days_of[uid] = days
        if constraint in LOST:
            self.warnings.append(f"{name}: that it should {LOST[constraint]} was left out.")
        must_start = constraint == MUST_START
        is_manual = _text(row, "Manual") == "1" or must_start
        done = _text(row, "PercentComplete") == "100"
        return PlanTask(
            key=self.key_of[uid],
            name=name or f"Task {uid}",
            duration_days=days,
            parent=self.key_of[_text(parent, "UID")] if parent is not None else "",
            description=_text(row, "Notes"),
            priority=_priority(_number(_text(row, "Priority"), name, 500)),
            scheduling_mode="manual" if is_manual else "automatic",
            starts_on=(_day(row, "ConstraintDate" if must_start else "Start", name)) if is_manual else None,
            not_before=_day(row, "ConstraintDate", name) if constraint == NOT_EARLIER else None,
            deadline_on=_day(row, "Deadline", name),
            deadline_time=_time(row, "Deadline"),
            progress=min(100, _number(_text(row, "PercentComplete"), name, 0)),
            completed_on=(_day(row, "ActualFinish", name) or _day(row, "Finish", name)) if done else None,
            assignees=tuple(people.get(uid, ())),
        )

    def _days(self, row: _Inside, name: str) -> int:
        minutes = _minutes(_text(row, "Duration"), name)
        if _text(row, "DurationFormat") in ELAPSED:
            self.warnings.append(f"{name}: its duration runs through nights and weekends; it was read as working days.")
            return ceil(minutes / (24 * 60))
        return self._whole(minutes / self.minutes_per_day, f"{name}: its duration")

    def _links(self, row: _Inside) -> Iterator[PlanLink]:
        name = _text(row, "Name")
        for link in _children(row, "PredecessorLink"):
            uid = _text(link, "PredecessorUID")
            number = _number(_text(link, "Type"), name, 1)
            if uid not in self.key_of or number not in range(len(LINK_TYPES)):
                raise Unreadable(name, f"It waits for task {uid}, which the file does not hold.")
            successor = self.key_of[_text(row, "UID")]
            yield PlanLink(self.key_of[uid], successor, LINK_TYPES[number], self._lag(link, uid, name))

    def _lag(self, link: _Inside, predecessor: str, name: str) -> int:
        lag, unit = _number(_text(link, "LinkLag"), name, 0), _text(link, "LagFormat")
        if unit in PERCENT:
            return self._whole(lag * self.days_of[predecessor] / 100, f"{name}: the lag before it")
        if unit in ELAPSED and lag:
            self.warnings.append(f"{name}: the lag before it runs through weekends; it was read as working days.")
            return ceil(lag / 10 / (24 * 60) * 5 / 7)
        return self._whole(lag / 10 / self.minutes_per_day, f"{name}: the lag before it")

    def _whole(self, days: float, what: str) -> int:
        if days != int(days):
            self.warnings.append(f"{what} of {days:.2f} days was rounded up.")
        return ceil(days)

    def _has_keys(self) -> bool:
        """Whether the field of our own is ours here; other offices keep other things in it."""
        fields = _all(self.root, "ExtendedAttributes", "ExtendedAttribute")
        return any(_text(each, "FieldID") == KEY_FIELD and _text(each, "Alias") == KEY_ALIAS for each in fields)

    def _people(self) -> dict[str, list[str]]:
        """The e-mail addresses of those who have each task, by its UID."""
        address = {_text(each, "UID"): _text(each, "EmailAddress") for each in _all(self.root, "Resources", "Resource")}
        people: dict[str, list[str]] = {}
        for each in _all(self.root, "Assignments", "Assignment"):
            if email := address.get(_text(each, "ResourceUID")):
                people.setdefault(_text(each, "TaskUID"), []).append(email)
        return people


def _with_parents(rows: list[_Inside]) -> Iterator[tuple[_Inside, _Inside | None]]:
    """Each task with the one it is part of: the nearest before it on a higher level."""
    above: list[tuple[int, _Inside]] = []
    for row in rows:
        level = _number(_text(row, "OutlineLevel"), _text(row, "Name"), 1)
        while above and above[-1][0] >= level:
            above.pop()
        yield row, above[-1][1] if above else None
        above.append((level, row))


def _is_task(row: _Inside) -> bool:
    return _text(row, "UID") != _SUMMARY_OF_ALL and _text(row, "IsNull") != "1" and bool(_text(row, "UID"))


def _key(row: _Inside) -> str:
    values = [
        _text(each, "Value") for each in _children(row, "ExtendedAttribute") if _text(each, "FieldID") == KEY_FIELD
    ]
    return values[0] if values else ""


def _priority(number: int) -> str:
    return next((name for name, most in PRIORITIES if number <= most), "urgent")


def _minutes(text: str, where: str) -> int:
    found = _DURATION.fullmatch(text or "PT0S")
    if not found:
        raise Unreadable(where, f"{text[:40]} is no duration.")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return days * 24 * 60 + hours * 60 + minutes + (1 if seconds else 0)


def _day(row: _Inside, name: str, where: str) -> date | None:
    text = _text(row, name)
    try:
        return datetime.fromisoformat(text).date() if text and text != "NA" else None
    except ValueError:
        raise Unreadable(where, f"{text[:40]} is no {name}.") from None


def _time(row: _Inside, name: str) -> time | None:
    """The time of day of an instant, where it says more than the end of work or of the day."""
    at = datetime.fromisoformat(text).time() if (text := _text(row, name)) and text != "NA" else None
    return None if at in (time(0), CLOSES) else at


def _number(text: str, where: str, default: int) -> int:
    if not text:
        return default
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise Unreadable(where, f"{text[:40]} is no number.")
    return int(text)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _inside(element: Element) -> _Inside:
    found: _Inside = {}
    for each in element:
        found.setdefault(_name(each), []).append(each)
    return found


def _children(of: _Inside, name: str) -> list[_Inside]:
    return [_inside(each) for each in of.get(name, ())]


def _all(root: _Inside, group: str, name: str) -> list[_Inside]:
    return [each for part in _children(root, group) for each in _children(part, name)]


def _text(of: _Inside, name: str) -> str:
    found = of.get(name)
    return (found[0].text or "").strip() if found else ""
