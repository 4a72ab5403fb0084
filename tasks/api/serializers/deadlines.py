from typing import Any

from rest_framework import serializers

from tasks.api.fields import ProjectField


class DeadlineQuerySerializer(serializers.Serializer[dict[str, Any]]):
    until = serializers.DateField(required=False, help_text="The last day that is looked at")
    project = ProjectField(required=False)


class DeadlineSerializer(serializers.Serializer[Any]):
    """A task's day, or a key date. ``at`` and ``timezone`` say until when, where a contract does."""

    kind = serializers.ChoiceField(choices=("task", "key_date"))
    id = serializers.IntegerField()
    project = serializers.IntegerField()
    project_name = serializers.CharField()
    name = serializers.CharField()
    on = serializers.DateField()
    at = serializers.TimeField(allow_null=True)
    timezone = serializers.CharField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    is_contract = serializers.BooleanField()
    is_overdue = serializers.BooleanField()


class FeedSerializer(serializers.Serializer[Any]):
    """The feed's secret address, told this once."""

    url = serializers.URLField()


class FeedTokenQuerySerializer(serializers.Serializer[dict[str, Any]]):
    token = serializers.CharField(max_length=200)
