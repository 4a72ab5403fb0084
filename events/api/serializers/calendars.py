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
    """``access`` is what the caller may do with it; without ``owner`` and ``team`` it is the office's own."""

    access = AccessField(read_only=True)

    class Meta:
        model = Calendar
        fields = (
            "id",
            "name",
            "timezone",
            "color",
            "access",
            "owner",
            "team",
            "reminder_minutes",
            "conflicts",
            "holidays_of",
            "closes_office",
            "version",
        )
        read_only_fields = fields


class NewCalendarSerializer(serializers.ModelSerializer[Calendar]):
    """One's own, unless ``team`` is given or it is the ``office``'s."""

    team = _team_field(required=False, allow_null=True, default=None)
    office = serializers.BooleanField(
        required=False, default=False, help_text="Whether it is the office's own, which all staff read"
    )
    reminder_minutes = _minutes_field(required=False)

    class Meta:
        model = Calendar
        fields = (
            "name",
            "timezone",
            "color",
            "team",
            "office",
            "reminder_minutes",
            "conflicts",
            "holidays_of",
            "closes_office",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {"timezone": {"required": False}}


class CalendarChangeSerializer(serializers.ModelSerializer[Calendar]):
    reminder_minutes = _minutes_field(required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = Calendar
        fields = ("name", "timezone", "color", "reminder_minutes", "conflicts", "closes_office", "version")


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


class CalendarFeedSerializer(serializers.Serializer[Any]):
    """The feed's secret address, told this once."""

    url = serializers.URLField()


class FeedSecretSerializer(serializers.Serializer[dict[str, Any]]):
    token = serializers.CharField(max_length=200)


class CalendarFileSerializer(serializers.Serializer[dict[str, Any]]):
    file = serializers.FileField(help_text="An iCalendar file of at most 8 MiB")


class SkippedSerializer(serializers.Serializer[Any]):
    uid = serializers.CharField()
    why = serializers.CharField()


class CalendarImportedSerializer(serializers.Serializer[Any]):
    """How many events were made, changed and left as they were; which were not taken, and why."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)
