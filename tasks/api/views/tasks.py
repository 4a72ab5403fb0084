from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import (
    ARCHIVED,
    BLOCKED,
    BRIDGE_NEEDED,
    CHECKLIST_OPEN,
    CYCLE,
    FULL,
    KEY_TAKEN,
    NOT_A_MEMBER,
    STALE,
    SUBTASKS_OPEN,
    TOO_LONG,
)
from tasks.api.filters import TaskFilter
from tasks.api.pages import TaskPages
from tasks.api.serializers.tasks import (
    BridgeSerializer,
    CompleteSerializer,
    MoveSerializer,
    NewTaskSerializer,
    ReopenSerializer,
    TaskChangeSerializer,
    TaskSerializer,
    WholeTaskSerializer,
)
from tasks.models import Task

# What the service takes apart from the fields that it writes.
_APART = ("assignees", "labels", "watchers", "column", "version")
ORDERS = ("due_on", "starts_on", "name", "id")
_ORDERING = OpenApiParameter(
    "ordering",
    enum=[*ORDERS, *(f"-{name}" for name in ORDERS)],
    description="Tasks without that day come last, or first the other way round",
)
_NEW_TASK = OpenApiExample(
    "Order the sign",
    {"project": 1, "name": "Order the sign", "assignees": [3], "due_on": "2026-05-08"},
    request_only=True,
)
_FORCED = OpenApiExample(
    "Although it is blocked",
    {"force": True, "reason": "The seller's own photos are good enough."},
    request_only=True,
)
_MOVE = OpenApiExample("Right above another card", {"column": 8, "before_id": 21}, request_only=True)


class TaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Task]):
    """The tasks of the projects I may see."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    pagination_class = TaskPages
    page_order = "-id"
    page_orders = ORDERS
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Task]:
        visible = Task.objects.visible_to(caller(self.request))
        if self.action == "list":
            return visible.current().with_details().with_day_order()
        return (
            visible.with_details().with_subtasks() if self.action == "retrieve" else visible.select_related("project")
        )

    def get_serializer_class(self) -> type[TaskSerializer]:
        return WholeTaskSerializer if self.action == "retrieve" else TaskSerializer

    @extend_schema(parameters=[_ORDERING])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, save those of archived projects."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=NewTaskSerializer,
        responses={
            201: WholeTaskSerializer,
            **conflicts(KEY_TAKEN, NOT_A_MEMBER, FULL, TOO_LONG, ARCHIVED),
        },
        examples=[_NEW_TASK],
    )
    def create(self, request: Request) -> Response:
        """Add a task, at the end of ``column`` or of the board's first."""
        asked = parsed(NewTaskSerializer, request)
        task = services.create_task(asked.pop("project"), **asked, by=caller(request))
        return answer(task, status.HTTP_201_CREATED)

    @extend_schema(
        request=TaskChangeSerializer,
        responses={
            200: WholeTaskSerializer,
            **conflicts(
                *(
                    STALE,
                    KEY_TAKEN,
                    NOT_A_MEMBER,
                    CYCLE,
                    TOO_LONG,
                    BLOCKED,
                    SUBTASKS_OPEN,
                    CHECKLIST_OPEN,
                    FULL,
                    ARCHIVED,
                )
            ),
        },
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it. Another ``column`` moves it there, with the rules of moving."""
        task, changes = self.get_object(), parsed(TaskChangeSerializer, request, partial=True)
        apart = {name: changes.pop(name, None) for name in _APART}
        services.edit_task(task, by=caller(request), changes=changes, **apart)
        return answer(task)

    @extend_schema(parameters=[BridgeSerializer], responses={204: None, **conflicts(BRIDGE_NEEDED, TOO_LONG, ARCHIVED)})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it, for those who manage the project and for who made it; `restore` brings it back."""
        services.delete_task(self.get_object(), **queried(BridgeSerializer, request), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=MoveSerializer,
        responses={
            200: WholeTaskSerializer,
            **conflicts(STALE, BLOCKED, SUBTASKS_OPEN, CHECKLIST_OPEN, FULL, TOO_LONG, ARCHIVED),
        },
        examples=[_MOVE],
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put the card there. Into a done column is completing it, out of one reopening it."""
        task = self.get_object()
        return answer(services.move_task(task, **parsed(MoveSerializer, request), by=caller(request)))

    @extend_schema(
        request=CompleteSerializer,
        responses={
            200: WholeTaskSerializer,
            **conflicts(BLOCKED, SUBTASKS_OPEN, CHECKLIST_OPEN, STALE, FULL, TOO_LONG, ARCHIVED),
        },
        examples=[_FORCED],
    )
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """Complete it; a second time changes nothing."""
        task, asked = self.get_object(), parsed(CompleteSerializer, request)
        return answer(services.complete_task(task, **asked, by=caller(request)))

    @extend_schema(
        request=ReopenSerializer,
        responses={200: WholeTaskSerializer, **conflicts(STALE, FULL, TOO_LONG, ARCHIVED)},
    )
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take it up again, completed or cancelled; a second time changes nothing."""
        task, asked = self.get_object(), parsed(ReopenSerializer, request)
        return answer(services.reopen_task(task, **asked, by=caller(request)))


@extend_schema(parameters=[_ORDERING])
class MyTasksView(generics.ListAPIView[Task]):
    """What I have to do, across all projects: open tasks given to me, the most urgent first.

    With ``completed=true`` what I have done.
    """

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    pagination_class = TaskPages
    page_order = "due_on"
    page_orders = ORDERS

    def get_queryset(self) -> QuerySet[Task]:
        mine = Task.objects.visible_to(caller(self.request)).current().assigned_to(caller(self.request))
        tasks = mine if "completed" in self.request.query_params else mine.open()
        return tasks.with_details().with_day_order()


def answer(task: Task, code: int = status.HTTP_200_OK) -> Response:
    """The task as it stands now."""
    fresh = Task.objects.with_details().with_subtasks().get(pk=task.pk)
    return Response(WholeTaskSerializer(fresh).data, status=code)
