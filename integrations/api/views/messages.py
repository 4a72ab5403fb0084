"""Sending what the office has to say."""

import hashlib
from email.utils import parseaddr

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed
from estateman.common.api.idempotency import idempotent
from integrations import services
from integrations.api.errors import provider_errors_answered
from integrations.api.serializers import messages as serializers
from integrations.api.views.access import MANAGERS_ONLY


class EmailSendView(APIView):
    permission_classes = MANAGERS_ONLY

    @extend_schema(
        summary="Send an e-mail",
        description="503 and 504 may be repeated with the same key: the Message-ID stays the same.",
        parameters=[OpenApiParameter("Idempotency-Key", str, "header", required=True)],
        request=serializers.EmailSerializer,
        responses=serializers.SendResultSerializer,
        examples=[
            OpenApiExample(
                "Plain",
                request_only=True,
                value={"to": "buyer@example.com", "subject": "Keys", "text": "They are ready."},
            )
        ],
    )
    @idempotent(required=True)
    def post(self, request: Request) -> Response:
        message = parsed(serializers.EmailSerializer, request)
        with provider_errors_answered():
            result = services.send_email(**message, message_id=_message_id(request))
        return Response(serializers.SendResultSerializer(result).data)


def _message_id(request: Request) -> str:
    """The same for every try with one Idempotency-Key, so that a receiver can tell a repetition."""
    asked = f"{request.user.pk}:{request.headers['Idempotency-Key']}"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(asked.encode()).hexdigest()[:32]}@{domain}>"
