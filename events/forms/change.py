"""The form that changes an event: one date, a date and what follows, or all of it."""

from datetime import timedelta
from typing import Any

from django import forms

from estateman.people.models import User
from events.event_page import description_of
from events.forms.event import EventForm, calendars_for, dates_in, lead_choices, length_choices
from events.forms.repeating import FIELDS
from events.models import Event
from events.occurrences import Dated
from events.recurrence import first_key, split
from events.services import ReminderWish
from events.services.series import SAME_ON_EVERY_DATE
from events.services.timing import WHOLE_DAY, EventFields

SCOPES = {"this": "This date only", "following": "This date and all that follow", "all": "All dates"}


class ChangeForm(EventForm):
    """Changing one that stands; ``date`` is the date that it was opened on."""

    scope = forms.ChoiceField(
        label="Change", choices=list(SCOPES.items()), widget=forms.RadioSelect, initial="this", required=False
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, event: Event, date: Dated, user: User, **kwargs: Any) -> None:
        self.event, self.date, self.zone = event, date, event.timezone
        occurrence = date.occurrence
        self.start = occurrence.local_starts_at
        self.minutes = _minutes_of(date)
        self.had = [ReminderWish(each.minutes_before, each.channels) for each in event.reminders.filter(user=None)]
        super().__init__(*args, calendars=calendars_for(user), **{**kwargs, "initial": self._initial()})
        if not event.is_recurring:
            del self.fields["scope"]
        self.fields["length"].choices = length_choices(self.minutes)  # type: ignore[attr-defined]
        self.fields["reminders"].choices = lead_choices(each.minutes_before for each in self.had)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if self.chosen_scope == "this" and "reminders" in self.changed_data:
            self.add_error("reminders", SAME_ON_EVERY_DATE)
        return found

    def _initial(self) -> dict[str, Any]:
        event, end = self.event, self.start + timedelta(minutes=self.minutes)
        return {
            **self.initial_of(event.recurrence, event.starts_at),
            "title": self.date.title,
            "calendar": event.calendar_id,
            "location": self.date.location,
            "description": description_of(event, self.date.occurrence.recurrence_id),
            "all_day": event.all_day,
            "day": self.start.date(),
            "at": self.start.time(),
            "length": self.minutes,
            "end_day": None if end.date() == self.start.date() else end.date(),
            "end_at": end.time(),
            "days": max(1, self.minutes // WHOLE_DAY),
            "capacity": event.capacity,
            "is_tentative": event.status == Event.Status.TENTATIVE,
            "is_free": not event.is_busy,
            "reminders": [each.minutes_before for each in self.had],
            "version": event.version,
            "scope": "this",
        }

    @property
    def chosen_scope(self) -> str:
        return self.cleaned_data.get("scope") or ("this" if self.event.is_recurring else "all")

    @property
    def changes(self) -> EventFields:
        """What somebody changed, as the scope's service takes it."""
        changed = set(self.changed_data)
        plain = {name: value for name, value in self.plain.items() if _FIELD_OF.get(name, name) in changed}
        found: EventFields = {**plain, **self._times(changed)}  # type: ignore[typeddict-item]
        if "calendar" in changed:
            found["calendar"] = self.cleaned_data["calendar"]
        if changed & set(FIELDS) or (self._weekday_moved and self.chosen_scope != "this"):
            found["recurrence"] = self._rule()
        if left_out := dates_in(self.data.get("leave_out", "")):
            found["exdates"] = [*self.event.exdates, *left_out]
        return found

    def _times(self, changed: set[str]) -> EventFields:
        found: EventFields = {}
        start, minutes = self.timing()
        if changed & {"day", "at", "all_day"} and start != self.start:
            of_all = self.chosen_scope == "all"
            found["starts_at"] = self.event.starts_at + (start - self.start) if of_all else start
        if changed & {"length", "days", "all_day"} and minutes != self.minutes:
            found["duration_minutes"] = minutes
        if "all_day" in changed:
            found["all_day"] = self.cleaned_data["all_day"]
        return found

    @property
    def _weekday_moved(self) -> bool:
        """Whether a rule that names the old weekday would hold it back."""
        is_plain = self.event.recurrence and self.cleaned_data["every"] not in {"", "own"}
        return bool(is_plain) and self.timing()[0].date() != self.start.date()

    def _rule(self) -> str:
        start, _ = self.timing()
        if self.chosen_scope == "all":
            return self.rule_from((self.event.starts_at + (start - self.start)).date())
        if "count" not in self.changed_data and self.cleaned_data["count"]:
            self.cleaned_data["count"] = self._times_left()
        return self.rule_from(start.date())

    def _times_left(self) -> int | None:
        """Of so many times, those from this date on."""
        series, key = self.event.series(), self.date.occurrence.recurrence_id
        rule = series.rule if key == first_key(series) else split(series, key)[1].rule
        return rule.count if rule else None


_FIELD_OF = {"is_busy": "is_free", "status": "is_tentative"}


def _minutes_of(dated: Dated) -> int:
    """How long this date lasts on the wall clock."""
    moved = dated.event.series().moved.get(dated.occurrence.recurrence_id)
    return moved.duration_minutes if moved else dated.event.duration_minutes
