from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common import clock
from estateman.common.api.asking import queried
from estateman.people.auth import caller
from estateman.people.models import Team, User
from estateman.people.permissions import leads_office
from tasks.api.serializers.board import (
    BoardSerializer,
    ProjectQuerySerializer,
    StatsQuerySerializer,
    StatsSerializer,
)
from tasks.board import board
from tasks.models import Project, Task
from tasks.models.tasks import TaskQuerySet
from tasks.stats import Period, stats

PERIOD = timedelta(days=30)


class KanbanView(APIView):
    """A project's board."""

    @extend_schema(parameters=[ProjectQuerySerializer], responses=BoardSerializer)
    def get(self, request: Request) -> Response:
        """The columns with their cards, in order, with counts and limits."""
        asked = queried(ProjectQuerySerializer, request)
        visible = Project.objects.visible_to(caller(request))
        project = get_object_or_404(visible, pk=asked["project"])
        return Response(BoardSerializer(board(project)).data)


class StatsView(APIView):
    """How much there is to do, and how much was done in time."""

    @extend_schema(parameters=[StatsQuerySerializer], responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Of my tasks, of one project, or of one team's projects."""
        asked = queried(StatsQuerySerializer, request)
        scope, tasks = _in_scope(caller(request), asked)
        today = clock.local_date(clock.now(), caller(request).timezone)
        until = asked.get("until", today)
        period = Period(first=asked.get("since", until - PERIOD), last=until)
        counted = stats(tasks, today=today, period=period)
        told = {"scope": scope, "since": period.first, "until": period.last, **counted.as_dict()}
        return Response(StatsSerializer(told).data)


def _in_scope(user: User, asked: dict[str, Any]) -> tuple[str, TaskQuerySet]:
    """Which tasks are meant. Raises Http404 for a project or a team that is not the asker's."""
    visible = Task.objects.visible_to(user).current()
    if "project" in asked:
        project = get_object_or_404(Project.objects.visible_to(user), pk=asked["project"])
        return "project", visible.filter(project=project)
    if "team" in asked:
        teams = Team.objects.all() if leads_office(user) else Team.objects.of(user)
        team = get_object_or_404(teams, pk=asked["team"])
        return "team", visible.filter(project__team=team)
    return "me", visible.assigned_to(user)
