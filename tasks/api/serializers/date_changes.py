from rest_framework import serializers

from tasks.api.serializers.tasks import PersonSerializer, TaskRefSerializer
from tasks.models import DateChange, KeyDate


class CausingKeyDateSerializer(serializers.ModelSerializer[KeyDate]):
    class Meta:
        model = KeyDate
        fields = ("id", "name")
        read_only_fields = fields


class DateChangeSerializer(serializers.ModelSerializer[DateChange]):
    """Why a task came to other days: ``why`` says it in words, like "after Photos (FS+1)"."""

    caused_by_task = TaskRefSerializer(allow_null=True)
    caused_by_key_date = CausingKeyDateSerializer(allow_null=True)
    by = PersonSerializer(allow_null=True, help_text="Who set it off; nobody where a clock did")

    class Meta:
        model = DateChange
        fields = (
            "id",
            "cause",
            "why",
            "caused_by_task",
            "caused_by_key_date",
            "old_starts_on",
            "old_due_on",
            "new_starts_on",
            "new_due_on",
            "by",
            "at",
        )
        read_only_fields = fields
