"""Who is told what happens here: webhook subscriptions and what became of their deliveries."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.idempotency import idempotent
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from integrations import services
from integrations.api.conflicts import DISABLED, GONE, STALE, UNDER_WAY
from integrations.api.filters import SubscriptionDeliveryFilter
from integrations.api.serializers import subscriptions as serializers
from integrations.api.views.access import MANAGERS_ONLY
from integrations.jobs import subscriptions as jobs
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.sealing import Secret
from integrations.subscriptions.kinds import described

_KINDS = serializers.WebhookKindSerializer
_ZAPIER = OpenApiExample(
    "Tasks to Zapier",
    {"name": "Zapier", "url": "https://hooks.zapier.com/hooks/catch/1/a", "kinds": ["task.completed", "project.*"]},
    request_only=True,
)


class WebhookSubscriptionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[WebhookSubscription]):
    permission_classes = MANAGERS_ONLY
    queryset = WebhookSubscription.objects.none()
    serializer_class = serializers.WebhookSubscriptionSerializer
    filterset_fields = ("is_active",)
    page_orders = ("id", "name")

    def get_queryset(self) -> QuerySet[WebhookSubscription]:
        return WebhookSubscription.objects.visible_to(self.request.user)

    @extend_schema(summary="The addresses that are told what happens here")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One subscription")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Have an address told",
        description="It is told what you may see. The signing secret in the answer is shown this once.",
        request=serializers.NewSubscriptionSerializer,
        responses={201: serializers.NewSecretSerializer},
        examples=[_ZAPIER],
    )
    def create(self, request: Request) -> Response:
        values = parsed(serializers.NewSubscriptionSerializer, request)
        subscription, secret = services.create_subscription(**values, by=caller(request))
        return _with_secret(subscription, secret, status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change a subscription",
        description=(
            "Whoever changes `url` or `kinds`, or switches it on, owns it from then on: it is told what they may see. "
            "What waits of what the owner before may see is given up."
        ),
        request=serializers.SubscriptionChangesSerializer,
        responses={200: serializers.WebhookSubscriptionSerializer, **conflicts(STALE, GONE)},
        examples=[OpenApiExample("Switch on again", {"is_active": True}, request_only=True)],
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        changes = parsed(serializers.SubscriptionChangesSerializer, request)
        version = changes.pop("version", None)
        changed = services.edit_subscription(self.get_object(), changes=changes, version=version, by=caller(request))
        return Response(serializers.WebhookSubscriptionSerializer(changed).data)

    @extend_schema(
        summary="Tell an address nothing more",
        description="The log of its deliveries is deleted too.",
        responses={204: None, **conflicts(GONE)},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        services.delete_subscription(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Send a test",
        description="A delivery of kind `webhook.test`; what becomes of it stands among the deliveries.",
        parameters=[OpenApiParameter("Idempotency-Key", str, "header")],
        request=None,
        responses={202: serializers.SubscriptionDeliverySerializer, **conflicts(DISABLED, GONE)},
    )
    @idempotent(required=False)
    def test(self, request: Request, pk: int) -> Response:
        return _queued(request, services.send_test_event(self.get_object(), by=caller(request)))

    @extend_schema(
        summary="Take a new signing secret",
        description=(
            "Shown this once. For 24 hours the one before signs too, so that the receiver can change over. "
            "Whoever takes it owns the subscription from then on."
        ),
        request=None,
        responses={200: serializers.NewSecretSerializer, **conflicts(GONE)},
    )
    def rotate_secret(self, request: Request, pk: int) -> Response:
        subscription = self.get_object()
        secret = services.rotate_secret(subscription, by=caller(request))
        return _with_secret(subscription, secret, status.HTTP_200_OK)


def _with_secret(subscription: WebhookSubscription, secret: Secret, code: int) -> Response:
    answer = serializers.NewSecretSerializer(subscription, context={"secret": secret})
    return Response(answer.data, status=code, headers={"Cache-Control": "no-store"})


def _queued(request: Request, delivery: SubscriptionDelivery) -> Response:
    jobs.wake()
    answer = serializers.SubscriptionDeliverySerializer(delivery, context={"request": request})
    return Response(answer.data, status=status.HTTP_202_ACCEPTED)


def _deliveries(request: Request, pk: int) -> QuerySet[SubscriptionDelivery]:
    subscription = get_object_or_404(WebhookSubscription.objects.visible_to(request.user), pk=pk)
    return SubscriptionDelivery.objects.filter(subscription=subscription)


class SubscriptionDeliveryList(ListAPIView[SubscriptionDelivery]):
    permission_classes = MANAGERS_ONLY
    queryset = SubscriptionDelivery.objects.none()
    serializer_class = serializers.SubscriptionDeliverySerializer
    filterset_class = SubscriptionDeliveryFilter

    def get_queryset(self) -> QuerySet[SubscriptionDelivery]:
        return _deliveries(self.request, self.kwargs["pk"])

    @extend_schema(summary="What one address was told, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SubscriptionDeliveryRetryView(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="Deliver again",
        description=(
            "At once, whatever became of it, with all its tries before it and the same `webhook-id`. "
            "For its owner only, and not once the subscription is somebody else's."
        ),
        request=None,
        responses={202: serializers.SubscriptionDeliverySerializer, **conflicts(DISABLED, UNDER_WAY, GONE)},
    )
    def post(self, request: Request, pk: int, delivery_id: int) -> Response:
        theirs = _deliveries(request, pk).select_related("subscription")
        again = services.retry_delivery(get_object_or_404(theirs, pk=delivery_id), by=caller(request))
        return _queued(request, again)


class WebhookKindList(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="What can be subscribed to, and what it says",
        responses=whole_list_of("WebhookKinds", _KINDS(many=True)),
    )
    def get(self, request: Request) -> Response:
        return whole_list(_KINDS(described(), many=True).data)
