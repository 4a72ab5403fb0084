from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, FOLLOWED, KEY_DATE_GONE, KEY_DATE_TAKEN, STALE, TOO_LONG
from tasks.api.serializers.key_dates import (
    ChangesSerializer,
    KeyDateChangeSerializer,
    KeyDateMovesSerializer,
    KeyDateSerializer,
    MovedKeyDateSerializer,
    NewKeyDateSerializer,
    PreviewSerializer,
    RemovalSerializer,
)
from tasks.api.views.access import InProject
from tasks.models import KeyDate
from tasks.services import Move

_CLOSING = OpenApiExample("Closing", {"kind": "closing", "on": "2026-06-15"}, request_only=True)
_PUT_OFF = OpenApiExample("Put off by two days", {"on": "2026-06-17", "version": 1}, request_only=True)


class KeyDateListView(InProject, generics.ListAPIView[KeyDate]):
    """The days that a deal turns on, in their order; those not known yet come last."""

    queryset = KeyDate.objects.none()
    serializer_class = KeyDateSerializer
    page_order = "day_order"

    def get_queryset(self) -> QuerySet[KeyDate]:
        return self.project.key_dates.for_display()

    @extend_schema(
        request=NewKeyDateSerializer,
        responses={201: KeyDateSerializer, **conflicts(KEY_DATE_TAKEN, ARCHIVED)},
        examples=[_CLOSING],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Add one; its day may still be open."""
        project, asked = self.project, parsed(NewKeyDateSerializer, request)
        key_date = services.add_key_date(project, **asked, by=caller(request))
        return Response(KeyDateSerializer(_fresh(key_date)).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="projects_key_dates_move",
        request=KeyDateMovesSerializer,
        parameters=[PreviewSerializer],
        responses={200: ChangesSerializer, **conflicts(STALE, KEY_DATE_TAKEN, KEY_DATE_GONE, TOO_LONG, ARCHIVED)},
    )
    def patch(self, request: Request, project_id: int) -> Response:
        """Change several at once, or say what that would change."""
        project, asked = self.project, queried(PreviewSerializer, request)
        wanted = parsed(KeyDateMovesSerializer, request)["key_dates"]
        moves = [Move(each.pop("id"), version=each.pop("version", None), changes=each) for each in wanted]
        changes = services.move_key_dates(project, moves=moves, by=caller(request), **asked)
        return Response(ChangesSerializer({"changes": changes}).data)


class KeyDateView(InProject, generics.RetrieveAPIView[KeyDate]):
    """One day that a deal turns on."""

    queryset = KeyDate.objects.none()
    serializer_class = KeyDateSerializer
    lookup_url_kwarg = "key_date_id"

    def get_queryset(self) -> QuerySet[KeyDate]:
        return self.project.key_dates.for_display().select_related("project", "date_rule")

    @extend_schema(
        request=KeyDateChangeSerializer,
        parameters=[PreviewSerializer],
        responses={
            200: MovedKeyDateSerializer,
            **conflicts(STALE, KEY_DATE_TAKEN, KEY_DATE_GONE, TOO_LONG, ARCHIVED),
        },
        examples=[_PUT_OFF],
    )
    def patch(self, request: Request, project_id: int, key_date_id: int) -> Response:
        """Change it, and all days that hang off it; with ``preview`` only say what would change.

        A day given by hand overrides its rule; ``is_overridden: false`` gives it back. ``met_on`` is the day it really
        happened, from which everything counts then.
        """
        key_date, asked = self.get_object(), queried(PreviewSerializer, request)
        changes = parsed(KeyDateChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        moved = services.change_key_date(key_date, by=caller(request), changes=changes, version=version, **asked)
        return Response({**KeyDateSerializer(key_date).data, **ChangesSerializer({"changes": moved}).data})

    @extend_schema(
        parameters=[RemovalSerializer], responses={204: None, **conflicts(FOLLOWED, KEY_DATE_GONE, TOO_LONG, ARCHIVED)}
    )
    def delete(self, request: Request, project_id: int, key_date_id: int) -> Response:
        """Take it off the deal. What counts from it has to be released first, or with it."""
        asked = queried(RemovalSerializer, request)
        services.remove_key_date(self.get_object(), by=caller(request), **asked)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecountView(InProject):
    """All days of a project, counted anew."""

    @extend_schema(
        request=None,
        parameters=[PreviewSerializer],
        responses={200: ChangesSerializer, **conflicts(TOO_LONG, ARCHIVED)},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """By its rules and its schedule, as calendars and profiles are now; with ``preview`` only say what changes."""
        asked = queried(PreviewSerializer, request)
        changes = services.recount_project(self.project, by=caller(request), **asked)
        return Response(ChangesSerializer({"changes": changes}).data)


def _fresh(key_date: KeyDate) -> KeyDate:
    return get_object_or_404(KeyDate.objects.for_display(), pk=key_date.pk)
