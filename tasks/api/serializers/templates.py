from typing import Any

from rest_framework import serializers

from tasks.api.fields import ProjectField, RolesSerializer
from tasks.models import AppliedTemplate, ProjectTemplate, TemplateDependency, TemplateTask


class TemplateSerializer(serializers.ModelSerializer[ProjectTemplate]):
    class Meta:
        model = ProjectTemplate
        fields = ("id", "key", "name", "kind", "description")
        read_only_fields = fields


class TemplateTaskSerializer(serializers.ModelSerializer[TemplateTask]):
    class Meta:
        model = TemplateTask
        fields = ("id", "key", "name", "description", "duration_days", "offset_days", "role")
        read_only_fields = fields


class TemplateDependencySerializer(serializers.ModelSerializer[TemplateDependency]):
    predecessor = serializers.CharField(source="predecessor.key", help_text="A task's key")
    successor = serializers.CharField(source="successor.key", help_text="A task's key")

    class Meta:
        model = TemplateDependency
        fields = ("predecessor", "successor", "type", "lag_days")
        read_only_fields = fields


class WholeTemplateSerializer(serializers.ModelSerializer[ProjectTemplate]):
    """A template with its tasks and how they hang together."""

    tasks = TemplateTaskSerializer(many=True)
    dependencies = TemplateDependencySerializer(many=True)

    class Meta:
        model = ProjectTemplate
        fields = ("id", "key", "name", "kind", "description", "tasks", "dependencies")
        read_only_fields = fields


class ApplySerializer(serializers.Serializer[dict[str, Any]]):
    project = ProjectField()
    starts_on = serializers.DateField(required=False, allow_null=True, help_text="The project's own start, if not said")
    roles = RolesSerializer(required=False)


class AppliedSerializer(serializers.ModelSerializer[AppliedTemplate]):
    """That the template was applied, when, and the tasks it gave."""

    tasks = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)

    class Meta:
        model = AppliedTemplate
        fields = ("project", "template", "applied_at", "tasks")
        read_only_fields = fields
