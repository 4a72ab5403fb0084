from django.db.models import QuerySet
from rest_framework import generics

from estateman.activity.api.serializers import ActivitySerializer
from estateman.activity.api.views import ActivityFilter
from estateman.activity.models import Activity
from estateman.common.rooms import room_of
from tasks.api.views.access import InProject


class InProjectFilter(ActivityFilter):
    """The room is the project's."""

    room = None  # django-filter's way to take a filter away

    class Meta:
        model = Activity
        fields = ("kind", "actor", "since")


class ProjectActivityView(InProject, generics.ListAPIView[Activity]):
    """What happened in a project, the latest first."""

    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer
    filterset_class = InProjectFilter
    page_order = "-id"

    def get_queryset(self) -> QuerySet[Activity]:
        seen = Activity.objects.in_rooms([room_of(self.project)])
        return seen.select_related("actor").prefetch_related("rooms")
