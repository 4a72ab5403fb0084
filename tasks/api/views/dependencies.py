from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, CYCLE, LINKED, TOO_LONG, UNLINKED
from tasks.api.serializers.tasks import DependencyChangeSerializer, DependencySerializer, NewDependencySerializer
from tasks.api.views.access import OfTask
from tasks.models import TaskDependency


class DependencyListView(OfTask, generics.ListAPIView[TaskDependency]):
    """What a task waits for (it is the successor), and what waits for it."""

    queryset = TaskDependency.objects.none()
    serializer_class = DependencySerializer
    page_order = "id"

    def get_queryset(self) -> QuerySet[TaskDependency]:
        return TaskDependency.objects.touching(self.task.pk).select_related("successor")

    @extend_schema(
        request=NewDependencySerializer,
        responses={201: DependencySerializer, **conflicts(CYCLE, LINKED, TOO_LONG, ARCHIVED)},
    )
    def post(self, request: Request, task_id: int) -> Response:
        """Make it wait for ``predecessor``, a task of the same project."""
        task, asked = self.task, parsed(NewDependencySerializer, request)
        link = services.add_dependency(task, **asked, by=caller(request))
        return Response(DependencySerializer(link).data, status=status.HTTP_201_CREATED)


class DependencyView(OfTask, generics.GenericAPIView[TaskDependency]):
    """One dependency of a task."""

    queryset = TaskDependency.objects.none()
    serializer_class = DependencySerializer
    lookup_url_kwarg = "dependency_id"

    def get_queryset(self) -> QuerySet[TaskDependency]:
        touching = TaskDependency.objects.touching(self.task.pk)
        return touching.select_related("predecessor", "successor__project")

    @extend_schema(
        request=DependencyChangeSerializer,
        responses={200: DependencySerializer, **conflicts(UNLINKED, TOO_LONG, ARCHIVED)},
    )
    def patch(self, request: Request, task_id: int, dependency_id: int) -> Response:
        """Let the two hang together by another type or with another lag."""
        link, changes = self.get_object(), parsed(DependencyChangeSerializer, request, partial=True)
        services.change_dependency(link, **changes, by=caller(request))
        return Response(DependencySerializer(link).data)

    @extend_schema(responses={204: None, **conflicts(UNLINKED, ARCHIVED)})
    def delete(self, request: Request, task_id: int, dependency_id: int) -> Response:
        """Let the successor wait for the predecessor no longer."""
        services.remove_dependency(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
