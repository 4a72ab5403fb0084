"""The form of a time entry: a day, from when until when, by the clock where the person is."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Case, Exists, IntegerField, OuterRef, When

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from tasks.models import Task, TaskAssignee, TimeLog
from tasks.permissions import WORKING
from tasks.timesheets import FIRST_YEAR, LAST_YEAR

MOST = 300
LATELY = timedelta(days=60)
Choices = list[tuple[str, list[tuple[int, str]]]]
# What the fields of the form are called in the log, and the other way round.
_OF_LOG = {"start": "started_at", "end": "ended_at"}
_OF_FORM = {name: field for field, name in _OF_LOG.items()}


def tasks_to_choose(user: User, *, also: Task | None = None) -> Choices:
    """Tasks that ``user`` may be working on, by project: theirs first, then others of projects they work on.

    At most MOST, and ``also`` in any case.
    """
    mine = Exists(TaskAssignee.objects.filter(task=OuterRef("pk"), user=user))
    lately = Exists(TimeLog.objects.filter(task=OuterRef("pk"), user=user, started_at__gt=clock.now() - LATELY))
    working = Task.objects.filter(project__memberships__user=user, project__memberships__role__in=WORKING)
    nearness = Case(When(lately, then=0), When(mine, then=1), default=2, output_field=IntegerField())
    near = working.current().open().select_related("project").order_by(nearness, "project__name", "rank", "pk")
    chosen = list(near[:MOST])
    if also and also not in chosen:
        chosen.append(also)
    return _by_project(chosen)


def _by_project(tasks: Iterable[Task]) -> Choices:
    """The projects with the nearest tasks first."""
    place: dict[int, int] = {}
    for number, task in enumerate(tasks):
        place.setdefault(task.project_id, number)
    ordered = sorted(tasks, key=lambda task: place[task.project_id])
    groups = groupby(ordered, key=lambda task: task.project)
    return [(project.name, [(task.pk, task.name) for task in group]) for project, group in groups]


class TimeForm(forms.Form):
    """Time written down, or put right. An end that comes before the start is on the next day."""

    task = forms.ModelChoiceField(Task.objects.none(), empty_label=None)
    day = forms.DateField(
        validators=[MinValueValidator(date(FIRST_YEAR, 1, 1)), MaxValueValidator(date(LAST_YEAR, 12, 31))],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    start = forms.TimeField(label="From", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label="Until", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    note = forms.CharField(max_length=300, required=False, label="What for")
    is_billable = forms.BooleanField(required=False, label="Billable")

    def __init__(self, *args: Any, user: User, log: TimeLog | None = None, **kwargs: Any) -> None:
        self.user, self.log = user, log
        self.zone = log.timezone if log else user.timezone
        asked = {name: value for name, value in (kwargs.pop("initial", None) or {}).items() if name in {"task", "day"}}
        super().__init__(*args, **{**kwargs, "initial": self._initial(asked)})
        self.fields["task"].queryset = Task.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["task"].choices = tasks_to_choose(user, also=self._asked_for())  # type: ignore[attr-defined]
        if log:
            del self.fields["task"]
            self.fields["end"].required = not log.is_running

    def _initial(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not self.log:
            today = clock.local_date(clock.now(), self.zone)
            return {"day": today, "start": self._after_the_last(today), **asked}
        start, end = self._local(self.log.started_at), self.log.ended_at and self._local(self.log.ended_at)
        about = {name: getattr(self.log, name) for name in ("note", "is_billable")}
        return {"day": start.date(), "start": _minute(start), "end": end and _minute(end), **about}

    def _after_the_last(self, today: date) -> time | None:
        """When they were done with what they last logged today: likely the next thing began then."""
        last = self.user.time_logs.ended().filter(work_date=today).order_by("-ended_at").first()
        if last is None or last.ended_at is None:
            return None
        return _minute(self._local(last.ended_at + timedelta(seconds=59)))

    def _asked_for(self) -> Task | None:
        number = str(self.data.get("task") or self.initial.get("task") or "")
        if not (number.isascii() and number.isdigit()):
            return None
        return Task.objects.visible_to(self.user).select_related("project").filter(pk=int(number)).first()

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))

    @property
    def entry(self) -> dict[str, Any]:
        """What was filled in, as ``log_time`` takes it."""
        found = {name: self.cleaned_data[name] for name in ("task", "note", "is_billable")}
        return {**found, "started_at": self._start, "ended_at": self._end}

    @property
    def changes(self) -> dict[str, Any]:
        """What somebody changed, as ``edit_time`` takes it; seconds that the form does not show stay."""
        changed = set(self.changed_data)
        found = {name: self.cleaned_data[name] for name in changed & {"note", "is_billable"}}
        if changed & {"day", "start"}:
            found["started_at"] = self._start
        if changed & {"day", "start", "end"} and self._end:
            # Who puts the times right has looked.
            found |= {"ended_at": self._end, "needs_review": False}
        return found

    @property
    def _start(self) -> datetime:
        return self._instant(self.cleaned_data["day"], "start")

    @property
    def _end(self) -> datetime | None:
        day, start, end = (self.cleaned_data[name] for name in ("day", "start", "end"))
        return end and self._instant(day if end >= start else day + timedelta(days=1), "end")

    def _instant(self, day: date, name: str) -> datetime:
        """The field's time on that day, with the seconds it had where nobody changed it."""
        at, was = self.cleaned_data[name], getattr(self.log, _OF_LOG[name], None)
        if was and name not in self.changed_data:
            at = at.replace(second=was.second)
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)

    def refuse(self, rule: RuleBroken) -> None:
        """A rule that stands in the way, with what it names."""
        others = [f"{each['task_name']} ({self._span(each)})" for each in rule.extra.get("logs", ())]
        self.add_error(None, f"{rule.detail} {', '.join(others)}".strip())

    def blame(self, mistake: ValidationError) -> None:
        """What the service found wrong, beside the field that it is about."""
        for name, errors in mistake.message_dict.items():
            self.add_error(_OF_FORM.get(name), errors)

    def _span(self, log: dict[str, Any]) -> str:
        ends = (log["started_at"], log["ended_at"])
        first, last = (self._local(datetime.fromisoformat(end)).strftime("%H:%M") if end else "now" for end in ends)
        return f"{first} to {last}"


def _minute(local: datetime) -> time:
    return local.time().replace(second=0)
