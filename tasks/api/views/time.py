from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common import clock
from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.common.api.downloads import written
from estateman.common.api.negotiation import AnyAnswerWillDo
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, NO_TIMER, STALE, TASK_CLOSED, TIME_OVERLAP, TIMER_RUNNING
from tasks.api.filters import TimeLogFilter
from tasks.api.serializers.time import (
    KeptChangeSerializer,
    NewTimeLogSerializer,
    StartSerializer,
    SummaryQuerySerializer,
    SummarySerializer,
    SwitchSerializer,
    TaskTimeSerializer,
    TimeLogChangeSerializer,
    TimeLogSerializer,
    TimesheetQuerySerializer,
    TimesheetSerializer,
)
from tasks.api.views.access import OfTask
from tasks.models import TimeLog, TimeLogChange
from tasks.time_summary import summary
from tasks.timesheet import Timesheet, timesheet
from tasks.timesheet_csv import time_csv
from tasks.timesheets import Days, week_name, week_of

_STARTED = OpenApiExample("A viewing", {"note": "Viewing with the Bakers", "is_billable": True}, request_only=True)
_AFTERWARDS = OpenApiExample(
    "Yesterday's photos",
    {
        "task": 17,
        "started_at": "2026-05-04T09:00:00-04:00",
        "ended_at": "2026-05-04T10:30:00-04:00",
        "note": "Photos of the garden",
        "is_billable": True,
    },
    request_only=True,
)


class StartView(OfTask):
    """My timer on a task."""

    @extend_schema(
        parameters=[SwitchSerializer],
        request=StartSerializer,
        responses={
            201: TimeLogSerializer,
            200: TimeLogSerializer,
            **conflicts(TIMER_RUNNING, TASK_CLOSED, ARCHIVED),
        },
        examples=[_STARTED],
    )
    def post(self, request: Request, task_id: int) -> Response:
        """Start it. With ``switch`` the one that runs elsewhere stops; the one that runs here goes on (200)."""
        task, asked = self.task, parsed(StartSerializer, request)
        log, is_new = services.start_timer(task, **asked, **queried(SwitchSerializer, request), by=caller(request))
        return answer(log, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class StopView(OfTask):
    """My timer on a task."""

    @extend_schema(request=None, responses={200: TimeLogSerializer, **conflicts(NO_TIMER)})
    def post(self, request: Request, task_id: int) -> Response:
        """Stop it. A second time answers the same and changes nothing."""
        return answer(services.stop_timer(self.task, by=caller(request)))


class TaskTimeView(OfTask, generics.ListAPIView[TimeLog]):
    """The time spent on a task."""

    queryset = TimeLog.objects.none()
    serializer_class = TimeLogSerializer
    page_order = "-started_at"

    def get_queryset(self) -> QuerySet[TimeLog]:
        return self.task.time_logs.visible_to(caller(self.request)).for_display()

    @extend_schema(responses=TaskTimeSerializer)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How much all of it is, for who sees the task; of the logs mine, and all for those who manage the project."""
        task, page = self.task, super().get(request, *args, **kwargs)
        sums = task.time_logs.aggregate(
            billable_seconds=Sum("seconds", filter=Q(is_billable=True), default=0),
            my_seconds=Sum("seconds", filter=Q(user=caller(request)), default=0),
            seconds=Sum("seconds", default=0),
        )
        running = task.time_logs.running().count()
        return Response({"estimate_minutes": task.estimate_minutes, **sums, "running": running, **page.data})


class TimeLogViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[TimeLog]):
    """Mine, and those on the projects I manage."""

    queryset = TimeLog.objects.none()
    serializer_class = TimeLogSerializer
    filterset_class = TimeLogFilter
    page_order = "-started_at"
    page_orders = ("started_at", "id")
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[TimeLog]:
        return TimeLog.objects.visible_to(caller(self.request)).for_display()

    def filter_queryset(self, queryset: Any) -> Any:
        """The filter takes a list that asks for nobody's to be mine; one log may be anybody's."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mine, unless ``user``, ``project``, ``task`` or ``everyone`` asks for others'."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=NewTimeLogSerializer,
        responses={201: TimeLogSerializer, **conflicts(TIME_OVERLAP, ARCHIVED)},
        examples=[_AFTERWARDS],
    )
    def create(self, request: Request) -> Response:
        """Write down time that I spent on a task, also once it is completed."""
        asked = parsed(NewTimeLogSerializer, request)
        log = services.log_time(asked.pop("task"), **asked, by=caller(request))
        return answer(log, status.HTTP_201_CREATED)

    @extend_schema(
        request=TimeLogChangeSerializer,
        responses={200: TimeLogSerializer, **conflicts(TIME_OVERLAP, STALE, ARCHIVED)},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Put it right; what it was before is kept. An end stops a running timer at that time."""
        log, changes = self.get_object(), parsed(TimeLogChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        return answer(services.edit_time(log, by=caller(request), changes=changes, version=version))

    @extend_schema(responses={204: None, **conflicts(ARCHIVED)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it away, running or not; what it was is kept."""
        services.delete_time(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={200: TimeLogSerializer, 204: None}, filters=False)
    @action(detail=False, pagination_class=None)
    def running(self, request: Request) -> Response:
        """My running timer; 204 when none runs."""
        log = TimeLog.objects.running().for_display().filter(user=caller(request)).first()
        return Response(TimeLogSerializer(log).data) if log else Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(parameters=[SummaryQuerySerializer], responses=SummarySerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """What I may see, summed by person, project, kind of project or task, beside the estimates."""
        asked = queried(SummaryQuerySerializer, request)
        logs = TimeLog.objects.visible_to(caller(request))
        if "user" in asked:
            logs = logs.filter(user=asked["user"])
        if "project" in asked:
            logs = logs.filter(task__project=asked["project"])
        days = Days(asked["since"], asked["until"]) if "since" in asked else None
        found = summary(logs, asked["group_by"], days)
        about = {name: asked.get(name) for name in ("group_by", "since", "until")}
        return Response(SummarySerializer({**about, "total": found.total, "groups": found.groups}).data)


class TimeLogChangesView(generics.ListAPIView[TimeLogChange]):
    """What was edited of a time log, the first edit first; also once it was deleted."""

    queryset = TimeLogChange.objects.none()
    serializer_class = KeptChangeSerializer
    page_order = "id"

    def get_queryset(self) -> QuerySet[TimeLogChange]:
        user, number = caller(self.request), self.kwargs["log_id"]
        changes = TimeLogChange.objects.visible_to(user).filter(log_no=number).select_related("by")
        if not (changes.exists() or TimeLog.objects.visible_to(user).filter(pk=number).exists()):
            raise Http404
        return changes


class TimesheetView(APIView):
    """A week of one person."""

    @extend_schema(parameters=[TimesheetQuerySerializer], responses=TimesheetSerializer)
    def get(self, request: Request) -> Response:
        """By project, task and day. Time over midnight lies on both days."""
        return Response(TimesheetSerializer(_asked_for(request)).data)


class TimesheetCsvView(APIView):
    """A week of one person, as a file."""

    content_negotiation_class = AnyAnswerWillDo

    @extend_schema(parameters=[TimesheetQuerySerializer], responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """A line for each day of each log that has ended, with local times, seconds and hours."""
        sheet = _asked_for(request)
        ended = [(log, part) for log, part in sheet.parts if not log.is_running]
        name = f"timesheet-{sheet.user.pk}-{week_name(sheet.week)}.csv"
        return written(time_csv(ended), name=name, content_type="text/csv; charset=utf-8")


def answer(log: TimeLog, code: int = status.HTTP_200_OK) -> Response:
    """The log as it stands now."""
    return Response(TimeLogSerializer(TimeLog.objects.for_display().get(pk=log.pk)).data, status=code)


def _asked_for(request: Request) -> Timesheet:
    user, asked = caller(request), queried(TimesheetQuerySerializer, request)
    week = asked.get("week") or week_of(clock.local_date(clock.now(), user.timezone))
    return timesheet(asked.get("user", user), week, seen_by=user, project=asked.get("project"))
