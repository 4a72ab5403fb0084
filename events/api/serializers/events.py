from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estateman.common.clock import validate_zone
from events.api.fields import CalendarField, InviteeField, LocalDateTimeField
from events.api.serializers.reminders import ReminderWishSerializer
from events.exceptions import ExceptionalDate, Kind
from events.models import Event
from events.models.events import LONGEST_MINUTES
from events.recurrence import describe, parse_rule
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
    recurrence_text = serializers.SerializerMethodField(help_text="The rule in words")

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
            "recurrence_text",
            "exdates",
            "rdates",
            "follows",
            "capacity",
            "is_busy",
            "status",
            "sequence",
            "created_by",
            "version",
        )
        read_only_fields = fields

    def get_recurrence_text(self, event: Event) -> str:
        return describe(parse_rule(event.recurrence), event.starts_at) if event.recurrence else ""


class CollisionSerializer(serializers.Serializer[dict[str, Any]]):
    """One of its dates on which one of its people has something else."""

    recurrence_id = serializers.CharField()
    user = serializers.IntegerField()
    name = serializers.CharField()
    event = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class WrittenEventSerializer(EventSerializer):
    """An event just written; ``conflicts`` says on what it falls, where its calendar warns of that."""

    conflicts = serializers.ListField(child=CollisionSerializer(), default=list)

    class Meta(EventSerializer.Meta):
        fields: tuple[str, ...] = (*EventSerializer.Meta.fields, "conflicts")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


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
    is_busy = serializers.BooleanField(help_text="Whether it takes the time of those who come")
    status = serializers.ChoiceField(choices=PLANNED)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name in self.needed
        return fields


class EventChangeSerializer(EventFieldsSerializer):
    """What is not given stays; with another ``calendar`` the event goes there."""

    calendar = CalendarField()
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
    """Which part of a series is meant: one date, that date and all that follow, or the whole."""

    scope = serializers.ChoiceField(choices=["this", "following", "all"], required=False, default="all")
    recurrence_id = LocalDateTimeField(
        required=False, help_text="The date's original local start; needed unless all are meant"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["scope"] != "all" and "recurrence_id" not in attrs:
            raise serializers.ValidationError({"recurrence_id": "Say which date, by its original local start."})
        return attrs


class ExceptionalDateSerializer(serializers.Serializer[Any]):
    """``changes`` are the fields in which the date differs from its series."""

    recurrence_id = LocalDateTimeField(help_text="The original local start")
    kind = serializers.ChoiceField(choices=[str(kind) for kind in Kind])
    changes = serializers.SerializerMethodField()

    @extend_schema_field(
        {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "description": {"type": "string"},
                "location": {"type": "string"},
                "starts_at": {"type": "string", "example": "2026-03-09T14:00:00"},
                "duration_minutes": {"type": "integer"},
            },
        }
    )
    def get_changes(self, date: ExceptionalDate) -> dict[str, object]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in date.changes.items()
        }


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
