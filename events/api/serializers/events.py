from typing import Any

from rest_framework import serializers

from estateman.common.clock import validate_zone
from events.api.fields import CalendarField, InviteeField, LocalDateTimeField
from events.api.serializers.reminders import ReminderWishSerializer
from events.models import Attendee, Event
from events.models.events import LONGEST_MINUTES
from events.recurrence.rules import LONGEST_TEXT
from events.services.timing import MOST_EXCEPTIONS, WHOLE_DAY

PLANNED = [Event.Status.CONFIRMED, Event.Status.TENTATIVE]


def _dates_field(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=LocalDateTimeField(), max_length=MOST_EXCEPTIONS, **kwargs)


class EventSerializer(serializers.ModelSerializer[Event]):
    """``starts_at`` is local time in ``timezone``; a series' start is its first date."""

    starts_at = LocalDateTimeField()
    exdates = _dates_field(help_text="Local starts that are left out")
    rdates = _dates_field(help_text="Local starts that are added")
    recurrence = serializers.CharField(help_text="The rule (RFC 5545), empty for a single event")

    class Meta:
        model = Event
        fields = (
            "id",
            "calendar",
            "title",
            "description",
            "location",
            "starts_at",
            "timezone",
            "duration_minutes",
            "all_day",
            "recurrence",
            "exdates",
            "rdates",
            "capacity",
            "status",
            "sequence",
            "created_by",
            "version",
        )
        read_only_fields = fields


class EventFieldsSerializer(serializers.Serializer[dict[str, Any]]):
    """What people decide about an event; required is what ``needed`` names."""

    needed: frozenset[str] = frozenset()

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=20_000, allow_blank=True)
    location = serializers.CharField(max_length=200, allow_blank=True)
    starts_at = LocalDateTimeField()
    timezone = serializers.CharField(max_length=64, validators=[validate_zone])
    duration_minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES, help_text="On the wall clock")
    all_day = serializers.BooleanField()
    recurrence = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True)
    exdates = _dates_field()
    rdates = _dates_field()
    capacity = serializers.IntegerField(min_value=1, max_value=1_000_000, allow_null=True)
    status = serializers.ChoiceField(choices=PLANNED)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name in self.needed
        return fields


class EventChangeSerializer(EventFieldsSerializer):
    """What is not given stays."""

    version = serializers.IntegerField(min_value=1, help_text="Refuse if it changed since")


class NewEventSerializer(EventFieldsSerializer):
    """``calendar``, ``title`` and ``starts_at`` at least; zone and reminders are the calendar's unless given."""

    needed = frozenset({"calendar", "title", "starts_at"})

    calendar = CalendarField()
    attendees = serializers.ListField(child=InviteeField(), max_length=200)
    reminders = serializers.ListField(child=ReminderWishSerializer(), max_length=10)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("all_day"):
            attrs.setdefault("duration_minutes", WHOLE_DAY)
        return attrs


class NewRecurringEventSerializer(NewEventSerializer):
    """An event with the rule that repeats it, or with dates to repeat it on."""


class ScopeSerializer(serializers.Serializer[dict[str, Any]]):
    """Which part of a series is meant."""

    scope = serializers.CharField(required=False, default="all", help_text="all: the whole series")

    def validate_scope(self, value: str) -> str:
        if value != "all":
            raise serializers.ValidationError(
                "Only the whole series can be changed: leave scope out or say all. To skip a date, add it to exdates."
            )
        return value


class OccurrenceSerializer(serializers.Serializer[Any]):
    """With free/busy access only, ``event`` is null and ``title`` says Busy."""

    event = serializers.IntegerField(allow_null=True)
    calendar = serializers.IntegerField()
    recurrence_id = LocalDateTimeField(help_text="The local start as the rule names it")
    title = serializers.CharField()
    location = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    local_starts_at = LocalDateTimeField(help_text="What the clock on the wall shows")
    timezone = serializers.CharField()
    all_day = serializers.BooleanField()
    status = serializers.ChoiceField(choices=PLANNED)


class AttendeeSerializer(serializers.ModelSerializer[Attendee]):
    """``user`` for one of the staff, else ``email``."""

    name = serializers.CharField(source="user.name", default="", read_only=True)

    class Meta:
        model = Attendee
        fields = ("id", "user", "name", "email", "status", "responded_at")
        read_only_fields = fields


class InviteSerializer(serializers.Serializer[dict[str, Any]]):
    attendees = serializers.ListField(child=InviteeField(), max_length=200, min_length=1)


class RsvpSerializer(serializers.Serializer[dict[str, Any]]):
    status = serializers.ChoiceField(
        choices=[Attendee.Status.ACCEPTED, Attendee.Status.DECLINED, Attendee.Status.TENTATIVE]
    )
