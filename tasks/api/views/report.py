from datetime import date, timedelta

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common import clock
from estateman.common.api.asking import queried
from estateman.people.auth import caller
from tasks.api.serializers.report import ReportQuerySerializer, ReportSerializer, told
from tasks.api.serializers.stats import MOST_DAYS, period_of
from tasks.api.views.access import InProject
from tasks.api.views.gantt import baseline_of
from tasks.models import Project, TimeLog
from tasks.permissions import can_manage_project
from tasks.report import report


class ReportView(InProject):
    """How a project goes."""

    @extend_schema(parameters=[ReportQuerySerializer], responses=ReportSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        """What is done, what came late and what that moves, how work flowed, and what it took."""
        asked, project, user = queried(ReportQuerySerializer, request), self.project, caller(request)
        today = clock.local_date(clock.now(), project.timezone)
        period = period_of(asked, today=today, usual=_usual(project, asked.get("until", today)))
        baseline = baseline_of(project, asked.get("baseline"))
        logs = TimeLog.objects.visible_to(user).filter(task__project=project)
        found = report(project, logs=logs, period=period, today=today, baseline=baseline)
        sees_all = can_manage_project(user, project)
        return Response(ReportSerializer(told(found, sees_all_time=sees_all)).data)


def _usual(project: Project, last: date) -> timedelta:
    """Since it was started or opened, whichever came first."""
    first = min(project.starts_on, clock.local_date(project.created_at, project.timezone), last)
    return min(last - first, timedelta(days=MOST_DAYS - 1))
