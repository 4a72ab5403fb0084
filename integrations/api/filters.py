"""What the lists may be narrowed by."""

from decimal import Decimal

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from estateman.common.api.callers import ROUTE_CLASSES
from estateman.common.api.moments import MomentFilter
from estateman.common.models import ApiUsage
from integrations.models import (
    HealthSample,
    IntegrationLog,
    Message,
    Payment,
    SubscriptionDelivery,
    Suppression,
    WebhookEvent,
)


class IntegrationLogFilter(filters.FilterSet):
    ok = filters.TypedChoiceFilter(
        choices=[("true", "worked"), ("false", "failed")], coerce=lambda word: word == "true"
    )
    operation = filters.CharFilter()
    error_kind = filters.CharFilter(help_text="Like rejected, unreachable, rate_limited or breaker_open")
    correlation_id = filters.CharFilter(help_text="All calls that one request, message or payment caused")
    since = MomentFilter(field_name="started_at", lookup_expr="gte")
    until = MomentFilter(field_name="started_at", lookup_expr="lt")

    class Meta:
        model = IntegrationLog
        fields = ("ok", "operation", "error_kind", "correlation_id", "since", "until")


class HealthSampleFilter(filters.FilterSet):
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = HealthSample
        fields = ("since", "until")


class ApiUsageFilter(filters.FilterSet):
    user = filters.NumberFilter(field_name="user_id", min_value=1, max_value=2**63 - 1)
    route_class = filters.ChoiceFilter(choices=[(name, name) for name in ROUTE_CLASSES])
    since = MomentFilter(field_name="hour", lookup_expr="gte")

    class Meta:
        model = ApiUsage
        fields = ("user", "route_class", "since")


class SubscriptionDeliveryFilter(filters.FilterSet):
    since = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = SubscriptionDelivery
        fields = ("state", "kind", "since")


class WebhookEventFilter(filters.FilterSet):
    integration = filters.NumberFilter(field_name="integration_id", min_value=1, max_value=2**63 - 1)
    status = filters.ChoiceFilter(choices=WebhookEvent.State.choices)
    kind = filters.CharFilter()
    since = MomentFilter(field_name="received_at", lookup_expr="gte")

    class Meta:
        model = WebhookEvent
        fields = ("integration", "status", "kind", "since")


class PaymentFilter(filters.FilterSet):
    project = filters.NumberFilter(method="of_project", help_text="The deal's id")
    since = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Payment
        fields = ("status", "provider", "project", "invoice", "since")

    def of_project(self, payments: QuerySet[Payment], name: str, project: Decimal) -> QuerySet[Payment]:
        return payments.filter(room=f"project:{project}")


class MessageFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="to", lookup_expr="icontains", help_text="Part of the address")
    since = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Message
        fields = ("channel", "state", "tracked", "q", "since")


class SuppressionFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="address", lookup_expr="icontains", help_text="Part of the address")

    class Meta:
        model = Suppression
        fields = ("channel", "reason", "q")
