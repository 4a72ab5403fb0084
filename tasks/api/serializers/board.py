from datetime import date
from typing import Any

from django.core.validators import MinValueValidator
from rest_framework import serializers

from tasks.api.serializers.tasks import PersonSerializer
from tasks.board import Board, Card, Lane

# The usual period before it must still be a date.
_FIRST_DAY = date(1970, 1, 1)


class ProjectQuerySerializer(serializers.Serializer[dict[str, Any]]):
    project = serializers.IntegerField(min_value=1)


class CardSerializer(serializers.Serializer[Card]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    priority = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    progress = serializers.IntegerField()
    is_completed = serializers.BooleanField()
    assignees = serializers.ListField(child=serializers.IntegerField())
    people = PersonSerializer(many=True)
    is_blocked = serializers.BooleanField()
    blocked_by = serializers.ListField(child=serializers.CharField(), help_text="Names of the tasks it waits for")
    version = serializers.IntegerField()


class LaneSerializer(serializers.Serializer[Lane]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    group = serializers.CharField()
    wip_limit = serializers.IntegerField(allow_null=True)
    wip_is_hard = serializers.BooleanField()
    position = serializers.IntegerField()
    count = serializers.IntegerField()
    is_over_limit = serializers.BooleanField()
    cards = CardSerializer(many=True)


class BoardSerializer(serializers.Serializer[Board]):
    """The columns from left to right, each with its cards from top to bottom."""

    project = serializers.IntegerField()
    columns = LaneSerializer(many=True)


class StatsQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """Of one project or of one team's projects; of my own tasks without either."""

    project = serializers.IntegerField(required=False, min_value=1)
    team = serializers.IntegerField(required=False, min_value=1)
    since = serializers.DateField(required=False, help_text="30 days ago, where it is not said")
    until = serializers.DateField(
        required=False, validators=[MinValueValidator(_FIRST_DAY)], help_text="Today, where it is not said"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "project" in attrs and "team" in attrs:
            raise serializers.ValidationError({"team": "Say project or team, not both."})
        return attrs


class StatsSerializer(serializers.Serializer[Any]):
    """Open tasks as of today; completed ones by the day they were done, ``since`` to ``until``."""

    scope = serializers.ChoiceField(choices=("me", "project", "team"))
    since = serializers.DateField()
    until = serializers.DateField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    due_today = serializers.IntegerField()
    due_in_7_days = serializers.IntegerField(help_text="Today and the six days after it")
    blocked = serializers.IntegerField()
    completed = serializers.IntegerField()
    completed_with_due_day = serializers.IntegerField()
    completed_on_time = serializers.IntegerField()
    completion_rate = serializers.FloatField(allow_null=True, help_text="completed / (completed + open)")
    on_time_rate = serializers.FloatField(allow_null=True, help_text="completed_on_time / completed_with_due_day")
