from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, COLUMN_GONE, COLUMN_NEEDED, FULL, NAME_TAKEN, NOT_EMPTY
from tasks.api.serializers.projects import ColumnInputSerializer, ColumnSerializer, MoveToSerializer
from tasks.api.views.access import InProject
from tasks.models import BoardColumn


class ColumnListView(InProject, generics.ListAPIView[BoardColumn]):
    """The columns of a project's board, from left to right."""

    queryset = BoardColumn.objects.none()
    serializer_class = ColumnSerializer
    page_order = "position"

    def get_queryset(self) -> QuerySet[BoardColumn]:
        return self.project.columns.all()

    @extend_schema(
        request=ColumnInputSerializer,
        responses={201: ColumnSerializer, **conflicts(NAME_TAKEN, ARCHIVED)},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Add a column, on the right unless ``position`` says where."""
        project, values = self.project, parsed(ColumnInputSerializer, request)
        column = services.create_column(project, by=caller(request), values=values)
        return Response(ColumnSerializer(column).data, status=status.HTTP_201_CREATED)


class ColumnView(InProject, generics.RetrieveAPIView[BoardColumn]):
    """One column of a project's board."""

    queryset = BoardColumn.objects.none()
    serializer_class = ColumnSerializer
    lookup_url_kwarg = "column_id"

    def get_queryset(self) -> QuerySet[BoardColumn]:
        return self.project.columns.select_related("project")

    @extend_schema(
        request=ColumnInputSerializer,
        responses={
            200: ColumnSerializer,
            **conflicts(NAME_TAKEN, NOT_EMPTY, COLUMN_NEEDED, COLUMN_GONE, ARCHIVED),
        },
    )
    def patch(self, request: Request, project_id: int, column_id: int) -> Response:
        """Its name, what it means, its limit, its place."""
        column = self.get_object()
        changes = parsed(ColumnInputSerializer, request, partial=True)
        services.change_column(column, by=caller(request), changes=changes)
        return Response(ColumnSerializer(column).data)

    @extend_schema(
        parameters=[MoveToSerializer],
        responses={204: None, **conflicts(NOT_EMPTY, COLUMN_NEEDED, FULL, COLUMN_GONE, ARCHIVED)},
    )
    def delete(self, request: Request, project_id: int, column_id: int) -> Response:
        """Take it off the board; its cards go to the end of `move_to`, where they mean the same."""
        column, asked = self.get_object(), queried(MoveToSerializer, request)
        services.delete_column(column, **asked, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
