"""Webhook subscriptions as JSON. A signing secret stands in the answer that made it, and in no other."""

from typing import Any

from rest_framework import serializers

from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.permissions import can_read_delivery
from integrations.subscriptions.addresses import LONGEST
from integrations.subscriptions.kinds import MOST_KINDS


class WebhookSubscriptionSerializer(serializers.ModelSerializer[WebhookSubscription]):
    kinds = serializers.ListField(child=serializers.CharField())
    owner = serializers.IntegerField(source="owner_id", allow_null=True, help_text="It is told what they may see")
    previous_secret_valid_until = serializers.DateTimeField(
        source="previous_valid_until",
        allow_null=True,
        help_text="Until then each delivery is signed with the secret before the last rotation too",
    )

    class Meta:
        model = WebhookSubscription
        fields = (
            "id",
            "name",
            "url",
            "kinds",
            "is_active",
            "disabled_because",
            "failing_since",
            "failures_in_row",
            "rests_until",
            "last_success_at",
            "previous_secret_valid_until",
            "owner",
            "created_at",
            "version",
        )
        read_only_fields = fields


class NewSecretSerializer(WebhookSubscriptionSerializer):
    """Wants ``context["secret"]``: the one that was just made."""

    secret = serializers.SerializerMethodField(help_text="Signs the deliveries. It is shown this once")

    class Meta:
        model = WebhookSubscription
        fields = (*WebhookSubscriptionSerializer.Meta.fields, "secret")
        read_only_fields = fields

    def get_secret(self, subscription: WebhookSubscription) -> str:
        secret: str = self.context["secret"].reveal()
        return secret


class SubscriptionChangesSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, required=False)
    url = serializers.CharField(
        max_length=LONGEST, required=False, help_text="What waits goes there too, unless another owned it"
    )
    kinds = serializers.ListField(child=serializers.CharField(max_length=80), max_length=MOST_KINDS, required=False)
    is_active = serializers.BooleanField(
        required=False, help_text="Whoever switches it on owns it; switching it off gives up what waits"
    )
    version = serializers.IntegerField(required=False)


class NewSubscriptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=LONGEST, help_text="https; plain http in PRIVATE_NETWORKS only")
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=MOST_KINDS,
        help_text="Kinds of GET /integrations/webhook-kinds, their beginnings (task.*), or * for all",
    )
    is_active = serializers.BooleanField(default=True)


class SubscriptionDeliverySerializer(serializers.ModelSerializer[SubscriptionDelivery]):
    """Wants ``context["request"]``: what was told is shown to nobody but its owner."""

    webhook_id = serializers.CharField(help_text="The same header on every try")
    owner = serializers.IntegerField(source="owner_id", allow_null=True, help_text="Whose it was when it was written")
    body = serializers.SerializerMethodField(help_text="Null for everybody but its owner: it says what they may see")

    class Meta:
        model = SubscriptionDelivery
        fields = (
            "id",
            "webhook_id",
            "owner",
            "kind",
            "activity",
            "body",
            "state",
            "attempts",
            "next_attempt_at",
            "http_status",
            "duration_ms",
            "last_error",
            "created_at",
            "delivered_at",
        )
        read_only_fields = fields

    def get_body(self, delivery: SubscriptionDelivery) -> str | None:
        return delivery.body if can_read_delivery(self.context["request"].user, delivery) else None


class WebhookFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField(help_text="string, integer, number, boolean, array or object")
    nullable = serializers.BooleanField()


class WebhookKindSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    about = serializers.CharField()
    fields = WebhookFieldSerializer(many=True, help_text="What stands under data")  # type: ignore[assignment]  # the kind's, not ours
