from datetime import date, timedelta
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
from tasks.api.serializers.stats import StatsQuerySerializer, StatsSerializer, period_of
from tasks.flow import Period
from tasks.models import Project, Task, TimeLog
from tasks.stats import Scope, hours, key_date_adherence, output, pace, stats

USUAL = timedelta(days=30)


class StatsView(APIView):
    """How much there is to do, how much was done, in time or late, how fast, and by whom."""

    @extend_schema(parameters=[StatsQuerySerializer], responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Of my tasks, of one project, or of one team's projects."""
        asked = queried(StatsQuerySerializer, request)
        scope = _scope(caller(request), asked)
        today = clock.local_date(clock.now(), caller(request).timezone)
        period = period_of(asked, today=today, usual=USUAL)
        return Response(StatsSerializer(_told(scope, period, today)).data)


def _told(scope: Scope, period: Period, today: date) -> dict[str, Any]:
    speed, worked = pace(scope.tasks, period=period), hours(scope.logs, period)
    return {
        "scope": scope.name,
        "since": period.first,
        "until": period.last,
        **stats(scope.tasks, today=today, period=period).as_dict(),
        "throughput": speed,
        "cycle_time": speed.cycle_time,
        "lead_time": speed.lead_time,
        "key_dates": key_date_adherence(scope.projects, period=period, today=today),
        "hours": worked,
        "people": output(scope, worked, period=period),
    }


def _scope(user: User, asked: dict[str, Any]) -> Scope:
    """Which tasks are meant. Raises Http404 for a project or a team that is not the asker's."""
    visible, projects = Task.objects.visible_to(user).current(), Project.objects.visible_to(user).current()
    if "project" in asked:
        project = get_object_or_404(Project.objects.visible_to(user), pk=asked["project"])
        name, chosen, people = "project", projects.filter(pk=project.pk), project.members
    elif "team" in asked:
        teams = Team.objects.all() if leads_office(user) else Team.objects.of(user)
        team = get_object_or_404(teams, pk=asked["team"])
        name, chosen, people = "team", projects.filter(team=team), team.members
    else:
        mine, my_logs = projects.filter(memberships__user=user), TimeLog.objects.filter(user=user)
        return Scope("me", visible.assigned_to(user), mine, my_logs, members=[user], members_only=True)
    logs = TimeLog.objects.visible_to(user).filter(task__project__in=chosen)
    return Scope(name, visible.filter(project__in=chosen), chosen, logs, members=list(people.order_by("pk")))
