from typing import Any

from rest_framework import serializers

from tasks.api.fields import TaskField
from tasks.automation import TRIGGERS
from tasks.models import AutomationRule, AutomationRun

_CONDITIONS = "All have to hold: `[{field, op, value}, …]`, in the words of `GET /automation/vocabulary`"
_ACTIONS = "Done in this order: `[{action, …what it takes}, …]`, in the words of `GET /automation/vocabulary`"


class AutomationRuleSerializer(serializers.ModelSerializer[AutomationRule]):
    """When ``trigger`` happens and all ``conditions`` hold, ``actions`` are done in the name of ``created_by``."""

    conditions = serializers.ListField(child=serializers.DictField(), help_text=_CONDITIONS)
    actions = serializers.ListField(child=serializers.DictField(), help_text=_ACTIONS)

    class Meta:
        model = AutomationRule
        fields = (
            "id",
            "project",
            "name",
            "is_active",
            "trigger",
            "conditions",
            "actions",
            "created_by",
            "created_at",
            "version",
        )
        read_only_fields = fields


class NewAutomationRuleSerializer(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=120)
    is_active = serializers.BooleanField(default=True)
    trigger = serializers.ChoiceField(choices=list(TRIGGERS))
    conditions = serializers.ListField(child=serializers.DictField(), default=list, help_text=_CONDITIONS)
    actions = serializers.ListField(child=serializers.DictField(), help_text=_ACTIONS)


class AutomationRuleChangeSerializer(NewAutomationRuleSerializer):
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")


class AutomationRunSerializer(serializers.ModelSerializer[AutomationRun]):
    """What came of one activity; ``caused_by`` is the run of another rule that set it off."""

    activity = serializers.IntegerField(source="activity_no", help_text="The activity's number")
    kind = serializers.CharField(
        source="activity.kind", default=None, allow_null=True, help_text="Of which kind; null once it is forgotten"
    )

    class Meta:
        model = AutomationRun
        fields = ("id", "rule", "activity", "kind", "task", "outcome", "detail", "caused_by", "depth", "at")
        read_only_fields = fields


class AutomationDryRunSerializer(serializers.Serializer[dict[str, Any]]):
    task = TaskField(required=False, allow_null=True, help_text="What would set it off, for rules about tasks")


class AutomationDidSerializer(serializers.Serializer[Any]):
    action = serializers.CharField()
    does = serializers.ListField(child=serializers.CharField(), help_text="As the feed would have it")


class AutomationTrialSerializer(serializers.Serializer[Any]):
    """What would come of the rule; none of it was kept."""

    outcome = serializers.ChoiceField(choices=["done", "skipped", "refused"])
    why_not = serializers.CharField(allow_blank=True)
    refused_action = serializers.IntegerField(allow_null=True, help_text="Which action is refused, counted from 0")
    actions = AutomationDidSerializer(many=True)
    assumed = serializers.ListField(
        child=serializers.CharField(), help_text="Fields that only the real thing answers; taken to hold"
    )


class AutomationValueSerializer(serializers.Serializer[Any]):
    """What may stand in one place. A column, label, user or key date is named by its id."""

    kind = serializers.CharField()
    says = serializers.CharField(allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField(), help_text="Of a choice")
    least = serializers.IntegerField(help_text="Of a number")
    most = serializers.IntegerField(help_text="Of a number, or of a text's length")
    is_optional = serializers.BooleanField()
    may_be_none = serializers.BooleanField(help_text="null means none")
    is_list = serializers.BooleanField()


class AutomationTriggerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    says = serializers.CharField()
    has_task = serializers.BooleanField(help_text="Or it is about the project as a whole")
    needs = serializers.CharField(allow_blank=True, help_text="A field that a condition has to say with `is`")


class AutomationFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    says = serializers.CharField()
    value = AutomationValueSerializer()
    operators = serializers.ListField(child=serializers.CharField())
    has_task = serializers.BooleanField(help_text="Only with triggers that have a task")
    triggers = serializers.ListField(child=serializers.CharField(), help_text="Only with these; empty for all")


class _TakesField(serializers.DictField):
    child = AutomationValueSerializer()


class AutomationActionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    says = serializers.CharField()
    takes = _TakesField(help_text="By name")
    needs_task = serializers.BooleanField()
    one_of = serializers.ListField(child=serializers.CharField(), help_text="Of these it takes exactly one")
    some_of = serializers.ListField(child=serializers.CharField(), help_text="Of these it takes at least one")


class AutomationWordSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    says = serializers.CharField()


class AutomationVocabularySerializer(serializers.Serializer[Any]):
    """All that rules can say, for the forms in which people write them."""

    triggers = AutomationTriggerSerializer(many=True)
    conditions = AutomationFieldSerializer(many=True)
    operators = AutomationWordSerializer(many=True)
    actions = AutomationActionSerializer(many=True)
    placeholders = AutomationWordSerializer(many=True)
