"""The secrets by which a vendor's webhooks prove themselves."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from integrations.api.serializers import webhooks as serializers
from integrations.api.views.access import MANAGERS_ONLY
from integrations.models import Integration, WebhookSecret
from integrations.services.webhooks_secrets import (
    NoWebhooks,
    add_webhook_secret,
    delete_webhook_secret,
    end_webhook_secret,
)


class WebhookSecretViewSet(GenericViewSet[WebhookSecret]):
    permission_classes = MANAGERS_ONLY
    queryset = WebhookSecret.objects.none()
    serializer_class = serializers.WebhookSecretSerializer
    pagination_class = None
    lookup_url_kwarg = "secret_id"

    def _integration(self) -> Integration:
        visible = Integration.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["integration_id"])

    def get_queryset(self) -> QuerySet[WebhookSecret]:
        return WebhookSecret.objects.filter(integration=self._integration()).select_related("integration")

    @extend_schema(
        summary="What proves an integration's webhooks, newest first",
        responses=whole_list_of("WebhookSecrets", serializers.WebhookSecretSerializer(many=True)),
    )
    def list(self, request: Request, integration_id: int) -> Response:
        return whole_list(serializers.WebhookSecretSerializer(self.get_queryset(), many=True).data)

    @extend_schema(
        summary="Let another secret prove them too",
        request=serializers.NewWebhookSecretSerializer,
        responses={
            201: serializers.AddedWebhookSecretSerializer,
            **conflicts(NoWebhooks("Office mail receives no webhooks: its provider sends none.")),
        },
        examples=[
            OpenApiExample(
                "Rotation: the old one is good for another day",
                {"secret": "whsec_…", "previous_valid_for_hours": 24},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request, integration_id: int) -> Response:
        asked: dict[str, Any] = parsed(serializers.NewWebhookSecretSerializer, request)
        added = add_webhook_secret(self._integration(), **asked, by=caller(request))
        context = {"shown_once": None if asked.get("secret") else added.reveal().reveal()}
        answer = serializers.AddedWebhookSecretSerializer(added, context=context)
        return Response(answer.data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Say until when a secret proves something",
        request=serializers.WebhookSecretChangeSerializer,
        responses=serializers.WebhookSecretSerializer,
    )
    def partial_update(self, request: Request, integration_id: int, secret_id: int) -> Response:
        secret = self.get_object()
        asked = parsed(serializers.WebhookSecretChangeSerializer, request)
        ended = end_webhook_secret(secret, valid_until=asked["valid_until"], by=caller(request))
        return Response(serializers.WebhookSecretSerializer(ended).data)

    @extend_schema(summary="Forget a secret", responses={204: None})
    def destroy(self, request: Request, integration_id: int, secret_id: int) -> Response:
        delete_webhook_secret(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
