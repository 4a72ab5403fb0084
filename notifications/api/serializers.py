from typing import Any

from rest_framework import serializers

from estateman.people.models import User
from notifications.models import Category, Channel, Delivery, Notification


class ActorSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "name")


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """One line of the inbox, the same over REST and over the socket."""

    actor = ActorSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Notification
        fields = ("id", "seq", "kind", "category", "title", "body", "url", "actor", "data", "created_at", "read_at")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields = ("id", "channel", "address", "state", "attempts", "provider", "provider_message_id", "last_error",
                  "created_at", "sent_at", "next_attempt_at")  # fmt: skip
        read_only_fields = fields


class UnreadCountSerializer(serializers.Serializer[dict[str, int]]):
    unread = serializers.IntegerField(help_text="How many are unread now, absolutely: replace what you show, never add")
    seq = serializers.IntegerField(help_text="The newest seq that the count knows of")


class ReadAllSerializer(serializers.Serializer[dict[str, Any]]):
    upto_seq = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**63 - 1, help_text="What came later stays unread"
    )


class PreferencesSerializer(serializers.Serializer[dict[str, Any]]):
    """``{"tasks": {"email": false}, …}``: category x channel -> whether it is wanted."""

    preferences = serializers.DictField(child=serializers.DictField(child=serializers.BooleanField()))

    def validate_preferences(self, given: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
        for category, channels in given.items():
            if category not in Category:
                raise serializers.ValidationError(f"There is no category {category}; there are {', '.join(Category)}.")
            if unknown := [channel for channel in channels if channel not in Channel]:
                raise serializers.ValidationError(f"There is no channel {unknown[0]}; there are {', '.join(Channel)}.")
        return given


class TicketSerializer(serializers.Serializer[dict[str, Any]]):
    ticket = serializers.CharField(help_text="Offer it as Sec-WebSocket-Protocol: estateman.v1, ticket.<ticket>")
    expires_in_seconds = serializers.IntegerField()
