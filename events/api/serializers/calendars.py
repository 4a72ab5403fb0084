from typing import Any, ClassVar

from rest_framework import serializers

from estateman.people.models import Team
from events.api.fields import AccessField, staff_field
from events.models import Calendar, CalendarShare


def _team_field(**kwargs: Any) -> serializers.PrimaryKeyRelatedField[Team]:
    return serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), **kwargs)


def _minutes_field(**kwargs: Any) -> serializers.ListField:
    lead = serializers.IntegerField(min_value=0, max_value=28 * 24 * 60)
    return serializers.ListField(child=lead, max_length=10, help_text="Usual reminders of new events", **kwargs)


class CalendarSerializer(serializers.ModelSerializer[Calendar]):
    """``access`` is what the caller may do with it."""

    access = AccessField(read_only=True)

    class Meta:
        model = Calendar
        fields = ("id", "name", "timezone", "color", "access", "owner", "team", "reminder_minutes", "version")
        read_only_fields = fields


class NewCalendarSerializer(serializers.ModelSerializer[Calendar]):
    """One's own, unless ``team`` is given."""

    team = _team_field(required=False, allow_null=True, default=None)
    reminder_minutes = _minutes_field(required=False)

    class Meta:
        model = Calendar
        fields = ("name", "timezone", "color", "team", "reminder_minutes")
        extra_kwargs: ClassVar[dict[str, Any]] = {"timezone": {"required": False}}


class CalendarChangeSerializer(serializers.ModelSerializer[Calendar]):
    reminder_minutes = _minutes_field(required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = Calendar
        fields = ("name", "timezone", "color", "reminder_minutes", "version")


class ShareSerializer(serializers.ModelSerializer[CalendarShare]):
    access = AccessField()

    class Meta:
        model = CalendarShare
        fields = ("id", "user", "team", "access")


class ShareHolderSerializer(serializers.Serializer[dict[str, Any]]):
    """One of the two."""

    user = staff_field(required=False, allow_null=True, default=None)
    team = _team_field(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("user")) == bool(attrs.get("team")):
            raise serializers.ValidationError("Name a user or a team.")
        return attrs


class NewShareSerializer(ShareHolderSerializer):
    access = AccessField()
