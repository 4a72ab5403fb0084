from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common import clock
from estateman.common.api.asking import queried
from estateman.people.auth import caller
from estateman.people.models import User
from tasks.api.serializers.board import BoardQuerySerializer, BoardSerializer, plain
from tasks.board import Wanted, board
from tasks.models import Project


class KanbanView(APIView):
    """A project's board."""

    @extend_schema(parameters=[BoardQuerySerializer], responses=BoardSerializer)
    def get(self, request: Request) -> Response:
        """The columns with their cards, in order, with counts and limits; narrowed, and in swimlanes, if so asked."""
        asked = queried(BoardQuerySerializer, request)
        visible = Project.objects.visible_to(caller(request))
        project = get_object_or_404(visible, pk=asked.pop("project"))
        by = asked.pop("swimlane", "")
        return Response(plain(board(project, wanted=_wanted(asked, caller(request)), by=by)))


def _wanted(asked: dict[str, Any], user: User) -> Wanted:
    mine = user if asked.pop("mine") else None
    return Wanted(today=clock.local_date(clock.now(), user.timezone), mine=mine, **asked)
