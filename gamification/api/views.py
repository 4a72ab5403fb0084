from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.people.auth import caller
from estateman.people.models import User
from gamification.api.examples import EXPLANATION, MY_PROFILE
from gamification.api.serializers import (
    ExplanationSerializer,
    LedgerEntrySerializer,
    MyProfileSerializer,
    PublicProfileSerializer,
    StandingSerializer,
)
from gamification.explanation import BEHIND
from gamification.models import Achievement, Currency, LedgerEntry
from gamification.permissions import can_read_ledger
from gamification.profile import profile, standings


class MyProfileView(generics.GenericAPIView[Any]):
    """What I have earned."""

    serializer_class = MyProfileSerializer

    @extend_schema(examples=[MY_PROFILE])
    def get(self, request: Request) -> Response:
        """My score, coins, awards, and what I can reach next."""
        return Response(MyProfileSerializer(profile(caller(request))).data)


class MemberProfileView(generics.GenericAPIView[Any]):
    """What a colleague has earned."""

    queryset = User.objects.filter(is_active=True)
    serializer_class = PublicProfileSerializer

    def get(self, request: Request, pk: int) -> Response:
        """A colleague's score and awards."""
        return Response(PublicProfileSerializer(profile(self.get_object())).data)


class AchievementListView(generics.GenericAPIView[Any]):
    """What there is to earn."""

    queryset = Achievement.objects.offered()
    serializer_class = StandingSerializer
    page_order = "key"

    @extend_schema(responses=StandingSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All achievements, with my progress in the current period."""
        page = self.paginate_queryset(self.get_queryset()) or []
        mine = standings(caller(request), page)
        return self.get_paginated_response([StandingSerializer(each).data for each in mine])


class AchievementView(generics.GenericAPIView[Any]):
    """One thing to earn."""

    queryset = Achievement.objects.offered()
    serializer_class = StandingSerializer

    def get(self, request: Request, pk: int) -> Response:
        """One achievement, with my progress in the current period."""
        (mine,) = standings(caller(request), [self.get_object()])
        return Response(StandingSerializer(mine).data)


class LedgerFilter(filters.FilterSet):
    member = filters.ModelChoiceFilter(
        queryset=User.objects.all(),
        help_text="Whose ledger; without it mine. Others' are for those who lead the office",
    )
    currency = filters.ChoiceFilter(choices=Currency.choices)
    since = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = LedgerEntry
        fields = ("member", "currency", "since")

    def filter_queryset(self, entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
        member = self.form.cleaned_data["member"] or self.request.user
        if not can_read_ledger(self.request.user, member.pk):
            raise PermissionDenied
        mine: QuerySet[LedgerEntry] = super().filter_queryset(entries)
        return mine.filter(member=member)


class LedgerView(generics.ListAPIView[LedgerEntry]):
    """Every movement of points, the latest first."""

    queryset = LedgerEntry.objects.select_related("event")
    serializer_class = LedgerEntrySerializer
    filterset_class = LedgerFilter
    page_order = "-id"


class ExplanationView(generics.GenericAPIView[LedgerEntry]):
    """Why an entry is in the ledger."""

    queryset = LedgerEntry.objects.none()
    serializer_class = ExplanationSerializer

    def get_queryset(self) -> QuerySet[LedgerEntry]:
        return LedgerEntry.objects.visible_to(caller(self.request)).select_related(*BEHIND)

    @extend_schema(examples=[EXPLANATION])
    def get(self, request: Request, pk: int) -> Response:
        """From a ledger entry back to the act, its metric, and the award it reached."""
        return Response(ExplanationSerializer(self.get_object()).data)
