from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, FULL, TOO_LONG
from tasks.api.serializers.tasks import DeletedTaskSerializer, WholeTaskSerializer
from tasks.api.views.access import InProject
from tasks.api.views.tasks import answer
from tasks.models import Task


class DeletedTasksView(InProject, generics.ListAPIView[Task]):
    """The tasks of a project that were deleted, the last one first."""

    queryset = Task.every.none()
    serializer_class = DeletedTaskSerializer
    page_order = "-deleted_at"

    def get_queryset(self) -> QuerySet[Task]:
        return Task.every.filter(project=self.project, deleted_at__isnull=False).select_related("column")


class RestoreTaskView(APIView):
    """Bringing a deleted task back."""

    @extend_schema(request=None, responses={200: WholeTaskSerializer, **conflicts(FULL, TOO_LONG, ARCHIVED)})
    def post(self, request: Request, task_id: int) -> Response:
        """For whoever may delete it; it stands at the end of its column. One that is there stays as it is."""
        visible = Task.every.visible_to(caller(request)).select_related("project")
        task = get_object_or_404(visible, pk=task_id)
        return answer(services.restore_task(task, by=caller(request)))
