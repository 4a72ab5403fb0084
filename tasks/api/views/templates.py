from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, CYCLE, FULL
from tasks.api.serializers.templates import (
    AppliedSerializer,
    ApplySerializer,
    TemplateSerializer,
    WholeTemplateSerializer,
)
from tasks.models import ProjectTemplate


class TemplateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ProjectTemplate]):
    """Plans to start a deal with."""

    queryset = ProjectTemplate.objects.offered()
    filterset_fields = ("kind",)
    page_order = "name"
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[ProjectTemplate]:
        offered = ProjectTemplate.objects.offered()
        return offered.whole() if self.action == "retrieve" else offered

    def get_serializer_class(self) -> type[serializers.BaseSerializer[ProjectTemplate]]:
        return WholeTemplateSerializer if self.action == "retrieve" else TemplateSerializer

    @extend_schema(
        request=ApplySerializer,
        responses={
            201: AppliedSerializer,
            200: AppliedSerializer,
            **conflicts(FULL, CYCLE, ARCHIVED),
        },
    )
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Give a project the template's tasks. A second time changes nothing and answers 200."""
        template, asked = self.get_object(), parsed(ApplySerializer, request)
        applied, is_new = services.apply_template(template, **asked, by=caller(request))
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(AppliedSerializer(applied).data, status=code)
