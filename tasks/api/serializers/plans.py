from typing import Any

from rest_framework import serializers

from tasks.exchange.plan import PlanFile, PlanLink, PlanTask
from tasks.models import DealRole, DependencyType, Priority, SchedulingMode, Task
from tasks.services.importing import MOST_LINKS, MOST_TASKS


class PlanTaskSerializer(serializers.Serializer[PlanTask]):
    """One task of a plan. Without days of its own it is scheduled from the project's start."""

    key = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=200)
    duration_days = serializers.IntegerField(
        default=1, min_value=0, max_value=2000, help_text="Working days; 0 is a milestone"
    )
    parent = serializers.CharField(default="", allow_blank=True, max_length=40, help_text="The key it is part of")  # type: ignore[assignment]
    description = serializers.CharField(default="", allow_blank=True, max_length=20_000)
    priority = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)
    scheduling_mode = serializers.ChoiceField(choices=SchedulingMode.choices, default=SchedulingMode.AUTOMATIC)
    starts_on = serializers.DateField(default=None, allow_null=True)
    due_on = serializers.DateField(default=None, allow_null=True)
    not_before = serializers.DateField(default=None, allow_null=True)
    deadline_on = serializers.DateField(default=None, allow_null=True)
    deadline_time = serializers.TimeField(default=None, allow_null=True)
    progress = serializers.IntegerField(default=0, min_value=0, max_value=100)
    completed_on = serializers.DateField(default=None, allow_null=True, help_text="It is completed, since this day")
    estimate_minutes = serializers.IntegerField(default=None, allow_null=True, min_value=0, max_value=1_000_000)
    role = serializers.ChoiceField(choices=DealRole.choices, default="", allow_blank=True)
    labels = serializers.ListField(child=serializers.CharField(max_length=40), default=list, max_length=20)
    assignees = serializers.ListField(
        child=serializers.EmailField(), default=list, max_length=50, help_text="E-mail addresses of people here"
    )

    def to_internal_value(self, data: Any) -> PlanTask:
        values = super().to_internal_value(data)
        return PlanTask(**{**values, "labels": tuple(values["labels"]), "assignees": tuple(values["assignees"])})


class PlanLinkSerializer(serializers.Serializer[PlanLink]):
    """That one task waits for another, by their keys."""

    predecessor = serializers.CharField(max_length=40)
    successor = serializers.CharField(max_length=40)
    type = serializers.ChoiceField(choices=DependencyType.choices, default=DependencyType.FS)
    lag_days = serializers.IntegerField(default=0, min_value=-2000, max_value=2000)

    def to_internal_value(self, data: Any) -> PlanLink:
        return PlanLink(**super().to_internal_value(data))


class PlanSerializer(serializers.Serializer[PlanFile]):
    """A whole plan: what an import takes, and what an export gives."""

    tasks = PlanTaskSerializer(many=True, max_length=MOST_TASKS)  # type: ignore[call-arg]
    dependencies = PlanLinkSerializer(many=True, required=False, max_length=MOST_LINKS)  # type: ignore[call-arg]


class ImportedTaskSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = ("id", "key", "name", "starts_on", "due_on")
        read_only_fields = fields


class ImportedSerializer(serializers.Serializer[Any]):
    """What the import made, and what of the file could not be taken in as it stood."""

    tasks = ImportedTaskSerializer(many=True)
    dependencies = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())


class ExportQuerySerializer(serializers.Serializer[dict[str, Any]]):
    format = serializers.ChoiceField(choices=("json", "csv", "ics", "mspdi"), default="json")
