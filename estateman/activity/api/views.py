import django_filters
from rest_framework import mixins, viewsets
from rest_framework.exceptions import NotFound

from estateman.activity.api.serializers import ActivitySerializer
from estateman.activity.models import Activity, ActivityQuerySet
from estateman.common.api.moments import MomentFilter
from estateman.common.rooms import may_enter, rooms_of


class ActivityFilter(django_filters.FilterSet):
    room = django_filters.CharFilter(method="filter_room", help_text="One room that you may enter, like project:12")
    since = MomentFilter(field_name="at", lookup_expr="gte")

    class Meta:
        model = Activity
        fields = ("room", "kind", "actor", "since")

    def filter_room(self, activities: ActivityQuerySet, name: str, room: str) -> ActivityQuerySet:
        if not may_enter(self.request.user, room):
            raise NotFound
        return activities.in_rooms([room])


class ActivityViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Activity]):
    """What happened lately in the rooms that I may enter."""

    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilter
    page_order = "-id"

    def get_queryset(self) -> ActivityQuerySet:
        seen = Activity.objects.in_rooms(rooms_of(self.request.user))
        return seen.select_related("actor").prefetch_related("rooms")
