"""A Gantt chart and the baselines it is compared with, as they are asked for and answered.

The serializers say what the answer looks like; ``plain`` makes it, in a tenth of the time that they would take for a
plan of thousands.
"""

from datetime import date
from typing import Any

from rest_framework import serializers

from tasks.api.serializers.board import ID
from tasks.api.serializers.tasks import PersonSerializer
from tasks.gantt import Gantt
from tasks.models import Baseline, ColumnGroup, DependencyType, KeyDate, KeyDateKind, Priority, SchedulingMode
from tasks.planning import PlannedTask


class GanttQuerySerializer(serializers.Serializer[dict[str, Any]]):
    baseline = serializers.IntegerField(**ID, required=False, help_text="One of the project's, to compare with")


class BaselineSerializer(serializers.ModelSerializer[Baseline]):
    """A plan as it was kept; ``task_count`` says of how many tasks."""

    task_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Baseline
        fields = ("id", "project", "name", "task_count", "created_by", "created_at")
        read_only_fields = fields


class NewBaselineSerializer(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=120)


class SlipSerializer(serializers.Serializer[Any]):
    """The days that a task had in the baseline."""

    starts_on = serializers.DateField()
    due_on = serializers.DateField()
    slip_days = serializers.IntegerField(
        help_text="Working days by which it is planned to finish later than then; earlier is below 0"
    )


class BarSerializer(serializers.Serializer[Any]):
    """One task of the plan; the first and the last day are both inclusive. Ordered by early start and id."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.IntegerField(  # type: ignore[assignment]  # a field, though fields have a parent, too
        allow_null=True
    )
    column_group = serializers.ChoiceField(choices=ColumnGroup.choices)
    priority = serializers.ChoiceField(choices=Priority.choices)
    scheduling_mode = serializers.ChoiceField(choices=SchedulingMode.choices)
    duration_days = serializers.IntegerField(help_text="Working days; 0 is a milestone")
    progress = serializers.IntegerField()
    starts_on = serializers.DateField(allow_null=True, help_text="As on the board; null while it has no day")
    due_on = serializers.DateField(allow_null=True)
    not_before = serializers.DateField(allow_null=True, help_text="It starts no earlier than this")
    deadline_on = serializers.DateField(allow_null=True)
    completed_on = serializers.DateField(allow_null=True)
    early_start = serializers.DateField(help_text="As early as what it waits for allows")
    early_finish = serializers.DateField()
    late_start = serializers.DateField(help_text="As late as can be without moving the end")
    late_finish = serializers.DateField()
    total_slack_days = serializers.IntegerField(help_text="Working days it may slip without moving the end")
    free_slack_days = serializers.IntegerField(help_text="Working days it may slip without moving any other task")
    critical = serializers.BooleanField()
    milestone = serializers.BooleanField()
    is_parent = serializers.BooleanField(help_text="Its days are those of its sub-tasks")
    assignees = serializers.ListField(child=serializers.IntegerField())
    baseline = SlipSerializer(allow_null=True)
    version = serializers.IntegerField()


class ArrowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    predecessor = serializers.IntegerField()
    successor = serializers.IntegerField()
    type = serializers.ChoiceField(choices=DependencyType.choices)
    lag_days = serializers.IntegerField()


class MilestoneSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    on = serializers.DateField()


class KeyDateOnGanttSerializer(serializers.ModelSerializer[KeyDate]):
    kind = serializers.ChoiceField(choices=KeyDateKind.choices)

    class Meta:
        model = KeyDate
        fields = ("id", "kind", "name", "on", "at", "met_on")
        read_only_fields = fields


class ComparedBaselineSerializer(serializers.Serializer[Any]):
    """What the plan is compared with."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    slip_days = serializers.IntegerField(
        allow_null=True, help_text="Working days by which the whole is planned to finish later than then"
    )


class GanttSerializer(serializers.Serializer[Gantt]):
    """The plan as it follows from what there is: nothing of it is stored. Cancelled tasks are not in it."""

    project = serializers.IntegerField()
    length_days = serializers.IntegerField(help_text="Working days from the project's start to the last finish")
    starts_on = serializers.DateField()
    finishes_on = serializers.DateField()
    tasks = BarSerializer(many=True)
    dependencies = ArrowSerializer(many=True)
    milestones = MilestoneSerializer(many=True)
    key_dates = KeyDateOnGanttSerializer(many=True)
    people = PersonSerializer(many=True, help_text="Who is among the assignees")
    baseline = ComparedBaselineSerializer(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())


def plain(gantt: Gantt) -> dict[str, Any]:
    """What GanttSerializer describes."""
    plan, baseline = gantt.plan, gantt.baseline
    about = baseline and ComparedBaselineSerializer(
        {"id": baseline.pk, "name": baseline.name, "created_at": baseline.created_at, "slip_days": gantt.slip}
    )
    return {
        "project": plan.project_id,
        "length_days": plan.length_days,
        "starts_on": plan.starts_on.isoformat(),
        "finishes_on": gantt.finishes_on.isoformat(),
        "tasks": [_bar(task, gantt) for task in plan.tasks.values()],
        "dependencies": [
            {
                "id": link.id,
                "predecessor": link.predecessor_id,
                "successor": link.successor_id,
                "type": link.type,
                "lag_days": link.lag_days,
            }
            for link in plan.links
        ],
        "milestones": [
            {"id": task.id, "key": task.key, "name": task.name, "on": task.early_finish.isoformat()}
            for task in gantt.milestones
        ],
        "key_dates": KeyDateOnGanttSerializer(gantt.key_dates, many=True).data,
        "people": PersonSerializer([{"id": user.pk, "name": str(user)} for user in gantt.people], many=True).data,
        "baseline": about and about.data,
        "warnings": list(plan.warnings),
    }


def _bar(task: PlannedTask, gantt: Gantt) -> dict[str, Any]:
    kept = gantt.kept.get(task.id)
    return {
        "id": task.id,
        "key": task.key,
        "name": task.name,
        "parent": task.parent_id,
        "column_group": task.column_group,
        "priority": task.priority,
        "scheduling_mode": task.scheduling_mode,
        "duration_days": task.duration_days,
        "progress": task.progress,
        "starts_on": _day(task.starts_on),
        "due_on": _day(task.due_on),
        "not_before": _day(task.not_before),
        "deadline_on": _day(task.deadline_on),
        "completed_on": _day(task.completed_on),
        "early_start": task.early_start.isoformat(),
        "early_finish": task.early_finish.isoformat(),
        "late_start": task.late_start.isoformat(),
        "late_finish": task.late_finish.isoformat(),
        "total_slack_days": task.total_slack_days,
        "free_slack_days": task.free_slack_days,
        "critical": task.is_critical,
        "milestone": task.is_milestone,
        "is_parent": task.is_parent,
        "assignees": gantt.assignees.get(task.id, []),
        "baseline": kept
        and {
            "starts_on": kept.starts_on.isoformat(),
            "due_on": kept.due_on.isoformat(),
            "slip_days": gantt.slip_of(task),
        },
        "version": task.version,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
