from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import (
    ARCHIVED,
    BLOCKED,
    BRIDGE_NEEDED,
    CHECKLIST_OPEN,
    FULL,
    NOT_A_MEMBER,
    SUBTASKS_OPEN,
    TASK_GONE,
    TOO_LONG,
)
from tasks.api.serializers.bulk import BulkSerializer, ChangedTasksSerializer
from tasks.models import Task

_LATER = OpenApiExample(
    "A week later, and urgent",
    {"tasks": [17, 21], "changes": {"shift_days": 5, "priority": "urgent"}},
    request_only=True,
)


class BulkView(APIView):
    """Many tasks at once."""

    @extend_schema(
        request=BulkSerializer,
        responses={
            200: ChangedTasksSerializer,
            **conflicts(
                *(
                    BLOCKED,
                    SUBTASKS_OPEN,
                    CHECKLIST_OPEN,
                    FULL,
                    NOT_A_MEMBER,
                    BRIDGE_NEEDED,
                    TASK_GONE,
                    TOO_LONG,
                    ARCHIVED,
                ),
            ),
        },
        examples=[_LATER],
    )
    def post(self, request: Request) -> Response:
        """Change all of them or none; a refusal says in `task` which one it is about."""
        asked = parsed(BulkSerializer, request)
        changed = services.change_tasks(asked["tasks"], changes=services.Bulk(**asked["changes"]), by=caller(request))
        fresh = Task.objects.with_details().filter(pk__in=[task.pk for task in changed]).order_by("pk")
        return Response(ChangedTasksSerializer({"tasks": fresh}).data)
