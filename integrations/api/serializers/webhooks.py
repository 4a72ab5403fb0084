"""What vendors told us, as JSON, and the secrets that prove it, which go in and never come out."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.models import WebhookAttempt, WebhookEvent, WebhookSecret
from integrations.services.webhooks_replay import MOST_AT_ONCE

_LARGEST_ID = 2**63 - 1


class WebhookEventSerializer(serializers.ModelSerializer[WebhookEvent]):
    type = serializers.CharField(source="integration.provider")

    class Meta:
        model = WebhookEvent
        fields: tuple[str, ...] = (
            "id",
            "integration",
            "type",
            "provider_event_id",
            "kind",
            "status",
            "is_live",
            "occurred_at",
            "received_at",
            "times_received",
            "attempts",
            "next_attempt_at",
            "processed_at",
            "last_error",
            "is_replay",
            "correlation_id",
        )
        read_only_fields = fields


class WebhookAttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    class Meta:
        model = WebhookAttempt
        fields = ("id", "at", "duration_ms", "is_replay", "by", "status", "error")
        read_only_fields = fields


class WholeWebhookEventSerializer(WebhookEventSerializer):
    payload = serializers.JSONField(help_text="As it was told, without what is secret")
    tries = serializers.SerializerMethodField()

    class Meta(WebhookEventSerializer.Meta):
        fields = (*WebhookEventSerializer.Meta.fields, "payload", "tries")
        read_only_fields = fields

    @extend_schema_field(WebhookAttemptSerializer(many=True))
    def get_tries(self, event: WebhookEvent) -> Any:
        return WebhookAttemptSerializer(event.tries.order_by("pk"), many=True).data


class _MatchingSerializer(serializers.Serializer[Any]):
    integration = serializers.IntegerField(min_value=1, max_value=_LARGEST_ID, required=False, source="integration_id")
    status = serializers.ChoiceField(choices=WebhookEvent.State.choices, required=False)
    kind = serializers.CharField(max_length=120, required=False, help_text="The vendor's word for it")
    received_from = serializers.DateTimeField(required=False)
    received_until = serializers.DateTimeField(required=False)


class ReplaySerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=_LARGEST_ID),
        allow_empty=False,
        max_length=MOST_AT_ONCE,
        required=False,
    )
    filter = _MatchingSerializer(required=False)


class ReplayedSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField(help_text="Those that match and still wait for their turn are not counted")


class WebhookSecretSerializer(serializers.ModelSerializer[WebhookSecret]):
    hint = serializers.CharField(help_text="Its last four characters; empty where it can't be opened any more")
    is_active = serializers.BooleanField(help_text="Whether it still proves something")

    class Meta:
        model = WebhookSecret
        fields: tuple[str, ...] = ("id", "hint", "is_active", "valid_until", "created_at")
        read_only_fields = fields


class AddedWebhookSecretSerializer(WebhookSecretSerializer):
    """Wants ``context["shown_once"]``: the token that was made, or None for a secret that was given."""

    secret = serializers.SerializerMethodField(
        help_text="The token that was made, shown this once; null for a secret that you gave"
    )

    class Meta(WebhookSecretSerializer.Meta):
        fields = (*WebhookSecretSerializer.Meta.fields, "secret")
        read_only_fields = fields

    def get_secret(self, secret: WebhookSecret) -> str | None:
        shown: str | None = self.context["shown_once"]
        return shown


class NewWebhookSecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(
        max_length=8000,
        required=False,
        write_only=True,
        help_text="16 characters or more. May be left out where the token is ours to choose: one is made then",
    )
    valid_until = serializers.DateTimeField(required=False, allow_null=True)
    previous_valid_for_hours = serializers.IntegerField(
        min_value=0,
        max_value=24 * 90,
        required=False,
        allow_null=True,
        help_text="Ends those that are there already after so many hours, where they would not end sooner",
    )


class WebhookSecretChangeSerializer(serializers.Serializer[Any]):
    valid_until = serializers.DateTimeField(allow_null=True, help_text="Null for until it is deleted")
