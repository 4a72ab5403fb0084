from typing import Any, ClassVar

from rest_framework import serializers

from tasks.api.fields import KeyDateField, TaskField
from tasks.models import Counting, DateProfile, DateRule, Direction, KeyDate, Roll, Sets

MOST_DAYS = 3650
MOST_MOVES = 50
DAY_KINDS = (("key_date", "key date"), ("task", "task"))


class PreviewSerializer(serializers.Serializer[dict[str, Any]]):
    preview = serializers.BooleanField(default=False, help_text="Only say what would change, and change nothing")


class RemovalSerializer(serializers.Serializer[dict[str, Any]]):
    release = serializers.BooleanField(default=False, help_text="Although others count from it: they lose their rules")


class DayChangeSerializer(serializers.Serializer[Any]):
    """A day that changes, and why. With a ``flag`` it stays ``old``, although its rule says ``new``: it was set by hand
    (``overridden``), or it has happened (``finished``)."""

    kind = serializers.ChoiceField(DAY_KINDS)
    id = serializers.IntegerField()
    name = serializers.CharField()
    old = serializers.DateField(allow_null=True, help_text="The key date's day, or the day the task is due")
    new = serializers.DateField(allow_null=True)
    old_starts_on = serializers.DateField(allow_null=True, help_text="Of a task")
    new_starts_on = serializers.DateField(allow_null=True)
    why = serializers.CharField()
    flag = serializers.ChoiceField(("overridden", "finished"), allow_null=True)


class DateRuleSerializer(serializers.ModelSerializer[DateRule]):
    """``days`` (or this deal's ``override_days``) before or after a key date, or after a task's completion."""

    class Meta:
        model = DateRule
        fields = (
            "days",
            "override_days",
            "direction",
            "after_key_date",
            "after_task",
            "sets",
            "profile",
            "counting",
            "weekend_roll",
            "holiday_roll",
            "skip_holidays",
            "is_deadline",
            "is_overridden",
        )
        read_only_fields = fields


class KeyDateSerializer(serializers.ModelSerializer[KeyDate]):
    """One day that the deal turns on. With a ``rule`` it follows another day, unless ``is_overridden``."""

    rule = DateRuleSerializer(source="date_rule", read_only=True, default=None)

    class Meta:
        model = KeyDate
        fields = (
            "id",
            "project",
            "kind",
            "name",
            "on",
            "at",
            "is_overridden",
            "met_on",
            "note",
            "rule",
            "created_at",
            "version",
        )
        read_only_fields = fields


class MovedKeyDateSerializer(KeyDateSerializer):
    """The key date as it stands then, and all that changes with it."""

    changes = DayChangeSerializer(many=True)

    class Meta:
        model = KeyDate
        fields = (*KeyDateSerializer.Meta.fields, "changes")
        read_only_fields = fields


class ChangesSerializer(serializers.Serializer[Any]):
    changes = DayChangeSerializer(many=True)


class NewKeyDateSerializer(serializers.ModelSerializer[KeyDate]):
    name = serializers.CharField(required=False, max_length=120, help_text="The kind's, where it is not said")

    class Meta:
        model = KeyDate
        fields = ("kind", "name", "on", "at", "met_on", "note")


class KeyDateChangeSerializer(serializers.ModelSerializer[KeyDate]):
    version = serializers.IntegerField(required=False, min_value=1, help_text="Refuse if it changed since")

    class Meta:
        model = KeyDate
        fields = ("kind", "name", "on", "at", "is_overridden", "met_on", "note", "version")
        extra_kwargs: ClassVar = {"kind": {"required": False}, "name": {"required": False}}


class KeyDateMoveSerializer(KeyDateChangeSerializer):
    id = KeyDateField()

    class Meta:
        model = KeyDate
        fields = ("id", *KeyDateChangeSerializer.Meta.fields)
        extra_kwargs = KeyDateChangeSerializer.Meta.extra_kwargs


class KeyDateMovesSerializer(serializers.Serializer[dict[str, Any]]):
    """Several key dates at once: what hangs off more than one of them moves once."""

    key_dates = KeyDateMoveSerializer(many=True, allow_empty=False, max_length=MOST_MOVES)  # type: ignore[call-arg]

    def validate_key_dates(self, moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({move["id"].pk for move in moves}) < len(moves):
            raise serializers.ValidationError("Name each key date once.")
        return moves


class NewDateRuleSerializer(serializers.Serializer[dict[str, Any]]):
    """The whole rule. What is left empty of how days are counted is as the profile says, or else the project's."""

    days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, help_text="0 is the same day")
    override_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_DAYS, help_text="As this deal's addendum says"
    )
    direction = serializers.ChoiceField(Direction.choices, default=Direction.AFTER)
    after_key_date = KeyDateField(required=False, allow_null=True)
    after_task = TaskField(required=False, allow_null=True, help_text="Its completion, or the day it is due until then")
    sets = serializers.ChoiceField(Sets.choices, required=False, help_text="Of a task: which of its days")
    profile = serializers.PrimaryKeyRelatedField(queryset=DateProfile.objects.all(), required=False, allow_null=True)
    counting = serializers.ChoiceField(Counting.choices, required=False, allow_blank=True)
    weekend_roll = serializers.ChoiceField(Roll.choices, required=False, allow_blank=True)
    holiday_roll = serializers.ChoiceField(Roll.choices, required=False, allow_blank=True)
    skip_holidays = serializers.BooleanField(required=False, allow_null=True)
    is_deadline = serializers.BooleanField(required=False, help_text="Of a task: its deadline is that day, too")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        anchors = [anchor for name in ("after_key_date", "after_task") if (anchor := attrs.pop(name, None))]
        if len(anchors) != 1:
            raise serializers.ValidationError({"after_key_date": "Say after_key_date or after_task: one of them."})
        return attrs | {"after": anchors[0]}


class DateRuleChangeSerializer(serializers.Serializer[dict[str, Any]]):
    override_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_DAYS, help_text="Null takes it back"
    )
    is_overridden = serializers.BooleanField(required=False, help_text="false gives the day back to the rule")


class RuledSerializer(serializers.Serializer[Any]):
    """The rule, null without one, and all that changed with it."""

    rule = DateRuleSerializer(allow_null=True)
    changes = DayChangeSerializer(many=True)
