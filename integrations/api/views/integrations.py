"""The office's integrations, for those who manage them. Others get 403, or 404 for one of them."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from integrations import health, services
from integrations.api.filters import IntegrationLogFilter
from integrations.api.serializers import integrations as serializers
from integrations.api.views.access import MANAGERS_ONLY
from integrations.models import Integration, IntegrationLog
from integrations.registry import all_providers, find_provider


def _one(integration: Integration) -> Any:
    context = {"health": health.reports([integration])}
    return serializers.IntegrationSerializer(integration, context=context).data


UNDECIDED = services.PaymentsUndecided(
    "Some payments are not over: what became of them is not known yet, or they can still be taken. "
    "Wait for them, capture them or cancel them.",
    payments=[31],
)
GONE = services.IntegrationGone(
    "Office mail was deleted, and its credentials with it: nothing goes through it any more."
)


class IntegrationViewSet(GenericViewSet[Integration]):
    permission_classes = MANAGERS_ONLY
    queryset = Integration.objects.none()
    serializer_class = serializers.IntegrationSerializer
    filterset_fields = ("kind", "provider", "mode")
    page_orders = ("id", "name", "priority")

    def get_queryset(self) -> QuerySet[Integration]:
        return Integration.objects.visible_to(self.request.user)

    @extend_schema(summary="The office's integrations")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {"health": health.reports(page)}
        rendered = serializers.IntegrationSerializer(page, many=True, context=context)
        return self.get_paginated_response(rendered.data)

    @extend_schema(
        summary="Add an integration",
        request=serializers.NewIntegrationSerializer,
        responses={201: serializers.IntegrationSerializer},
        examples=[
            OpenApiExample(
                "SMTP server",
                request_only=True,
                value={
                    "provider": "smtp",
                    "name": "Office mail",
                    "config": {"host": "smtp.example.com", "username": "office@example.com"},
                    "credentials": {"password": "the password"},
                },
            )
        ],
    )
    def create(self, request: Request) -> Response:
        values = parsed(serializers.NewIntegrationSerializer, request)
        _refuse_another_kind(values.pop("kind", None), values["provider"])
        integration = services.create_integration(**values, by=caller(request))
        return Response(_one(integration), status=status.HTTP_201_CREATED)

    @extend_schema(summary="One integration")
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(_one(self.get_object()))

    @extend_schema(
        summary="Change an integration",
        description=(
            "What is not given of `config` and `credentials` stays. Where a setting changes that decides where secrets "
            "go (`is_address`), each credential has to be given again, and people have to connect again."
        ),
        request=serializers.IntegrationChangesSerializer,
        responses={200: serializers.IntegrationSerializer, **conflicts(GONE)},
        examples=[
            OpenApiExample(
                "New password",
                request_only=True,
                value={"credentials": {"password": "the new password"}},
            ),
            OpenApiExample("Take out of use", request_only=True, value={"status": "disabled"}),
        ],
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        integration = self.get_object()
        changes = parsed(serializers.IntegrationChangesSerializer, request)
        version, credentials = changes.pop("version", None), changes.pop("credentials", None)
        services.edit_integration(
            integration,
            changes=changes,
            credentials=credentials,
            version=version,
            by=caller(request),
        )
        return Response(_one(integration))

    @extend_schema(
        summary="Delete an integration and its credentials", responses={204: None, **conflicts(UNDECIDED, GONE)}
    )
    def destroy(self, request: Request, pk: int) -> Response:
        services.delete_integration(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Test an integration",
        description="Makes a real call. A pass makes the integration active again.",
        request=None,
        responses=serializers.TestResultSerializer,
    )
    def test(self, request: Request, pk: int) -> Response:
        integration = self.get_object()
        found = services.test_integration(integration, by=caller(request))
        report = health.reports([integration])[integration.pk]
        answer = {**asdict(found), "status": integration.shown_status, "health": report}
        return Response(serializers.TestResultSerializer(answer).data)


def _refuse_another_kind(kind: str | None, provider: str) -> None:
    found = find_provider(provider)
    if kind and found and found.kind != kind:
        raise ValidationError({"kind": f"{provider} is of kind {found.kind}."})


class IntegrationLogList(ListAPIView[IntegrationLog]):
    permission_classes = MANAGERS_ONLY
    queryset = IntegrationLog.objects.none()
    serializer_class = serializers.IntegrationLogSerializer
    filterset_class = IntegrationLogFilter

    def get_queryset(self) -> QuerySet[IntegrationLog]:
        visible = Integration.objects.visible_to(self.request.user)
        integration = get_object_or_404(visible, pk=self.kwargs["pk"])
        return IntegrationLog.objects.filter(integration=integration)

    @extend_schema(summary="The calls through one integration, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ProviderList(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="What can be integrated, and what it takes",
        responses=serializers.ProvidersSerializer,
    )
    def get(self, request: Request) -> Response:
        answer = {"results": all_providers(), "next": None, "previous": None}
        return Response(serializers.ProvidersSerializer(answer).data)
