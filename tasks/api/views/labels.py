from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, LABEL_GONE, LABEL_TAKEN
from tasks.api.serializers.projects import LabelInputSerializer, LabelSerializer
from tasks.api.views.access import InProject
from tasks.models import Label


class LabelListView(InProject, generics.ListAPIView[Label]):
    """The labels of a project's tasks."""

    queryset = Label.objects.none()
    serializer_class = LabelSerializer
    page_order = "name"

    def get_queryset(self) -> QuerySet[Label]:
        return self.project.labels.all()

    @extend_schema(request=LabelInputSerializer, responses={201: LabelSerializer, **conflicts(LABEL_TAKEN, ARCHIVED)})
    def post(self, request: Request, project_id: int) -> Response:
        """Add a label, for those who work there."""
        label = services.create_label(self.project, **parsed(LabelInputSerializer, request), by=caller(request))
        return Response(LabelSerializer(label).data, status=status.HTTP_201_CREATED)


class LabelView(InProject, generics.GenericAPIView[Label]):
    """One label of a project."""

    queryset = Label.objects.none()
    serializer_class = LabelSerializer
    lookup_url_kwarg = "label_id"

    def get_queryset(self) -> QuerySet[Label]:
        return self.project.labels.select_related("project")

    @extend_schema(
        request=LabelInputSerializer, responses={200: LabelSerializer, **conflicts(LABEL_TAKEN, LABEL_GONE, ARCHIVED)}
    )
    def patch(self, request: Request, project_id: int, label_id: int) -> Response:
        """Call it otherwise, or give it another colour."""
        label, changes = self.get_object(), parsed(LabelInputSerializer, request, partial=True)
        return Response(LabelSerializer(services.change_label(label, changes=changes, by=caller(request))).data)

    @extend_schema(responses={204: None, **conflicts(LABEL_GONE, ARCHIVED)})
    def delete(self, request: Request, project_id: int, label_id: int) -> Response:
        """Take it from all tasks that have it."""
        services.delete_label(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
