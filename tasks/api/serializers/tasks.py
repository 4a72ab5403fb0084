from typing import Any

from rest_framework import serializers

from tasks.api.fields import ColumnField, ProjectField, TaskField, staff_field
from tasks.models import DependencyType, Priority, SchedulingMode, Task, TaskDependency


class TaskRefSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = ("id", "key", "name")
        read_only_fields = fields


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class AssigneeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="user_id")
    name = serializers.CharField(source="user.name")


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task as it stands. ``blocked_by`` are the open tasks that keep it from being completed."""

    assignees = serializers.ListField(child=serializers.IntegerField(), source="assignee_ids")
    people = AssigneeSerializer(source="assignments", many=True, help_text="The assignees by name")
    project_name = serializers.CharField(source="project.name")
    column_name = serializers.CharField(source="column.name")
    column_group = serializers.CharField(source="column.group")
    is_blocked = serializers.BooleanField()
    blocked_by = TaskRefSerializer(source="blockers", many=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "key",
            "project",
            "project_name",
            "name",
            "description",
            "column",
            "column_name",
            "column_group",
            "priority",
            "assignees",
            "people",
            "duration_days",
            "starts_on",
            "due_on",
            "progress",
            "scheduling_mode",
            "is_blocked",
            "blocked_by",
            "completed_at",
            "completed_on",
            "completed_by",
            "created_by",
            "created_at",
            "version",
        )
        read_only_fields = fields


class _TaskFields(serializers.Serializer[dict[str, Any]]):
    description = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    column = ColumnField(required=False)
    assignees = serializers.ListField(child=staff_field(), required=False, max_length=50)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    duration_days = serializers.IntegerField(
        required=False, min_value=0, max_value=2000, help_text="Working days; 0 is a milestone"
    )
    starts_on = serializers.DateField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True, help_text="Inclusive")
    progress = serializers.IntegerField(required=False, min_value=0, max_value=100)
    scheduling_mode = serializers.ChoiceField(choices=SchedulingMode.choices, required=False)


class NewTaskSerializer(_TaskFields):
    project = ProjectField()
    name = serializers.CharField(max_length=200)
    key = serializers.CharField(required=False, max_length=40, help_text="Made up like T-12 where it is missing")


class TaskChangeSerializer(_TaskFields):
    name = serializers.CharField(required=False, max_length=200)
    key = serializers.CharField(required=False, max_length=40)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")


class MoveSerializer(serializers.Serializer[dict[str, Any]]):
    """Where to: right above ``before_id``, right below ``after_id``, or at the column's end."""

    column = ColumnField()
    before_id = TaskField(required=False, allow_null=True, source="before")
    after_id = TaskField(required=False, allow_null=True, source="after")
    version = serializers.IntegerField(required=False, min_value=1)


class CompleteSerializer(serializers.Serializer[dict[str, Any]]):
    force = serializers.BooleanField(
        default=False, help_text="Although it is blocked; for those who manage the project"
    )
    reason = serializers.CharField(default="", allow_blank=True, max_length=300, help_text="Why it is forced")
    completed_on = serializers.DateField(
        required=False, allow_null=True, help_text="The day it was really done, if not today"
    )
    version = serializers.IntegerField(required=False, min_value=1)


class ReopenSerializer(serializers.Serializer[dict[str, Any]]):
    version = serializers.IntegerField(required=False, min_value=1)


class DependencySerializer(serializers.ModelSerializer[TaskDependency]):
    """``successor`` waits for ``predecessor``."""

    class Meta:
        model = TaskDependency
        fields = ("id", "predecessor", "successor", "type", "lag_days")
        read_only_fields = fields


class NewDependencySerializer(serializers.Serializer[dict[str, Any]]):
    predecessor = TaskField()
    type = serializers.ChoiceField(choices=DependencyType.choices, default=DependencyType.FS)
    lag_days = serializers.IntegerField(
        default=0, min_value=-2000, max_value=2000, help_text="Working days; negative is a lead"
    )
