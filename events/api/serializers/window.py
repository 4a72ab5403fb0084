"""The window of time that a query is about."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from estateman.people.models import User
from events.api.fields import MomentField, resource_field
from events.models import Event, Resource

LONGEST_WINDOW = timedelta(days=400)
# What can be an id; anything else is a 400, where SQLite would fall over a number that no column holds.
_ID: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}


class WindowSerializer(serializers.Serializer[dict[str, Any]]):
    """``from`` and ``to``; the end is exclusive, and a date means its first moment in the caller's zone."""

    required_window = True
    longest = LONGEST_WINDOW

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a word of the language and cannot stand in the class body.
        moments = {name: MomentField(required=self.required_window) for name in ("from", "to")}
        return {**moments, **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        start, end = attrs.get("from"), attrs.get("to")
        if start and end:
            self._check(start, end)
        return attrs

    def _check(self, start: datetime, end: datetime) -> None:
        if end <= start:
            raise serializers.ValidationError({"to": "The window ends before it begins."})
        if end - start > self.longest:
            raise serializers.ValidationError({"to": f"Ask for at most {self.longest.days} days."})


class OccurrenceQuerySerializer(WindowSerializer):
    calendar = serializers.IntegerField(required=False, **_ID)
    event = serializers.IntegerField(required=False, **_ID)
    user = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, help_text="What takes this person's time"
    )
    resource = resource_field(required=False, help_text="What this resource is booked for")


class EventQuerySerializer(WindowSerializer):
    required_window = False

    calendar = serializers.IntegerField(required=False, **_ID)
    status = serializers.ChoiceField(choices=Event.Status.choices, required=False)
    q = serializers.CharField(required=False, max_length=200, help_text="In title, description and location")


class BookingQuerySerializer(WindowSerializer):
    required_window = False


class ResourceQuerySerializer(serializers.Serializer[dict[str, Any]]):
    kind = serializers.ChoiceField(choices=Resource.Kind.choices, required=False)
    capacity = serializers.IntegerField(min_value=1, required=False, help_text="Room for at least so many people")
    features = serializers.CharField(required=False, max_length=500, help_text="All of these, comma separated")
    q = serializers.CharField(required=False, max_length=200, help_text="In name and location")

    def validate_features(self, value: str) -> list[str]:
        return [word for part in value.split(",") if (word := part.strip())]


class AvailableQuerySerializer(WindowSerializer, ResourceQuerySerializer):
    """What is free in a window."""
