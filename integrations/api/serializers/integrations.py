"""Integrations as JSON. Credentials go in and never come out: answers show their last four."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.serializers.health import IntegrationHealthSerializer
from integrations.models import Integration, IntegrationLog, Kind, Mode, Status
from integrations.registry import Provider
from integrations.schema import settings_of
from integrations.services.webhooks import webhook_url


class IntegrationSerializer(serializers.ModelSerializer[Integration]):
    """Wants ``context["health"]``: the reports by integration id."""

    status = serializers.ChoiceField(choices=Status.choices, source="shown_status")
    config = serializers.DictField()
    credentials_hint = serializers.DictField(child=serializers.CharField())
    health = serializers.SerializerMethodField()
    webhook_url = serializers.SerializerMethodField(
        help_text="Where its vendor is to send webhooks; null where it sends none"
    )

    def get_webhook_url(self, integration: Integration) -> str | None:
        return webhook_url(integration)

    @extend_schema_field(IntegrationHealthSerializer)
    def get_health(self, integration: Integration) -> Any:
        return IntegrationHealthSerializer(self.context["health"][integration.pk]).data

    class Meta:
        model = Integration
        fields = (
            "id",
            "uuid",
            "kind",
            "provider",
            "name",
            "mode",
            "status",
            "disabled_because",
            "priority",
            "calls_per_minute",
            "config",
            "credentials_hint",
            "webhook_url",
            "health",
            "created_by",
            "created_at",
            "last_success_at",
            "last_failure_at",
            "version",
        )
        read_only_fields = fields


class _CredentialsField(serializers.DictField):
    """Write-only, and an error never quotes a value."""

    def __init__(self, **options: Any) -> None:
        child = serializers.CharField(trim_whitespace=False, allow_blank=True, allow_null=True, max_length=8000)
        super().__init__(child=child, write_only=True, **options)


_CALLS_PER_MINUTE = serializers.IntegerField(
    min_value=1,
    max_value=60_000,
    required=False,
    allow_null=True,
    help_text="Null for what the provider usually allows",
)


class NewIntegrationSerializer(serializers.Serializer[Any]):
    provider = serializers.CharField(max_length=40, help_text="See GET /integrations/providers")
    kind = serializers.ChoiceField(
        choices=Kind.choices, required=False, help_text="May be left out: the provider has one"
    )
    name = serializers.CharField(max_length=80)
    mode = serializers.ChoiceField(choices=Mode.choices, default=Mode.LIVE)
    priority = serializers.IntegerField(min_value=0, max_value=32767, default=100)
    calls_per_minute = _CALLS_PER_MINUTE
    config = serializers.DictField(default=dict)
    credentials = _CredentialsField(default=dict)


class IntegrationChangesSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    status = serializers.ChoiceField(choices=[Status.ACTIVE, Status.DISABLED], required=False)
    priority = serializers.IntegerField(min_value=0, max_value=32767, required=False)
    calls_per_minute = _CALLS_PER_MINUTE
    config = serializers.DictField(required=False, help_text="Settings that are not given stay; null takes one away")
    credentials = _CredentialsField(
        required=False, help_text="Credentials that are not given stay; null takes one away"
    )
    version = serializers.IntegerField(required=False)


class TestResultSerializer(serializers.Serializer[Any]):
    __test__ = False  # pytest, this is no test

    ok = serializers.BooleanField()
    detail = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    health = IntegrationHealthSerializer()


class IntegrationLogSerializer(serializers.ModelSerializer[IntegrationLog]):
    class Meta:
        model = IntegrationLog
        fields = (
            "id",
            "operation",
            "ok",
            "started_at",
            "duration_ms",
            "detail",
            "error_kind",
            "correlation_id",
        )


class ProviderSettingSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.SerializerMethodField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # the setting's, not ours
    default = serializers.JSONField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())
    about = serializers.CharField()
    least = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)
    is_address = serializers.BooleanField(
        help_text="Decides where credentials go: who changes it has to give them again"
    )

    def get_type(self, setting: Any) -> str:
        return {str: "string", int: "integer", bool: "boolean"}[setting.type]


class ProviderCredentialSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # the setting's, not ours
    about = serializers.CharField()


class ProviderSerializer(serializers.Serializer[Provider]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    label = serializers.CharField()  # type: ignore[assignment]  # the provider's, not ours
    modes = serializers.ListField(child=serializers.ChoiceField(choices=Mode.choices))
    config = serializers.SerializerMethodField()
    credentials = ProviderCredentialSerializer(many=True)
    receives_webhooks = serializers.BooleanField(help_text="Whether its vendor calls us")
    webhook_secret = serializers.CharField(help_text="What proves its webhooks, and where it is found")
    makes_webhook_secret = serializers.BooleanField(help_text="Whether that is a token which we make")

    @extend_schema_field(ProviderSettingSerializer(many=True))
    def get_config(self, provider: Provider) -> Any:
        return ProviderSettingSerializer(settings_of(provider.config), many=True).data


class ProvidersSerializer(serializers.Serializer[Any]):
    results = ProviderSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
