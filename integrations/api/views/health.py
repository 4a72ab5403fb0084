"""How the integrations are doing, how they were, and how much they and our own API are used."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import queried
from estateman.common.models import ApiUsage
from integrations import health
from integrations.api.filters import ApiUsageFilter, HealthSampleFilter
from integrations.api.serializers import health as serializers
from integrations.api.views.access import MANAGERS_ONLY
from integrations.health.analytics import usage
from integrations.health.incoming import totals_of
from integrations.models import HealthSample, Integration

_WELL = {
    "total": 1,
    "active": 1,
    "errors": 0,
    "disabled": 0,
    "score": 85,
    "integrations": [
        {
            "score": 85,
            "reasons": ["Its last webhook secret ends in 3 days, on 28 November: add a new one."],
            "deductions": [
                {
                    "code": "secrets_ending",
                    "points": 15,
                    "text": "Its last webhook secret ends in 3 days, on 28 November: add a new one.",
                }
            ],
            "calls": 57,
            "success_ratio": 1.0,
            "latency_p95_ms": 412,
            "breaker": {"state": "closed", "since": None, "until": None, "failures": 0},
            "usage": {"calls": 57, "ok": 56, "failed": 0, "held_back": 1},
            "webhooks": {"lag_seconds": None, "waiting": 0, "dead": 0, "secrets_end_at": "2026-11-28T12:00:00Z"},
            "id": 4,
            "kind": "payment",
            "provider": "stripe",
            "name": "Stripe",
            "mode": "live",
            "status": "active",
            "disabled_because": "",
            "last_success_at": "2026-11-25T09:12:44Z",
        }
    ],
}


class IntegrationHealthView(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="How well the integrations work",
        description="Each with its score, the reasons for it, its breaker, its use of the last 24 hours and its "
        "webhooks. docs/integrations-health.md says what the score is made of.",
        responses=serializers.OfficeHealthSerializer,
        examples=[OpenApiExample("One that is well", _WELL, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        integrations = list(Integration.objects.visible_to(request.user).order_by("kind", "pk"))
        found = health.reports(integrations)
        each = [
            {**serializers.IntegrationHealthSerializer(found[one.pk]).data, **_headline(one)} for one in integrations
        ]
        answer = {**asdict(health.totals(integrations, found)), "integrations": each}
        return Response(serializers.OfficeHealthSerializer(answer).data)


def _headline(integration: Integration) -> dict[str, Any]:
    return {
        "id": integration.pk,
        "kind": integration.kind,
        "provider": integration.provider,
        "name": integration.name,
        "mode": integration.mode,
        "status": integration.shown_status,
        "disabled_because": integration.disabled_because,
        "last_success_at": integration.last_success_at,
    }


class HealthHistoryList(ListAPIView[HealthSample]):
    permission_classes = MANAGERS_ONLY
    queryset = HealthSample.objects.none()
    serializer_class = serializers.HealthSampleSerializer
    filterset_class = HealthSampleFilter

    def get_queryset(self) -> QuerySet[HealthSample]:
        visible = Integration.objects.visible_to(self.request.user)
        return HealthSample.objects.filter(integration=get_object_or_404(visible, pk=self.kwargs["pk"]))

    @extend_schema(
        summary="How well one integration worked, newest first",
        description="A sample where something changed, and one an hour at least. Kept for 90 days.",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class IntegrationUsageView(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="How much one integration was used",
        description="By operation and by day, with what became of messages, money and webhooks. "
        "docs/integrations-health.md has the formulas.",
        parameters=[serializers.PeriodSerializer],
        responses=serializers.IntegrationUsageSerializer,
        examples=[
            OpenApiExample(
                "One day",
                {
                    "from": "2026-11-25",
                    "to": "2026-11-25",
                    "operations": [
                        {
                            "operation": "send_email",
                            "calls": 120,
                            "ok": 117,
                            "failed": {"rejected": 1, "unreachable": 2},
                            "mean_ms": 180,
                            "p95_ms": 412,
                            "waited_ms": 0,
                            "tries": 124,
                        }
                    ],
                    "days": [{"day": "2026-11-25", "calls": 120, "ok": 117, "mean_ms": 180}],
                    "messages": {
                        "sent": 117,
                        "delivered": 115,
                        "bounced": 2,
                        "failed": 0,
                        "delivered_ratio": 0.983,
                        "bounced_ratio": 0.017,
                    },
                    "payments": [],
                    "webhooks": {
                        "received": 230,
                        "repeated": 3,
                        "processed": 230,
                        "ignored": 0,
                        "waiting": 0,
                        "dead": 0,
                        "median_lag_ms": 340,
                    },
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        integration = get_object_or_404(Integration.objects.visible_to(request.user), pk=pk)
        period = queried(serializers.PeriodSerializer, request)
        return Response(serializers.IntegrationUsageSerializer(usage(integration, **period)).data)


class ApiUsageList(ListAPIView[ApiUsage]):
    permission_classes = MANAGERS_ONLY
    queryset = ApiUsage.objects.all()
    serializer_class = serializers.ApiUsageSerializer
    filterset_class = ApiUsageFilter
    page_order = "-hour"
    page_orders = ("hour", "requests", "throttled")

    @extend_schema(
        summary="How much our own API is used",
        description="Requests per caller, class of routes and hour, with the sum of them all. What was asked within "
        "the last seconds may still be missing.",
        responses=serializers.ApiUsagePageSerializer,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().get(request, *args, **kwargs)
        answer.data["totals"] = asdict(totals_of(self.filter_queryset(self.get_queryset())))
        return answer
