"""The form that asks for a time that suits everybody."""

import datetime as dt
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from estateman.people.models import User
from events.calendar_window import FIRST_DAY, LAST_DAY
from events.finding import Meeting, Wish
from events.forms.event import LENGTHS, RowsField, length_words
from events.models import Resource
from events.recurrence import instant

MOST_PEOPLE = 50
_AHEAD = {7: "Within a week", 14: "Within two weeks", 30: "Within a month", 60: "Within two months"}


class FindTimeForm(forms.Form):
    """Who has to come and who may, how long, from which day on, and in what."""

    required = RowsField(
        User.objects.none(),
        label="Who has to come",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Somebody has to come."},
    )
    optional = RowsField(User.objects.none(), label="Who may come", required=False, widget=forms.CheckboxSelectMultiple)
    length = forms.TypedChoiceField(coerce=int, choices=[(each, length_words(each)) for each in LENGTHS])
    day = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ahead = forms.TypedChoiceField(label="Until", coerce=int, choices=list(_AHEAD.items()))
    thing = forms.ChoiceField(label="Room or thing", required=False)
    capacity = forms.IntegerField(label="For so many people", min_value=1, max_value=10_000, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = user.timezone
        staff = User.objects.filter(is_active=True).order_by("name")
        for name in ("required", "optional"):
            self.fields[name].queryset = staff  # type: ignore[attr-defined]
        self.things = {str(each.pk): each for each in Resource.objects.in_use().bookable_by(user).order_by("name")}
        self.fields["thing"].choices = [  # type: ignore[attr-defined]
            ("", "Nothing"),
            ("Any", [(kind.value, f"Any {kind.label}") for kind in Resource.Kind]),
            ("This one", [(key, str(each)) for key, each in self.things.items()]),
        ]

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError("Choose another day.")
        return day

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in ("required", "optional"):
            if len(found.get(name, ())) > MOST_PEOPLE:
                self.add_error(name, f"At most {MOST_PEOPLE} people.")
        return found

    @property
    def meeting(self) -> Meeting:
        """What was asked for; the past is left out by whoever looks."""
        found = self.cleaned_data
        first, last = found["day"], found["day"] + timedelta(days=found["ahead"])
        start, end = (instant(datetime.combine(each, time.min), self.zone) for each in (first, last))
        required = list(found["required"])
        return Meeting(
            start=start,
            end=end,
            duration=timedelta(minutes=found["length"]),
            required=required,
            optional=[each for each in found["optional"] if each not in required],
            needs=self._needs(),
        )

    def _needs(self) -> list[Wish]:
        thing, capacity = self.cleaned_data["thing"], self.cleaned_data["capacity"]
        if thing in self.things:
            return [Wish(resource=self.things[thing])]
        return [Wish(kind=thing, capacity=capacity)] if thing else []
