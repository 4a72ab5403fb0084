from typing import Any

from rest_framework import serializers

from estateman.common.markdown import rendered
from tasks.api.fields import ColumnField, LabelField, ProjectField, ShortList, TaskField, staff_field
from tasks.models import DealRole, DependencyType, Priority, Recurrence, SchedulingMode, Task, TaskDependency


class TaskRefSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = ("id", "key", "name")
        read_only_fields = fields


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class RecurrenceSerializer(serializers.ModelSerializer[Recurrence]):
    """When a task comes again; ``anchor_on`` is the day the first one was due."""

    class Meta:
        model = Recurrence
        fields = ("every", "unit", "base", "anchor_on", "until", "times")
        read_only_fields = fields


class SubtaskSerializer(serializers.ModelSerializer[Task]):
    column_group = serializers.CharField(source="column.group")

    class Meta:
        model = Task
        fields = ("id", "key", "name", "column_group", "due_on", "progress", "completed_on")
        read_only_fields = fields


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
    labels = serializers.ListField(child=serializers.IntegerField(), source="label_ids")
    watchers = serializers.ListField(child=serializers.IntegerField(), source="watcher_ids")
    deadline_timezone = serializers.CharField(
        source="deadline_zone", help_text="The project's, where the deadline has none of its own"
    )
    recurrence = RecurrenceSerializer(source="current_recurrence", allow_null=True)
    checklist_done = serializers.IntegerField(help_text="Of its checklist what is settled")
    checklist_total = serializers.IntegerField()
    is_blocked = serializers.BooleanField()
    blocked_by = TaskRefSerializer(source="blockers", many=True)

    class Meta:
        model = Task
        fields: tuple[str, ...] = (
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
            "parent",
            "assignees",
            "people",
            "role",
            "watchers",
            "labels",
            "estimate_minutes",
            "duration_days",
            "starts_on",
            "due_on",
            "progress",
            "scheduling_mode",
            "not_before",
            "deadline_on",
            "deadline_time",
            "deadline_timezone",
            "deadline_at",
            "recurrence",
            "occurrence_no",
            "checklist_done",
            "checklist_total",
            "is_blocked",
            "blocked_by",
            "completed_at",
            "completed_on",
            "completed_by",
            "created_by",
            "created_at",
            "version",
        )
        read_only_fields: tuple[str, ...] = fields


class WholeTaskSerializer(TaskSerializer):
    """A task with what a page about it shows: its description as safe HTML, and what it is made up of."""

    description_html = serializers.SerializerMethodField()
    subtasks = SubtaskSerializer(many=True, read_only=True)

    class Meta(TaskSerializer.Meta):
        fields = (*TaskSerializer.Meta.fields, "description_html", "subtasks")
        read_only_fields = fields

    def get_description_html(self, task: Task) -> str:
        return rendered(task.description)


class DeletedTaskSerializer(serializers.ModelSerializer[Task]):
    """What was deleted, from which column and by whom."""

    column_name = serializers.CharField(source="column.name")

    class Meta:
        model = Task
        fields = ("id", "key", "project", "name", "column", "column_name", "deleted_at", "deleted_by", "version")
        read_only_fields = fields


class _TaskFields(serializers.Serializer[dict[str, Any]]):
    description = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    column = ColumnField(required=False)
    assignees = ShortList(child=staff_field(), required=False, max_length=50)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    duration_days = serializers.IntegerField(
        required=False, min_value=0, max_value=2000, help_text="Working days; 0 is a milestone"
    )
    starts_on = serializers.DateField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True, help_text="Inclusive")
    progress = serializers.IntegerField(required=False, min_value=0, max_value=100)
    scheduling_mode = serializers.ChoiceField(choices=SchedulingMode.choices, required=False)
    not_before = serializers.DateField(
        required=False, allow_null=True, help_text="Scheduled automatically, it starts no earlier than this"
    )
    deadline_on = serializers.DateField(required=False, allow_null=True)
    deadline_time = serializers.TimeField(
        required=False, allow_null=True, help_text="On the wall there; the end of the day without one"
    )
    deadline_timezone = serializers.CharField(
        required=False, allow_blank=True, max_length=64, help_text="The project's, where it is not said"
    )
    estimate_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=1_000_000)
    parent = TaskField(  # type: ignore[assignment]  # a field, though fields have a parent, too
        required=False, allow_null=True, help_text="The task it is part of"
    )
    labels = ShortList(child=LabelField(), required=False, max_length=50)
    watchers = ShortList(child=staff_field(), required=False, max_length=50)
    role = serializers.ChoiceField(
        choices=DealRole.choices,
        required=False,
        allow_blank=True,
        help_text="Whose part in the deal it is; it changes hands with the part",
    )


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


class BridgeSerializer(serializers.Serializer[dict[str, Any]]):
    bridge = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether what waited for it is to wait for what it waited for then",
    )


class RecurrenceInputSerializer(serializers.ModelSerializer[Recurrence]):
    every = serializers.IntegerField(default=1, min_value=1, max_value=1000)
    base = serializers.ChoiceField(
        choices=Recurrence.Base.choices, default=Recurrence.Base.DUE, help_text="What the next one is counted from"
    )
    until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="No later one is due than on this day"
    )
    times = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=10_000, help_text="This one counted"
    )

    class Meta:
        model = Recurrence
        fields = ("every", "unit", "base", "until", "times")


class DuplicateSerializer(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(required=False, max_length=200, help_text="The same, where it is not said")


class ReopenSerializer(serializers.Serializer[dict[str, Any]]):
    version = serializers.IntegerField(required=False, min_value=1)


class DependencySerializer(serializers.ModelSerializer[TaskDependency]):
    """``successor`` waits for ``predecessor``; the days are those on which that lets it be done."""

    successor_starts_on = serializers.DateField(source="successor.starts_on")
    successor_due_on = serializers.DateField(source="successor.due_on")

    class Meta:
        model = TaskDependency
        fields = ("id", "predecessor", "successor", "type", "lag_days", "successor_starts_on", "successor_due_on")
        read_only_fields = fields


class NewDependencySerializer(serializers.Serializer[dict[str, Any]]):
    predecessor = TaskField()
    type = serializers.ChoiceField(choices=DependencyType.choices, default=DependencyType.FS)
    lag_days = serializers.IntegerField(
        default=0, min_value=-2000, max_value=2000, help_text="Working days; negative is a lead"
    )


class DependencyChangeSerializer(serializers.Serializer[dict[str, Any]]):
    type = serializers.ChoiceField(choices=DependencyType.choices, required=False)
    lag_days = serializers.IntegerField(
        required=False, min_value=-2000, max_value=2000, help_text="Working days; negative is a lead"
    )
