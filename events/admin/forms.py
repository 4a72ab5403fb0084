"""The form of an event: local time as written, the recurrence widget, and the judgement of both together."""

from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import DATETIME_CLASSES, UnfoldBooleanWidget

from events.models import Calendar, Event
from events.services.timing import settle_timing


class LocalDateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(DATETIME_CLASSES), "step": 60}, format="%Y-%m-%dT%H:%M")


class CalendarForm(forms.ModelForm[Calendar]):
    office = forms.BooleanField(
        required=False, help_text="The office's own, which all staff read", widget=UnfoldBooleanWidget()
    )

    class Meta:
        model = Calendar
        fields = ("name", "team", "timezone", "color", "conflicts", "reminder_minutes", "holidays_of", "closes_office")


class EventForm(forms.ModelForm[Event]):
    class Meta:
        model = Event
        fields = (
            "calendar",
            "title",
            "description",
            "location",
            "starts_at",
            "timezone",
            "duration_minutes",
            "all_day",
            "recurrence",
            "capacity",
            "status",
        )
        widgets: ClassVar[dict[str, forms.Widget]] = {"starts_at": LocalDateTimeInput()}

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            self._judge_timing()

    def _judge_timing(self) -> None:
        """The rule is right or wrong only together with start and zone, so it is judged after all fields."""
        event = self.instance
        exdates, rdates = (event.exdates, event.rdates) if event.pk else ([], [])
        try:
            settle_timing(event, exdates=exdates, rdates=rdates)
        except ValidationError as refused:
            self.add_error(None, refused)
