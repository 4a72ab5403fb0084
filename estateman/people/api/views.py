from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiExample, extend_schema
from knox.models import AuthToken
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.filters import SearchFilter
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people import login_throttle, services, sessions
from estateman.people.api.serializers import (
    LoginSerializer,
    MembershipSerializer,
    MemberToRemoveSerializer,
    ProfileSerializer,
    SignedInSerializer,
    TeamChangeSerializer,
    TeamSerializer,
    TokenSerializer,
    UserSerializer,
)
from estateman.people.auth import caller
from estateman.people.models import Team, User


class LoginView(APIView):
    """Sign in for a bearer token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "auth"

    def get_authenticate_header(self, request: Request) -> str:
        """Without it a wrong password would be 403."""
        return "Bearer"

    @extend_schema(
        request=LoginSerializer,
        responses=SignedInSerializer,
        examples=[
            OpenApiExample("Sign in", {"email": "agent@example.com", "password": "…"}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Exchange e-mail and password for a token."""
        asked = parsed(LoginSerializer, request)
        email, password = asked["email"], asked["password"]
        if wait := login_throttle.seconds_to_wait(request._request, email):
            raise Throttled(wait, "Too many wrong passwords.")
        user = authenticate(request._request, username=email, password=password)
        if user is None:
            raise AuthenticationFailed("This e-mail and password do not go together.")
        row, token = AuthToken.objects.create(user)
        return Response(SignedInSerializer({"token": token, "expires_at": row.expiry, "user": user}).data)


class LogoutView(APIView):
    """Sign out."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Revoke the token this request came with, or end its session."""
        if isinstance(request.auth, AuthToken):
            sessions.revoke_token(request.auth)
        else:
            sessions.end_session(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutAllView(APIView):
    """Sign out everywhere."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Revoke every token of mine and end my sessions."""
        sessions.sign_out_everywhere(caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenViewSet(mixins.DestroyModelMixin, viewsets.GenericViewSet[AuthToken]):
    """My tokens."""

    serializer_class = TokenSerializer
    pagination_class = None
    lookup_field = "token_key"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-z]+"
    queryset = AuthToken.objects.none()

    def get_queryset(self) -> QuerySet[AuthToken]:
        tokens: QuerySet[AuthToken] = AuthToken.objects.filter(user=caller(self.request)).order_by("-created")
        return tokens

    @extend_schema(responses=whole_list_of("Tokens", TokenSerializer(many=True)))
    def list(self, request: Request) -> Response:
        """When each was made and until when it is good."""
        return whole_list(self.get_serializer(self.get_queryset(), many=True).data)

    def perform_destroy(self, instance: AuthToken) -> None:
        sessions.revoke_token(instance)


class UserViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[User]):
    """Everyone who works here."""

    queryset = User.objects.all()
    serializer_class = UserSerializer
    filterset_fields = ("role", "is_active")
    filter_backends = [DjangoFilterBackend, SearchFilter]
    search_fields = ("name", "email")
    page_order = "name"
    page_orders = ("name", "email", "id")
    lookup_value_regex = r"\d+"

    @extend_schema(methods=["get"], responses=UserSerializer)
    @extend_schema(methods=["patch"], request=ProfileSerializer, responses=UserSerializer)
    @action(detail=False, methods=["get", "patch"], pagination_class=None, filterset_fields=(), filter_backends=())
    def me(self, request: Request) -> Response:
        """Myself; PATCH changes name, time zone, phone or locale."""
        if request.method == "PATCH":
            changes = parsed(ProfileSerializer, request, partial=True)
            services.change_profile(caller(request), version=changes.pop("version", None), changes=changes)
        return Response(UserSerializer(caller(request)).data)


class TeamViewSet(viewsets.GenericViewSet[Team], mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """The office's teams."""

    queryset = Team.objects.prefetch_related("memberships__user")
    serializer_class = TeamSerializer
    page_order = "name"
    lookup_value_regex = r"\d+"

    @extend_schema(responses={201: TeamSerializer})
    def create(self, request: Request) -> Response:
        """Found a team."""
        team = services.create_team(**parsed(TeamSerializer, request), by=caller(request))
        return Response(TeamSerializer(team).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TeamChangeSerializer, responses=TeamSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a team."""
        team = self.get_object()
        asked = parsed(TeamChangeSerializer, request)
        services.rename_team(team, **{"name": team.name, **asked}, by=caller(request))
        return Response(TeamSerializer(team).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Dissolve a team; its people stay."""
        services.delete_team(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(methods=["post"], request=MembershipSerializer, responses=TeamSerializer)
    @extend_schema(methods=["delete"], parameters=[MemberToRemoveSerializer], responses={204: None})
    @action(detail=True, methods=["post", "delete"])
    def members(self, request: Request, pk: str) -> Response:
        """POST puts somebody in (or makes them the lead); DELETE ``?user=`` takes them out."""
        team = self.get_object()
        if request.method == "DELETE":
            services.remove_team_member(team, **queried(MemberToRemoveSerializer, request), by=caller(request))
            return Response(status=status.HTTP_204_NO_CONTENT)
        services.add_team_member(team, **parsed(MembershipSerializer, request), by=caller(request))
        return Response(TeamSerializer(get_object_or_404(self.get_queryset(), pk=team.pk)).data)
