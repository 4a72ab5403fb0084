"""Sending what the office has to say, what became of it, and who wants none."""

import hashlib
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.idempotency import IdempotencyMismatch, InProgress, idempotent
from estateman.people.auth import caller
from integrations import services
from integrations.api.errors import NothingToSendBy, ProviderRefused, WantsNone, provider_errors_answered
from integrations.api.filters import MessageFilter, SuppressionFilter
from integrations.api.serializers import messages as serializers
from integrations.api.views.access import MANAGERS_ONLY
from integrations.jobs import messages as jobs
from integrations.models import Message, Suppression

_KEY = OpenApiParameter("Idempotency-Key", str, "header", required=True)
_SENT = OpenApiExample(
    "Sent",
    {"id": 41, "state": "sent", "provider": "mailgun", "provider_message_id": "<8f1c@harbour.example>"},
    response_only=True,
    status_codes=["200"],
)
_QUEUED = OpenApiExample(
    "Waits its turn",
    {"id": 42, "state": "queued", "provider": "", "provider_message_id": ""},
    response_only=True,
    status_codes=["202"],
)
_ANSWERS = {
    200: serializers.SendResultSerializer,
    202: OpenApiResponse(
        serializers.SendResultSerializer, "Only the rate limit was in the way: it is sent as soon as that allows"
    ),
    **conflicts(
        NothingToSendBy("No e-mail integration is ready to be used."),
        ProviderRefused("550 5.1.1 No such user"),
        WantsNone("buyer@example.com is not written to: unsubscribed."),
        IdempotencyMismatch("This Idempotency-Key was used for another request. Take a new one."),
        InProgress("The first request with this Idempotency-Key is still being worked on."),
    ),
}
_DESCRIPTION = (
    "503 and 504 may be repeated with the same key: it is one message, and what was accepted is not sent twice."
)


def _post(request: Request, channel: str, values: dict[str, Any]) -> Response:
    integration = values.pop("integration")
    draft = services.Draft(channel=channel, key=_key(request), **values)
    with provider_errors_answered():
        message = services.post_message(draft, integration=integration, by=caller(request))
    is_sent = message.state == Message.State.SENT
    if not is_sent:
        jobs.wake()
    code = status.HTTP_200_OK if is_sent else status.HTTP_202_ACCEPTED
    return Response(serializers.SendResultSerializer(message).data, status=code)


def _key(request: Request) -> str:
    """The same for every try with one Idempotency-Key, so that a receiver can tell a repetition."""
    asked = f"{request.path}:{request.user.pk}:{request.headers['Idempotency-Key']}"
    return f"api:{hashlib.sha256(asked.encode()).hexdigest()}"


class EmailSendView(APIView):
    permission_classes = MANAGERS_ONLY
    throttle_scope = "send"

    @extend_schema(
        summary="Send an e-mail",
        description=_DESCRIPTION,
        parameters=[_KEY],
        request=serializers.EmailSerializer,
        responses=_ANSWERS,
        examples=[
            OpenApiExample(
                "Plain",
                request_only=True,
                value={"to": "buyer@example.com", "subject": "Keys", "text": "They are ready."},
            ),
            _SENT,
            _QUEUED,
        ],
    )
    @idempotent(required=True)
    def post(self, request: Request) -> Response:
        return _post(request, Message.Channel.EMAIL, parsed(serializers.EmailSerializer, request))


class SmsSendView(APIView):
    permission_classes = MANAGERS_ONLY
    throttle_scope = "send"

    @extend_schema(
        summary="Send a text",
        description=f"{_DESCRIPTION} After 504 it is found out first whether it was accepted.",
        parameters=[_KEY],
        request=serializers.SmsSerializer,
        responses=_ANSWERS,
        examples=[
            OpenApiExample("Plain", request_only=True, value={"to": "+12125550123", "text": "The keys are ready."}),
            _SENT,
            _QUEUED,
        ],
    )
    @idempotent(required=True)
    def post(self, request: Request) -> Response:
        return _post(request, Message.Channel.SMS, parsed(serializers.SmsSerializer, request))


class MessageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Message]):
    permission_classes = MANAGERS_ONLY
    queryset = Message.objects.none()
    filterset_class = MessageFilter
    page_orders = ("id", "created_at")

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.visible_to(self.request.user)

    def get_serializer_class(self) -> Any:
        return serializers.WholeMessageSerializer if self.action == "retrieve" else serializers.MessageSerializer

    @extend_schema(summary="The e-mails and texts, newest first, and what became of them")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One message with its text")
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)


class SuppressionViewSet(mixins.ListModelMixin, GenericViewSet[Suppression]):
    permission_classes = MANAGERS_ONLY
    queryset = Suppression.objects.none()
    serializer_class = serializers.SuppressionSerializer
    filterset_class = SuppressionFilter

    def get_queryset(self) -> QuerySet[Suppression]:
        return Suppression.objects.visible_to(self.request.user)

    @extend_schema(summary="The addresses that are not written to")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Write to an address no more",
        description="200 with the first suppression where there was one already.",
        request=serializers.NewSuppressionSerializer,
        responses={200: serializers.SuppressionSerializer, 201: serializers.SuppressionSerializer},
        examples=[
            OpenApiExample(
                "By word of mouth",
                request_only=True,
                value={
                    "channel": "sms",
                    "address": "+12125550123",
                    "reason": "stopped",
                    "detail": "Asked on the phone",
                },
            )
        ],
    )
    def create(self, request: Request) -> Response:
        values = parsed(serializers.NewSuppressionSerializer, request)
        kept, is_new = services.suppress_address(**values, by=caller(request))
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(serializers.SuppressionSerializer(kept).data, status=code)

    @extend_schema(summary="Let an address be written to again", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        services.lift_suppression(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
