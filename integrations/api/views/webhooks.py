"""What vendors tell us: where they tell it, and what became of it."""

from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import ConflictSerializer, conflicts
from estateman.common.api.negotiation import AnyAnswerWillDo
from estateman.people.auth import caller
from integrations.api.filters import WebhookEventFilter
from integrations.api.pages import WebhookPages
from integrations.api.raw_requests import FORM, JSON, read_raw, refusals_answered
from integrations.api.serializers import webhooks as serializers
from integrations.api.views.access import MANAGERS_ONLY
from integrations.jobs import webhooks as jobs
from integrations.models import WebhookEvent
from integrations.services.webhooks import receive, require_webhooks_of
from integrations.services.webhooks_replay import (
    MOST_AT_ONCE,
    Matching,
    StillWaiting,
    TooManyToReplay,
    replay_event,
    replay_events,
)

_REFUSED = OpenApiResponse(ConflictSerializer, description="Nothing proves who sent it (`webhook_refused`)")
_TOLD = {
    "description": "No token and no session: a vendor proves itself by a secret that is kept for the integration. "
    "The body is stored and answered at once, and processed a moment later. Told again it changes nothing.",
    "request": {JSON: OpenApiTypes.OBJECT, FORM: OpenApiTypes.OBJECT},
    "responses": {
        (200, "text/plain"): OpenApiResponse(str, description="Kept; or the answer to a vendor's handshake"),
        403: _REFUSED,
        404: OpenApiResponse(ConflictSerializer, description="Nothing is set up that it could be for"),
        413: OpenApiResponse(ConflictSerializer, description="Longer than 1 MiB (`too_large`)"),
        503: OpenApiResponse(ConflictSerializer, description="What would prove it can't be fetched now"),
    },
}


class WebhookIntakeView(APIView):
    """Open to everybody: what is not proven is refused."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = ()
    content_negotiation_class = AnyAnswerWillDo
    throttle_scope = "webhooks"

    @extend_schema(summary="Where the vendor of this type tells us things", **_TOLD)  # type: ignore[arg-type]
    def post(self, request: Request, type: str) -> HttpResponse:  # noqa: A002  the contract's word in the path
        return self.take(request, type)

    def take(self, request: Request, provider: str, uuid: UUID | None = None) -> HttpResponse:
        with refusals_answered():
            require_webhooks_of(provider)
            answer = receive(provider, uuid, read_raw(request._request))
        jobs.wake()
        # Never sniffed: a handshake's answer echoes what a stranger sent.
        plain = {"X-Content-Type-Options": "nosniff"}
        return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type, headers=plain)


class OneWebhookIntakeView(WebhookIntakeView):
    """The same for one integration, where several have the same provider."""

    @extend_schema(
        summary="Where the vendor tells us things about one integration",
        operation_id="integrations_webhooks_create_for_one",
        **_TOLD,  # type: ignore[arg-type]
    )
    def post(self, request: Request, type: str, uuid: UUID) -> HttpResponse:  # type: ignore[override]  # noqa: A002
        return self.take(request, type, uuid)


class WebhookEventViewSet(GenericViewSet[WebhookEvent]):
    permission_classes = MANAGERS_ONLY
    queryset = WebhookEvent.objects.none()
    serializer_class = serializers.WebhookEventSerializer
    filterset_class = WebhookEventFilter
    pagination_class = WebhookPages
    page_order = "-received_at"
    page_orders = ("id", "received_at")

    def get_queryset(self) -> QuerySet[WebhookEvent]:
        return WebhookEvent.objects.visible_to(self.request.user).select_related("integration")

    @extend_schema(summary="What vendors told us, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        answer = self.get_paginated_response(serializers.WebhookEventSerializer(page, many=True).data)
        answer.data["counts"] = self._counts(request)
        return answer

    def _counts(self, request: Request) -> dict[str, int]:
        """How many are in each state, narrowed by all that was asked for but the state."""
        asked = request.query_params.copy()
        asked.pop("status", None)
        events = WebhookEventFilter(asked, self.get_queryset().order_by()).qs
        found = dict(events.values_list("status").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in WebhookEvent.State.values}

    @extend_schema(
        summary="One thing that a vendor told us, with every try", responses=serializers.WholeWebhookEventSerializer
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(serializers.WholeWebhookEventSerializer(self.get_object()).data)

    @extend_schema(
        summary="Process it once more",
        description="It stays the same event; the try is marked as a replay and does not count in health.",
        request=None,
        responses={
            200: serializers.WholeWebhookEventSerializer,
            **conflicts(StillWaiting("It waits for its turn already, or is being processed right now.")),
        },
    )
    def replay(self, request: Request, pk: int) -> Response:
        event = replay_event(self.get_object(), by=caller(request))
        jobs.wake()
        return Response(serializers.WholeWebhookEventSerializer(event).data)


class WebhookReplayView(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="Process many once more",
        operation_id="integrations_webhooks_replay_many",
        description=f"By `ids`, by `filter`, or by both; at most {MOST_AT_ONCE} at once.",
        request=serializers.ReplaySerializer,
        responses={
            200: serializers.ReplayedSerializer,
            **conflicts(
                TooManyToReplay("4711 events match; at most 1000 are replayed at once.", matches=4711, most=1000)
            ),
        },
        examples=[
            OpenApiExample("Some", {"ids": [41, 42]}, request_only=True),
            OpenApiExample(
                "What was given up since noon",
                {"filter": {"integration": 3, "status": "dead", "received_from": "2026-05-04T12:00:00Z"}},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        asked = parsed(serializers.ReplaySerializer, request)
        matching = Matching(ids=asked.get("ids"), **asked.get("filter", {}))
        events = matching.among(WebhookEvent.objects.visible_to(request.user))
        replayed = replay_events(events, by=caller(request))
        jobs.wake()
        return Response(serializers.ReplayedSerializer({"replayed": replayed}).data)
