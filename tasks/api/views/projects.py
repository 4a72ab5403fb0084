from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, FULL, STALE, TEMPLATE_CYCLE, TOO_LONG
from tasks.api.filters import ProjectFilter
from tasks.api.serializers.projects import (
    NewProjectSerializer,
    ProjectChangeSerializer,
    ProjectSerializer,
)
from tasks.models import Project

_NEW_DEAL = OpenApiExample(
    "A listing from a template",
    {
        "name": "12 Quay Street",
        "kind": "listing",
        "address": "12 Quay Street, Portland, ME 04101",
        "starts_on": "2026-05-04",
        "template": 1,
        "roles": {"listing_agent": 3, "coordinator": 8, "marketing": 12},
    },
    request_only=True,
)


class ProjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Project]):
    """Deals and other projects that I may see."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilter
    page_order = "-id"
    page_orders = ("id", "name", "starts_on")
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Project]:
        user = caller(self.request)
        visible = Project.objects.visible_to(user).with_progress().with_star_of(user)
        hide_archive = self.action == "list" and "archived" not in self.request.query_params
        return visible.current() if hide_archive else visible

    @extend_schema(
        request=NewProjectSerializer,
        responses={201: ProjectSerializer, **conflicts(TEMPLATE_CYCLE)},
        examples=[_NEW_DEAL],
    )
    def create(self, request: Request) -> Response:
        """Open a project; with ``template`` its tasks are there at once, given by ``roles``."""
        project = services.open_project(**parsed(NewProjectSerializer, request), by=caller(request))
        return self._answer(project, status.HTTP_201_CREATED)

    @extend_schema(
        request=ProjectChangeSerializer,
        responses={200: ProjectSerializer, **conflicts(STALE, ARCHIVED, FULL, TOO_LONG, TEMPLATE_CYCLE)},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what it is called, where it stands, who sees it."""
        project = self.get_object()
        changes = parsed(ProjectChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.edit_project(project, by=caller(request), changes=changes, version=version)
        return self._answer(project)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Archive it: out of the lists and out of work, with all it has."""
        services.archive_project(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=ProjectSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Take it out of the archive."""
        return self._answer(services.restore_project(self.get_object(), by=caller(request)))

    @extend_schema(request=None, responses=ProjectSerializer)
    @action(detail=True, methods=["post"])
    def star(self, request: Request, pk: str) -> Response:
        """Keep it at the top of my list; a second time changes nothing."""
        return self._answer(services.star_project(self.get_object(), by=caller(request)))

    @extend_schema(responses={204: None})
    @star.mapping.delete
    def unstar(self, request: Request, pk: str) -> Response:
        """Keep it there no longer."""
        services.unstar_project(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, project: Project, code: int = status.HTTP_200_OK) -> Response:
        """The project as it stands now, also for those who have just left it or made it private."""
        shown = Project.objects.with_progress().with_star_of(caller(self.request))
        fresh = get_object_or_404(shown, pk=project.pk)
        return Response(ProjectSerializer(fresh).data, status=code)
