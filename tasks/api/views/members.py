from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, LAST_OWNER, MEMBER_ALREADY, MEMBER_GONE
from tasks.api.serializers.projects import (
    MemberChangeSerializer,
    MemberSerializer,
    NewMemberSerializer,
)
from tasks.api.views.access import InProject
from tasks.models import ProjectMember


class MemberListView(InProject, generics.ListAPIView[ProjectMember]):
    """Who belongs to a project."""

    queryset = ProjectMember.objects.none()
    serializer_class = MemberSerializer
    page_order = "id"

    def get_queryset(self) -> QuerySet[ProjectMember]:
        return self.project.memberships.select_related("user")

    @extend_schema(
        request=NewMemberSerializer,
        responses={201: MemberSerializer, **conflicts(MEMBER_ALREADY, ARCHIVED)},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Let somebody belong to it."""
        project, asked = self.project, parsed(NewMemberSerializer, request)
        membership = services.add_member(project, **asked, by=caller(request))
        return Response(MemberSerializer(membership).data, status=status.HTTP_201_CREATED)


class MemberView(InProject, generics.GenericAPIView[ProjectMember]):
    """One member of a project."""

    queryset = ProjectMember.objects.none()
    serializer_class = MemberSerializer
    # Not the column itself, which an id larger than it holds would break on SQLite.
    lookup_field = "user__id"
    lookup_url_kwarg = "user_id"

    def get_queryset(self) -> QuerySet[ProjectMember]:
        return self.project.memberships.select_related("user", "project")

    @extend_schema(
        request=MemberChangeSerializer,
        responses={200: MemberSerializer, **conflicts(LAST_OWNER, MEMBER_GONE, ARCHIVED)},
    )
    def patch(self, request: Request, project_id: int, user_id: int) -> Response:
        """Another role, or another part in the deal; a viewer's open tasks are taken from them."""
        membership = self.get_object()
        asked = parsed(MemberChangeSerializer, request, partial=True)
        services.change_member(membership, **asked, by=caller(request))
        return Response(MemberSerializer(membership).data)

    @extend_schema(responses={204: None, **conflicts(LAST_OWNER, MEMBER_GONE, ARCHIVED)})
    def delete(self, request: Request, project_id: int, user_id: int) -> Response:
        """Take somebody out, and their open tasks from them; anyone may leave by themselves."""
        services.remove_member(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
