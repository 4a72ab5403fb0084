"""Templates as JSON: one document each, read and written in the same form."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

from rest_framework import serializers

from tasks.api.fields import ProjectField, RolesSerializer
from tasks.blueprints import Blueprint, Day, Item, Rule, Step, Wait
from tasks.models import (
    AppliedTemplate,
    Counting,
    DealRole,
    DependencyType,
    Direction,
    KeyDateKind,
    Priority,
    ProjectKind,
    ProjectStatus,
    ProjectTemplate,
    Roll,
    Sets,
)
from tasks.services.templates import blueprint_of

MOST_TASKS, MOST_LINKS, MOST_KEY_DATES, MOST_ITEMS, MOST_LABELS = 500, 2000, 100, 100, 20
MOST_DAYS = 3650
MOST_MINUTES = 60 * 1000


class TemplateSerializer(serializers.ModelSerializer[ProjectTemplate]):
    class Meta:
        model = ProjectTemplate
        fields = ("id", "key", "name", "kind", "applies_on", "description", "is_active", "version")
        read_only_fields = fields


class _Part(serializers.Serializer[Any]):
    """A part of the document; parsed it is the plain value that the services take."""

    makes: ClassVar[type]

    def to_internal_value(self, data: Any) -> Any:
        return self.makes(**_frozen(super().to_internal_value(data)))


def _frozen(given: Mapping[str, Any]) -> dict[str, Any]:
    """With tuples for lists, as plain values have them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class TemplateRuleSerializer(_Part):
    """``days`` before or after a key date, or the day a task is completed: one of the two. What is left empty of how
    days are counted is as the profile, or the deal's, says."""

    makes = Rule

    days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, help_text="0 is the same day")
    direction = serializers.ChoiceField(Direction.choices, required=False)
    after_key_date = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Its name")
    after_task = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="Its key")
    sets = serializers.ChoiceField(Sets.choices, required=False, help_text="Of a task: which of its days")
    profile = serializers.SlugField(required=False, allow_blank=True, help_text="A date profile's key")
    counting = serializers.ChoiceField(Counting.choices, required=False, allow_blank=True)
    weekend_roll = serializers.ChoiceField(Roll.choices, required=False, allow_blank=True)
    holiday_roll = serializers.ChoiceField(Roll.choices, required=False, allow_blank=True)
    skip_holidays = serializers.BooleanField(required=False, allow_null=True)


class TemplateItemSerializer(_Part):
    makes = Item

    text = serializers.CharField(max_length=300)
    is_required = serializers.BooleanField(required=False)
    needs_document = serializers.BooleanField(required=False)
    needs_review = serializers.BooleanField(required=False)


class TemplateKeyDateSerializer(_Part):
    """Added to the deal where it has none of that kind, or of our own under that name."""

    makes = Day

    kind = serializers.ChoiceField(KeyDateKind.choices)
    name = serializers.CharField(max_length=120)
    rule = TemplateRuleSerializer(required=False, allow_null=True)


class TemplateTaskSerializer(_Part):
    """One task, for whoever plays ``role``."""

    makes = Step

    key = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    duration_days = serializers.IntegerField(
        min_value=0, max_value=MOST_DAYS, required=False, help_text="Working days; 0 is a milestone"
    )
    offset_days = serializers.IntegerField(
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text="Starts no earlier than this many working days after the deal does",
    )
    role = serializers.ChoiceField(DealRole.choices, required=False, allow_blank=True)
    parent = serializers.CharField(  # type: ignore[assignment]  # not the serializer's own
        max_length=40, required=False, allow_blank=True, help_text="The key of the task it is part of"
    )
    priority = serializers.ChoiceField(Priority.choices, required=False)
    estimate_minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES, required=False, allow_null=True)
    labels = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=MOST_LABELS, required=False, help_text="Their names"
    )
    is_deadline = serializers.BooleanField(required=False, help_text="Its due day is one that the contract sets")
    checklist = serializers.ListField(child=TemplateItemSerializer(), required=False, max_length=MOST_ITEMS)
    rule = TemplateRuleSerializer(required=False, allow_null=True)


class TemplateDependencySerializer(_Part):
    makes = Wait

    predecessor = serializers.CharField(max_length=40, help_text="A task's key")
    successor = serializers.CharField(max_length=40, help_text="A task's key")
    type = serializers.ChoiceField(DependencyType.choices, required=False)
    lag_days = serializers.IntegerField(
        min_value=-MOST_DAYS, max_value=MOST_DAYS, required=False, help_text="Working days"
    )


class _Document(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(
        ProjectKind.choices, required=False, allow_blank=True, help_text="Which projects it is for; empty for all"
    )
    applies_on = serializers.ChoiceField(
        ProjectStatus.choices,
        required=False,
        allow_blank=True,
        help_text="Applied by itself when a project of its kind comes to stand here; empty for never",
    )
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    is_active = serializers.BooleanField(required=False, help_text="Offered when a deal is opened")
    key_dates = serializers.ListField(child=TemplateKeyDateSerializer(), required=False, max_length=MOST_KEY_DATES)
    tasks = serializers.ListField(child=TemplateTaskSerializer(), required=False, max_length=MOST_TASKS)
    dependencies = serializers.ListField(child=TemplateDependencySerializer(), required=False, max_length=MOST_LINKS)


class WholeTemplateSerializer(_Document):
    """A template with its key dates, tasks, and how they hang together."""

    id = serializers.IntegerField()
    key = serializers.SlugField()
    version = serializers.IntegerField()

    def to_representation(self, instance: ProjectTemplate) -> Any:
        whole = SimpleNamespace(**vars(blueprint_of(instance)), id=instance.pk, version=instance.version)
        return super().to_representation(whole)


class NewTemplateSerializer(_Document):
    """The whole document; tasks and key dates are known by their keys and names in it."""

    key = serializers.SlugField(max_length=50, required=False, allow_blank=True, help_text="Made of the name, if empty")

    def to_internal_value(self, data: Any) -> Any:
        given = {"key": "", **_frozen(super().to_internal_value(data))}
        return {"plan": Blueprint(**given)}


class TemplateChangeSerializer(_Document):
    """What is to be changed: of the three lists each that is given replaces all there were."""

    name = serializers.CharField(max_length=120, required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    def to_internal_value(self, data: Any) -> Any:
        return _frozen(super().to_internal_value(data))


class CopyTemplateSerializer(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="“… (copy)”, if empty")


class SaveAsTemplateSerializer(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)


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
