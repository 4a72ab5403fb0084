"""Connecting one's own account at a provider, and what can be seen with it."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller
from integrations import services
from integrations.accounts import reachable_by
from integrations.api.errors import NotConnected, ProviderRefused, provider_errors_answered
from integrations.api.serializers import consents as serializers
from integrations.models import Grant, Integration


def _reachable(request: Request, pk: int) -> Integration:
    return get_object_or_404(reachable_by(caller(request)), pk=pk)


class ConnectView(APIView):
    @extend_schema(
        summary="Connect my account",
        description=(
            "Where people have accounts of their own, Google Calendar or Outlook, all staff may; elsewhere, those who "
            "manage integrations. Answers the vendor's page. It has to be opened, within ten minutes, in a browser "
            "where the caller is signed in here; the vendor sends them back, and they land on `return_to`."
        ),
        request=serializers.ConnectSerializer,
        responses={
            200: serializers.ConsentPageSerializer,
            **conflicts(services.CannotConnect("Office mail works without anybody's account.")),
        },
        examples=[
            OpenApiExample("Back to the inbox", {"return_to": "/inbox"}, request_only=True),
            OpenApiExample(
                "Google",
                {
                    "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=…",
                    "redirect_uri": "https://office.example.com/integrations/oauth/callback",
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        asked = parsed(serializers.ConnectSerializer, request)
        address = services.ask_consent(_reachable(request, pk), return_to=asked["return_to"], by=caller(request))
        answer = {"authorize_url": address, "redirect_uri": services.redirect_uri()}
        return Response(serializers.ConsentPageSerializer(answer).data)


class GrantViewSet(GenericViewSet[Grant]):
    queryset = Grant.objects.none()
    serializer_class = serializers.GrantSerializer
    pagination_class = None
    lookup_field = "user__id"
    lookup_url_kwarg = "user_id"

    def get_queryset(self) -> QuerySet[Grant]:
        integration = _reachable(self.request, self.kwargs["pk"])
        return integration.grants.visible_to(self.request.user).select_related("user", "integration").order_by("pk")

    @extend_schema(
        summary="Who connected their account",
        description="Everybody, for those who manage integrations; else oneself.",
        responses=whole_list_of("Grants", serializers.GrantSerializer(many=True)),
    )
    def list(self, request: Request, pk: int) -> Response:
        return whole_list(serializers.GrantSerializer(self.get_queryset(), many=True).data)

    @extend_schema(
        summary="Disconnect somebody's account",
        description="Its tokens are forgotten, and the vendor is told where it can be.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: int, user_id: int) -> Response:
        services.revoke_grant(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RemoteCalendarList(APIView):
    @extend_schema(
        summary="The calendars at the provider",
        description="Those of the caller's own account, where people connect theirs. Remembered for a minute.",
        responses={
            200: whole_list_of("RemoteCalendars", serializers.RemoteCalendarSerializer(many=True)),
            **conflicts(
                services.KeepsNoCalendars("Office mail keeps no calendars."),
                NotConnected("You have not connected an account to Google yet."),
                ProviderRefused("404: Not Found"),
            ),
        },
    )
    def get(self, request: Request, pk: int) -> Response:
        with provider_errors_answered():
            found = services.list_calendars(_reachable(request, pk), by=caller(request))
        return whole_list(serializers.RemoteCalendarSerializer(found, many=True).data)
