from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, FULL, STALE, TEMPLATE_CYCLE, TEMPLATE_GONE, TEMPLATE_KEY_TAKEN
from tasks.api.filters import TemplateFilter
from tasks.api.serializers.templates import (
    AppliedSerializer,
    ApplySerializer,
    CopyTemplateSerializer,
    NewTemplateSerializer,
    SaveAsTemplateSerializer,
    TemplateChangeSerializer,
    TemplateSerializer,
    WholeTemplateSerializer,
)
from tasks.api.views.access import InProject
from tasks.models import ProjectTemplate

_NEW_TEMPLATE = OpenApiExample(
    "Photos before the MLS",
    {
        "name": "Quick listing",
        "kind": "listing",
        "key_dates": [{"kind": "listing_live", "name": "Listing live", "rule": {"days": 0, "after_task": "mls"}}],
        "tasks": [
            {"key": "photos", "name": "Photos", "role": "marketing", "labels": ["marketing"]},
            {
                "key": "mls",
                "name": "Enter it into the MLS",
                "role": "coordinator",
                "checklist": [{"text": "Second pair of eyes", "is_required": True}],
            },
            {
                "key": "review",
                "name": "Review the price",
                "role": "listing_agent",
                "rule": {"days": 21, "after_key_date": "Listing live", "weekend_roll": "forward"},
            },
        ],
        "dependencies": [{"predecessor": "photos", "successor": "mls", "type": "FS", "lag_days": 1}],
    },
    request_only=True,
)


class TemplateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ProjectTemplate]):
    """Plans to start a deal with."""

    queryset = ProjectTemplate.objects.none()
    filterset_class = TemplateFilter
    page_order = "name"
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[ProjectTemplate]:
        visible = ProjectTemplate.objects.visible_to(caller(self.request))
        by_default = self.action == "list" and "active" not in self.request.query_params
        return visible.offered() if by_default or self.action == "apply" else visible

    def get_serializer_class(self) -> type[serializers.BaseSerializer[ProjectTemplate]]:
        return TemplateSerializer if self.action == "list" else WholeTemplateSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The whole of it. Those out of use are the office's leaders' to see."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        request=NewTemplateSerializer,
        responses={201: WholeTemplateSerializer, **conflicts(TEMPLATE_KEY_TAKEN, TEMPLATE_CYCLE)},
        examples=[_NEW_TEMPLATE],
    )
    def create(self, request: Request) -> Response:
        """Make a template: the office's leaders do. Tasks that go round in a circle are refused with their keys."""
        template = services.create_template(**parsed(NewTemplateSerializer, request), by=caller(request))
        return _answer(template, status.HTTP_201_CREATED)

    @extend_schema(
        request=TemplateChangeSerializer,
        responses={200: WholeTemplateSerializer, **conflicts(STALE, TEMPLATE_CYCLE, TEMPLATE_GONE)},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, for deals to come: of key dates, tasks and dependencies what is given replaces all there were."""
        template, changes = self.get_object(), parsed(TemplateChangeSerializer, request)
        version = changes.pop("version", None)
        return _answer(services.edit_template(template, by=caller(request), changes=changes, version=version))

    @extend_schema(responses={204: None, **conflicts(TEMPLATE_GONE)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove it. One that deals were planned with is taken out of use instead, and stays to be looked up."""
        services.delete_template(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=CopyTemplateSerializer, responses={201: WholeTemplateSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: str) -> Response:
        """A copy to be changed. It is never applied by itself until it says so."""
        template, asked = self.get_object(), parsed(CopyTemplateSerializer, request)
        return _answer(services.duplicate_template(template, **asked, by=caller(request)), status.HTTP_201_CREATED)

    @extend_schema(
        request=ApplySerializer,
        responses={
            201: AppliedSerializer,
            200: AppliedSerializer,
            **conflicts(FULL, TEMPLATE_CYCLE, ARCHIVED, TEMPLATE_GONE),
        },
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Give a project the template's key dates and tasks. A second time changes nothing and answers 200."""
        template, asked = self.get_object(), parsed(ApplySerializer, request)
        applied, is_new = services.apply_template(template, **asked, by=caller(request))
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(AppliedSerializer(applied).data, status=code)


class SaveAsTemplateView(InProject, APIView):
    """A deal that went well, as a template."""

    @extend_schema(
        request=SaveAsTemplateSerializer,
        responses={201: WholeTemplateSerializer, **conflicts(TEMPLATE_CYCLE)},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Keep its plan for deals to come: key dates, rules, tasks, checklists, dependencies; not days and people."""
        project, asked = self.project, parsed(SaveAsTemplateSerializer, request)
        return _answer(services.save_as_template(project, **asked, by=caller(request)), status.HTTP_201_CREATED)


def _answer(template: ProjectTemplate, code: int = status.HTTP_200_OK) -> Response:
    return Response(WholeTemplateSerializer(template).data, status=code)
