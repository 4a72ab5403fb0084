"""How integrations are doing and how much they and our own API are used, as JSON."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from estateman.common.api.callers import ROUTE_CLASSES
from estateman.common.models import ApiUsage
from integrations.health import Report
from integrations.models import HealthSample, Kind, Mode, Status

BREAKER_STATES = ["closed", "open", "half_open"]
LONGEST_PERIOD = timedelta(days=366)
USUAL_PERIOD = timedelta(days=29)


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stays the same while the numbers in the text change")
    points = serializers.IntegerField(help_text="What it takes off the score")
    text = serializers.CharField()


class BreakerSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=BREAKER_STATES)
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="Until when nobody is let through")
    failures = serializers.IntegerField(help_text="In a row")


class DayUsageSerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField()
    ok = serializers.IntegerField()
    failed = serializers.IntegerField()
    held_back = serializers.IntegerField(help_text="By a rate limit or an open breaker: the provider did not fail")


class WebhookStateSerializer(serializers.Serializer[Any]):
    lag_seconds = serializers.IntegerField(allow_null=True, help_text="Age of the oldest event that is not processed")
    waiting = serializers.IntegerField()
    dead = serializers.IntegerField(help_text="Of the last 7 days, given up")
    secrets_end_at = serializers.DateTimeField(allow_null=True, help_text="When the last of its secrets ends")


class IntegrationHealthSerializer(serializers.Serializer[Report]):
    score = serializers.IntegerField(min_value=0, max_value=100)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="In words, the weightiest first")
    deductions = ReasonSerializer(many=True)
    calls = serializers.IntegerField(help_text="Calls of the last 24 hours that were judged: at most the newest 200")
    success_ratio = serializers.FloatField(
        allow_null=True, help_text="0 to 1, of the calls that tell of the provider; null without any"
    )
    latency_p95_ms = serializers.IntegerField(allow_null=True)
    breaker = BreakerSerializer()
    usage = DayUsageSerializer(help_text="All calls of the last 24 hours")
    webhooks = WebhookStateSerializer()


class IntegrationScoreSerializer(IntegrationHealthSerializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    provider = serializers.CharField()
    name = serializers.CharField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    status = serializers.ChoiceField(choices=Status.choices)
    disabled_because = serializers.CharField()
    last_success_at = serializers.DateTimeField(allow_null=True)


class OfficeHealthSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    active = serializers.IntegerField()
    errors = serializers.IntegerField(  # type: ignore[assignment]  # not the form's errors
        help_text="Those failing or in need of credentials"
    )
    disabled = serializers.IntegerField()
    score = serializers.IntegerField(allow_null=True, help_text="Mean of all that are not disabled")
    integrations = IntegrationScoreSerializer(many=True)


class HealthSampleSerializer(serializers.ModelSerializer[HealthSample]):
    reasons = ReasonSerializer(many=True)

    class Meta:
        model = HealthSample
        fields = (
            "at",
            "score",
            "level",
            "status",
            "reasons",
            "calls",
            "success_ratio",
            "latency_p95_ms",
            "webhook_lag_seconds",
        )


class PeriodSerializer(serializers.Serializer[dict[str, Any]]):
    """``from`` and ``to``, both days included; the last 30 days where they are left out."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is a word of the language and cannot stand in the class body.
        return {name: serializers.DateField(required=False, help_text="A day, by UTC") for name in ("from", "to")}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today: date = timezone.now().date()
        last = attrs.get("to", today)
        if last > today:
            raise serializers.ValidationError({"to": "That day has not come yet."})
        first = attrs.get("from", last - min(USUAL_PERIOD, last - date.min))
        if first > last:
            raise serializers.ValidationError({"to": "The period ends before it begins."})
        if last - first >= LONGEST_PERIOD:
            raise serializers.ValidationError({"from": f"Ask for at most {LONGEST_PERIOD.days} days."})
        return {"first": first, "last": last}


class OperationUsageSerializer(serializers.Serializer[Any]):
    operation = serializers.CharField()
    calls = serializers.IntegerField()
    ok = serializers.IntegerField()
    failed = serializers.DictField(child=serializers.IntegerField(), help_text="By kind of error")
    mean_ms = serializers.IntegerField(allow_null=True)
    p95_ms = serializers.IntegerField(allow_null=True)
    waited_ms = serializers.IntegerField(help_text="For their turn, all together")
    tries = serializers.IntegerField(help_text="All together")


class DayOfCallsSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    calls = serializers.IntegerField()
    ok = serializers.IntegerField()
    mean_ms = serializers.IntegerField(allow_null=True)


class MessageUsageSerializer(serializers.Serializer[Any]):
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    bounced = serializers.IntegerField()
    failed = serializers.IntegerField()
    delivered_ratio = serializers.FloatField(allow_null=True)
    bounced_ratio = serializers.FloatField(allow_null=True)


class MoneyUsageSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    payments = serializers.IntegerField()
    captured_minor = serializers.IntegerField()
    refunded_minor = serializers.IntegerField()


class WebhookUsageSerializer(serializers.Serializer[Any]):
    received = serializers.IntegerField()
    repeated = serializers.IntegerField(help_text="How often one that was there already was told again")
    processed = serializers.IntegerField()
    ignored = serializers.IntegerField()
    waiting = serializers.IntegerField()
    dead = serializers.IntegerField()
    median_lag_ms = serializers.IntegerField(allow_null=True)


class IntegrationUsageSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "from": serializers.DateField(source="first"),
            "to": serializers.DateField(source="last"),
            "operations": OperationUsageSerializer(many=True),
            "days": DayOfCallsSerializer(many=True),
            "messages": MessageUsageSerializer(),
            "payments": MoneyUsageSerializer(many=True),
            "webhooks": WebhookUsageSerializer(),
        }


class ApiUsageSerializer(serializers.ModelSerializer[ApiUsage]):
    route_class = serializers.ChoiceField(choices=ROUTE_CLASSES)

    class Meta:
        model = ApiUsage
        fields = ("hour", "caller", "user", "route_class", "requests", "throttled", "errors", "total_ms")


class UsageTotalsSerializer(serializers.Serializer[Any]):
    requests = serializers.IntegerField()
    throttled = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # the answers with 5xx, not the form's
    mean_ms = serializers.IntegerField(allow_null=True)


class ApiUsagePageSerializer(serializers.Serializer[Any]):
    results = ApiUsageSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    totals = UsageTotalsSerializer(help_text="Of everything that the filters let through, on all pages")
