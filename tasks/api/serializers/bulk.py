from typing import Any

from rest_framework import serializers

from tasks.api.fields import ColumnField, LabelField, ShortList, staff_field
from tasks.api.serializers.tasks import TaskSerializer
from tasks.models import Priority, Task

MOST = 200
_ID: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}


class BulkChangesSerializer(serializers.Serializer[dict[str, Any]]):
    """Of ``column``, ``complete`` and ``delete`` one may be said."""

    column = ColumnField(required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    add_assignees = ShortList(child=staff_field(), required=False, max_length=50)
    remove_assignees = ShortList(child=staff_field(), required=False, max_length=50)
    add_labels = ShortList(child=LabelField(), required=False, max_length=50)
    remove_labels = ShortList(child=LabelField(), required=False, max_length=50)
    shift_days = serializers.IntegerField(
        required=False, min_value=-2000, max_value=2000, help_text="Working days by which start and due day move"
    )
    complete = serializers.BooleanField(required=False)
    delete = serializers.BooleanField(required=False)
    bridge = serializers.BooleanField(required=False, allow_null=True, help_text="As when one is deleted")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Say what to change.")
        return attrs


class BulkSerializer(serializers.Serializer[dict[str, Any]]):
    tasks = serializers.ListField(child=serializers.IntegerField(**_ID), min_length=1, max_length=MOST)
    changes = BulkChangesSerializer()

    def validate_tasks(self, ids: list[int]) -> list[Task]:
        """All of them in one query; what the asker may not see is not there."""
        visible = Task.objects.visible_to(self.context["request"].user).select_related("project")
        found = visible.in_bulk(ids)
        missing = sorted(set(ids) - found.keys())
        if missing:
            raise serializers.ValidationError(f"There is no such task: {', '.join(map(str, missing))}.")
        return [found[pk] for pk in dict.fromkeys(ids)]


class ChangedTasksSerializer(serializers.Serializer[Any]):
    tasks = TaskSerializer(many=True, help_text="As they stand now; without those that were deleted")
