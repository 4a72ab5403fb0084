"""The forms of somebody's own hours."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from events.availability import Span
from events.calendar_window import FIRST_DAY, LAST_DAY
from events.models.hours import DAY_MINUTES
from events.services import DifferentDay

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LEAST_SPANS = 2
_TIME = {"type": "time", "step": 300}
_DAYS = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]


def _time_field(label: str) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput(_TIME, format="%H:%M"))


def _day_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, validators=_DAYS, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def _clock(minute: int) -> time:
    """The end of a day is shown as its midnight."""
    return time(*divmod(minute % DAY_MINUTES, 60))


def _span(since: time, until: time) -> Span:
    start, end = (each.hour * 60 + each.minute for each in (since, until))
    return start, end or DAY_MINUTES


class WeekForm(forms.Form):
    """From when until when on each weekday, in a few spans; none at all is a free day."""

    def __init__(self, *args: Any, weekly: Mapping[int, Sequence[Span]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spans = max(LEAST_SPANS, *(len(spans) for spans in weekly.values()), 0)
        for day, name in enumerate(WEEKDAYS):
            for number in range(self.spans):
                spans = weekly.get(day, ())
                had = [_clock(minute) for minute in spans[number]] if number < len(spans) else [None, None]
                for end, at in zip(("from", "until"), had, strict=True):
                    field = _time_field(f"{name}, {end}")
                    field.initial = at
                    self.fields[f"{end}_{day}_{number}"] = field

    @property
    def days(self) -> list[dict[str, Any]]:
        """Each weekday with the fields of its spans and what is wrong with them."""
        return [
            {
                "name": name,
                "spans": [
                    (self[f"from_{day}_{number}"], self[f"until_{day}_{number}"]) for number in range(self.spans)
                ],
                "errors": [error for number in range(self.spans) for error in self[f"until_{day}_{number}"].errors],
            }
            for day, name in enumerate(WEEKDAYS)
        ]

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        for day in range(len(WEEKDAYS)):
            ended = -1
            for number in range(self.spans):
                since, until = found.get(f"from_{day}_{number}"), found.get(f"until_{day}_{number}")
                if since is None and until is None:
                    continue
                if since is None or until is None:
                    self.add_error(f"until_{day}_{number}", "Say both ends.")
                    continue
                span = _span(since, until)
                if span[0] >= span[1] or span[0] < ended:
                    self.add_error(f"until_{day}_{number}", "Each ends after it begins, and the next begins later.")
                ended = span[1]
        if not self.errors and all(each is None for each in found.values()):
            # Kept, it would be the usual week again, and not one without work.
            self.add_error(None, "Give one day hours at least. Days on which you are away are time off.")
        return found

    @property
    def weekly(self) -> dict[int, list[Span]]:
        """What was filled in, as ``set_hours`` takes it."""
        found = self.cleaned_data
        return {
            day: [
                _span(since, found[f"until_{day}_{number}"])
                for number in range(self.spans)
                if (since := found[f"from_{day}_{number}"]) is not None
            ]
            for day in range(len(WEEKDAYS))
        }


class DifferentDayForm(forms.Form):
    """One date with other hours, or free."""

    date = _day_field("Day")
    since = _time_field("From")
    until = _time_field("Until")
    note = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if (since is None) != (until is None):
            self.add_error("until", "Say both ends, or neither for a free day.")
        elif since is not None and until is not None and _span(since, until)[0] >= _span(since, until)[1]:
            self.add_error("until", "It ends after it begins.")
        return found

    @property
    def day(self) -> DifferentDay:
        found = self.cleaned_data
        spans = [_span(found["since"], found["until"])] if found["since"] is not None else []
        return DifferentDay(date=found["date"], spans=spans, note=found["note"])


class TimeOffForm(forms.Form):
    """Whole days, both ends included."""

    starts_on = _day_field("First day")
    ends_on = _day_field("Last day")
    reason = forms.CharField(max_length=200, required=False, help_text="Colleagues see that you are off, and not why")

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        first, last = found.get("starts_on"), found.get("ends_on")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("ends_on", "It ends on its first day, or later.")
        return found
