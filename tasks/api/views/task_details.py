from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, FULL, OCCURRENCE_PASSED
from tasks.api.serializers.tasks import DuplicateSerializer, RecurrenceInputSerializer, WholeTaskSerializer
from tasks.api.views.access import OfTask
from tasks.api.views.tasks import answer

_MONTHLY = OpenApiExample("Every month, twelve times", {"every": 1, "unit": "month", "times": 12}, request_only=True)


class WatchView(OfTask):
    """That I hear what becomes of a task without having it."""

    @extend_schema(request=None, responses={200: WholeTaskSerializer, **conflicts(ARCHIVED)})
    def post(self, request: Request, task_id: int) -> Response:
        """Watch it; a second time changes nothing."""
        return answer(services.watch_task(self.task, by=caller(request)))

    @extend_schema(responses={204: None, **conflicts(ARCHIVED)})
    def delete(self, request: Request, task_id: int) -> Response:
        """Watch it no longer."""
        services.unwatch_task(self.task, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecurrenceView(OfTask):
    """That a task comes again."""

    @extend_schema(
        request=RecurrenceInputSerializer,
        responses={200: WholeTaskSerializer, **conflicts(OCCURRENCE_PASSED, FULL, ARCHIVED)},
        examples=[_MONTHLY],
    )
    def put(self, request: Request, task_id: int) -> Response:
        """Let it come again from now on: the next one is made once this one is completed or cancelled."""
        task, asked = self.task, parsed(RecurrenceInputSerializer, request)
        return answer(services.set_recurrence(task, **asked, by=caller(request)))

    @extend_schema(responses={204: None, **conflicts(OCCURRENCE_PASSED, ARCHIVED)})
    def delete(self, request: Request, task_id: int) -> Response:
        """Let it not come again."""
        services.end_recurrence(self.task, by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DuplicateView(OfTask):
    """Another task like this one."""

    @extend_schema(request=DuplicateSerializer, responses={201: WholeTaskSerializer, **conflicts(FULL, ARCHIVED)})
    def post(self, request: Request, task_id: int) -> Response:
        """Make one, open and free of dependencies, with the same people, labels and checklist."""
        task, asked = self.task, parsed(DuplicateSerializer, request)
        return answer(services.duplicate_task(task, **asked, by=caller(request)), status.HTTP_201_CREATED)
