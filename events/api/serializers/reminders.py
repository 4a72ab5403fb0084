from typing import Any

from rest_framework import serializers

from events.api.fields import LocalDateTimeField
from events.models import Channel, ReminderDelivery
from events.reminding import ReminderStanding
from events.services.reminders import ReminderWish


class ReminderWishSerializer(serializers.Serializer[Any]):
    minutes_before = serializers.IntegerField(min_value=0, max_value=28 * 24 * 60)
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices), required=False, min_length=1, max_length=4
    )

    def to_internal_value(self, data: Any) -> ReminderWish:
        return ReminderWish(**super().to_internal_value(data))


class RemindersSerializer(serializers.Serializer[dict[str, Any]]):
    reminders = serializers.ListField(child=ReminderWishSerializer(), max_length=10)


class ReminderDeliverySerializer(serializers.ModelSerializer[ReminderDelivery]):
    recurrence_id = LocalDateTimeField(read_only=True)

    class Meta:
        model = ReminderDelivery
        fields = (
            "id",
            "user",
            "recurrence_id",
            "starts_at",
            "due_at",
            "state",
            "attempts",
            "last_error",
            "settled_at",
        )
        read_only_fields = fields


class ReminderSerializer(serializers.Serializer[ReminderStanding]):
    """With its deliveries: what is ahead, and what became of those of the last day."""

    id = serializers.IntegerField(source="reminder.pk")
    is_mine = serializers.SerializerMethodField(help_text="Whether it reminds me alone")
    minutes_before = serializers.IntegerField(source="reminder.minutes_before")
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.choices), source="reminder.channels")
    deliveries = ReminderDeliverySerializer(many=True)

    def get_is_mine(self, standing: ReminderStanding) -> bool:
        return standing.reminder.user_id is not None


class RemindersQuerySerializer(serializers.Serializer[dict[str, Any]]):
    mine = serializers.BooleanField(default=False, help_text="Set what reminds me alone")


class SentRemindersSerializer(serializers.Serializer[dict[str, Any]]):
    deliveries = ReminderDeliverySerializer(many=True)
