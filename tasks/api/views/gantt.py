from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, BASELINE_TAKEN
from tasks.api.serializers.gantt import (
    BaselineSerializer,
    GanttQuerySerializer,
    GanttSerializer,
    NewBaselineSerializer,
    plain,
)
from tasks.api.views.access import InProject
from tasks.gantt import gantt
from tasks.models import Baseline, Project


class GanttView(InProject):
    """A project's plan."""

    @extend_schema(parameters=[GanttQuerySerializer], responses=GanttSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        """Every task with how early and how late it can be, what is critical, and how that compares with a baseline."""
        asked, project = queried(GanttQuerySerializer, request), self.project
        return Response(plain(gantt(project, baseline=baseline_of(project, asked.get("baseline")))))


def baseline_of(project: Project, pk: int | None) -> Baseline | None:
    """Raises Http404 for one that is not the project's."""
    return None if pk is None else get_object_or_404(project.baselines, pk=pk)


class BaselineListView(InProject, generics.ListAPIView[Baseline]):
    """How a project's plan once stood, the newest first."""

    queryset = Baseline.objects.none()
    serializer_class = BaselineSerializer

    def get_queryset(self) -> QuerySet[Baseline]:
        return self.project.baselines.annotate(task_count=Count("tasks"))

    @extend_schema(
        request=NewBaselineSerializer, responses={201: BaselineSerializer, **conflicts(BASELINE_TAKEN, ARCHIVED)}
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Keep the plan as it stands now."""
        project, asked = self.project, parsed(NewBaselineSerializer, request)
        kept = services.keep_baseline(project, **asked, by=caller(request))
        fresh = self.get_queryset().get(pk=kept.pk)
        return Response(BaselineSerializer(fresh).data, status=status.HTTP_201_CREATED)


class BaselineView(InProject, generics.RetrieveAPIView[Baseline]):
    """One of them; what was planned then is seen on the Gantt chart that is compared with it."""

    queryset = Baseline.objects.none()
    serializer_class = BaselineSerializer
    lookup_url_kwarg = "baseline_id"

    def get_queryset(self) -> QuerySet[Baseline]:
        return self.project.baselines.select_related("project").annotate(task_count=Count("tasks"))

    @extend_schema(responses={204: None, **conflicts(ARCHIVED)})
    def delete(self, request: Request, project_id: int, baseline_id: int) -> Response:
        """Forget it."""
        services.delete_baseline(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
