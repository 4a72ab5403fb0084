from django.db.models import QuerySet
from rest_framework import generics

from tasks.api.serializers.date_changes import DateChangeSerializer
from tasks.api.views.access import OfTask
from tasks.models import DateChange


class DateChangeListView(OfTask, generics.ListAPIView[DateChange]):
    """Why a task stands on the days it does: each change, and what caused it, the newest first."""

    queryset = DateChange.objects.none()
    serializer_class = DateChangeSerializer
    page_order = "-id"

    def get_queryset(self) -> QuerySet[DateChange]:
        return self.task.date_changes.select_related("caused_by_task", "caused_by_key_date", "by")
