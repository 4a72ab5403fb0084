"""The part of a form that asks how something repeats."""

from datetime import date, datetime
from typing import Any

from django import forms

from events.recurrence.rules import LONGEST_INTERVAL, LONGEST_TEXT, MOST_OCCURRENCES
from events.repeats import Every, InMonth, Repeats, repeats_of

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY = {
    Every.NEVER: "Does not repeat",
    Every.DAY: "Every day",
    Every.WEEK: "Every week",
    Every.MONTH: "Every month",
    Every.YEAR: "Every year",
    Every.OWN: "By a rule of my own",
}
_IN_MONTH = {
    InMonth.DAY: "On the same day of the month, like the 9th",
    InMonth.WEEKDAY: "On the same weekday, like the second Monday",
    InMonth.LAST_WEEKDAY: "On the last such weekday of the month",
}
_ENDS = {"": "Never", "until": "On a day", "count": "After so many times"}
FIELDS = ("every", "interval", "weekdays", "in_month", "ends", "until", "count", "rule")


class RepeatsForm(forms.Form):
    """Fields of a bigger form; ``repeats`` is what they say."""

    every = forms.ChoiceField(label="Repeats", choices=list(_EVERY.items()), required=False)
    interval = forms.IntegerField(
        label="Interval",
        min_value=1,
        max_value=LONGEST_INTERVAL,
        initial=1,
        required=False,
        help_text="1: every time, 2: every other",
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="On",
        choices=[(number, name[:3]) for number, name in enumerate(_WEEKDAYS)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: on the weekday on which it begins",
    )
    in_month = forms.ChoiceField(label="Which day", choices=list(_IN_MONTH.items()), required=False)
    ends = forms.ChoiceField(label="Ends", choices=list(_ENDS.items()), required=False)
    until = forms.DateField(
        label="Last day", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    count = forms.IntegerField(label="Times", min_value=1, max_value=MOST_OCCURRENCES, required=False)
    rule = forms.CharField(
        max_length=LONGEST_TEXT,
        required=False,
        help_text="As calendar programs write it: FREQ=MONTHLY;BYDAY=1MO,3MO",
    )

    @staticmethod
    def initial_of(text: str, start: datetime) -> dict[str, Any]:
        """What the fields begin with for the rule ``text`` of something that begins at ``start``."""
        found = repeats_of(text, start)
        ends = "count" if found.count else "until" if found.until else ""
        return {**vars(found), "weekdays": list(found.weekdays), "ends": ends}

    def clean(self) -> dict[str, Any]:
        """What is asked for must be there, and what is hidden counts for nothing."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        every, ends = found.get("every"), found.get("ends")
        if every == Every.OWN and not found.get("rule") and "rule" not in self.errors:
            self.add_error("rule", "Write the rule.")
        if every and every != Every.OWN and ends and not found.get(ends) and ends not in self.errors:
            self.add_error(ends, "Say when it ends.")
        return found

    def rule_from(self, start: date) -> str:
        """The RRULE for what begins on ``start``."""
        found = self.cleaned_data
        return Repeats(
            every=Every(found["every"]),
            interval=found["interval"] or 1,
            weekdays=tuple(found["weekdays"]),
            in_month=InMonth(found["in_month"] or InMonth.DAY),
            until=found["until"] if found["ends"] == "until" else None,
            count=found["count"] if found["ends"] == "count" else None,
            rule=found["rule"],
        ).text(start)
