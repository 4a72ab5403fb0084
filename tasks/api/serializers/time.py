from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from estateman.common import clock
from estateman.people.models import User
from tasks.api.fields import ProjectField, TaskField
from tasks.models import TimeLog, TimeLogChange
from tasks.time_summary import GROUPS, Group
from tasks.timesheets import FIRST_YEAR, LAST_YEAR, Days, week_name, week_named


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, str, str, Any]):
    """An instant with its offset, taken to the second."""

    def to_internal_value(self, data: Any) -> datetime:
        found = self._read(data) if isinstance(data, str) else None
        if found is None or found.tzinfo is None:
            raise serializers.ValidationError("Write an instant with its offset, like 2026-05-04T09:00:00-04:00.")
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise serializers.ValidationError(f"Years lie between {FIRST_YEAR} and {LAST_YEAR}.")
        return found.astimezone(UTC).replace(microsecond=0)

    def _read(self, text: str) -> datetime | None:
        try:
            return parse_datetime(text)
        except ValueError:
            return None

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class ZoneField(serializers.CharField):
    """An IANA time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        try:
            clock.validate_zone(name)
        except ModelValidationError as unknown:
            raise serializers.ValidationError(unknown.message, code=unknown.code) from None
        return name


@extend_schema_field({"type": "string", "example": "2026-W48", "pattern": r"^\d{4}-W\d\d$"})
class WeekField(serializers.Field[Days, str, str, Any]):
    """A week of the year as ISO 8601 numbers it, Monday to Sunday."""

    def to_internal_value(self, data: Any) -> Days:
        found = week_named(str(data))
        if found is None:
            raise serializers.ValidationError("Write a week like 2026-W48.")
        return found

    def to_representation(self, value: Days) -> str:
        return week_name(value)


class TimeLogSerializer(serializers.ModelSerializer[TimeLog]):
    """Time of one person on one task. While the timer runs there is no end and there are no ``seconds``."""

    task_key = serializers.CharField(source="task.key")
    task_name = serializers.CharField(source="task.name")
    project = serializers.IntegerField(source="task.project_id")
    project_name = serializers.CharField(source="task.project.name")
    user_name = serializers.CharField(source="user.name")
    is_running = serializers.BooleanField()

    class Meta:
        model = TimeLog
        fields = (
            "id",
            "task",
            "task_key",
            "task_name",
            "project",
            "project_name",
            "user",
            "user_name",
            "started_at",
            "ended_at",
            "seconds",
            "timezone",
            "work_date",
            "note",
            "is_billable",
            "source",
            "ended_by",
            "needs_review",
            "is_running",
            "created_at",
            "version",
        )
        read_only_fields = fields


class SwitchSerializer(serializers.Serializer[dict[str, Any]]):
    switch = serializers.BooleanField(default=False, help_text="Stop the timer that runs elsewhere in the same moment")


class _About(serializers.Serializer[dict[str, Any]]):
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    is_billable = serializers.BooleanField(required=False)
    timezone = ZoneField(required=False, help_text="Where I am, if not where I live: it decides the day")


class StartSerializer(_About):
    """What is to be said of the time; all of it may be left out."""


class NewTimeLogSerializer(_About):
    task = TaskField()
    started_at = InstantField()
    ended_at = InstantField(help_text="In the past, and a day after the start at most")


class TimeLogChangeSerializer(_About):
    started_at = InstantField(required=False)
    ended_at = InstantField(
        required=False, allow_null=True, help_text="Stops a running timer at that time; what has ended keeps an end"
    )
    needs_review = serializers.BooleanField(required=False, help_text="false: somebody looked, and it is right")
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")


class KeptChangeSerializer(serializers.ModelSerializer[TimeLogChange]):
    """What a log was ``before``, and ``after``: null where it was deleted."""

    log = serializers.IntegerField(source="log_no")
    by_name = serializers.CharField(source="by.name", allow_null=True, default=None)
    before = serializers.DictField()
    after = serializers.DictField(allow_null=True)

    class Meta:
        model = TimeLogChange
        fields = ("id", "log", "by", "by_name", "at", "before", "after")
        read_only_fields = fields


class TaskTimeSerializer(serializers.Serializer[Any]):
    """All that was spent on a task, and those of its logs that I may see."""

    estimate_minutes = serializers.IntegerField(allow_null=True)
    seconds = serializers.IntegerField(help_text="By everybody; running timers do not count")
    billable_seconds = serializers.IntegerField()
    my_seconds = serializers.IntegerField()
    running = serializers.IntegerField(help_text="How many timers run on it now")
    results = TimeLogSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class TimesheetQuerySerializer(serializers.Serializer[dict[str, Any]]):
    week = WeekField(required=False, help_text="The present one where I live, where it is not said")
    user = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, help_text="Mine, where it is not said; of others what I may see"
    )
    project = ProjectField(required=False)


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    seconds = serializers.IntegerField()
    billable_seconds = serializers.IntegerField()


class _LineSerializer(serializers.Serializer[Any]):
    seconds = serializers.IntegerField()
    billable_seconds = serializers.IntegerField()
    days = DaySerializer(many=True)


class TaskLineSerializer(_LineSerializer):
    task = serializers.IntegerField(source="task.pk")
    key = serializers.CharField(source="task.key")
    name = serializers.CharField(source="task.name")
    estimate_minutes = serializers.IntegerField(source="task.estimate_minutes", allow_null=True)


class ProjectLineSerializer(_LineSerializer):
    project = serializers.IntegerField(source="project.pk")
    name = serializers.CharField(source="project.name")
    kind = serializers.CharField(source="project.kind")
    tasks = TaskLineSerializer(many=True)


class TimesheetSerializer(_LineSerializer):
    """A week from Monday to Sunday. A running timer counts until ``as_of``."""

    user = serializers.IntegerField(source="user.pk")
    user_name = serializers.CharField(source="user.name")
    week = WeekField()
    first = serializers.DateField(source="week.first")
    last = serializers.DateField(source="week.last")
    as_of = serializers.DateTimeField()
    needs_review = serializers.IntegerField(help_text="How many of its logs should be looked at")
    running = TimeLogSerializer(allow_null=True)
    projects = ProjectLineSerializer(many=True)


class SummaryQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """Of all time that I may see, or of what is asked for."""

    group_by = serializers.ChoiceField(choices=tuple(GROUPS), default="project")
    since = serializers.DateField(required=False, help_text="First day; goes with until")
    until = serializers.DateField(required=False, help_text="Last day, inclusive; goes with since")
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), required=False)
    project = ProjectField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("since"), attrs.get("until")
        if (first is None) != (last is None):
            raise serializers.ValidationError({"until" if first else "since": "Say both days, or neither."})
        if first and last:
            self._check(first, last)
        return attrs

    def _check(self, first: date, last: date) -> None:
        if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
            raise serializers.ValidationError({"since": f"Years lie between {FIRST_YEAR} and {LAST_YEAR}."})
        if last < first:
            raise serializers.ValidationError({"until": "The period ends before it begins."})


class GroupSerializer(serializers.Serializer[Group]):
    key = serializers.CharField(help_text="The id of the person, project or task, or the kind")
    name = serializers.CharField()
    seconds = serializers.IntegerField()
    billable_seconds = serializers.IntegerField()
    projects = serializers.IntegerField(source="project_count")
    tasks = serializers.IntegerField(source="task_count")
    seconds_per_project = serializers.IntegerField(help_text="On average; what a file of this kind takes")
    estimated_seconds = serializers.IntegerField(
        help_text="Estimates of the tasks that the time was spent on, each whole and once"
    )
    seconds_on_estimated = serializers.IntegerField(help_text="The time on just these tasks")


class SummarySerializer(serializers.Serializer[Any]):
    """What has ended, summed; running timers do not count."""

    group_by = serializers.ChoiceField(choices=tuple(GROUPS))
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    total = GroupSerializer()
    groups = GroupSerializer(many=True)
