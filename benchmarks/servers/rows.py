"""The rows of a board and of a plan, and the one row that a move changes, with nothing around them but Django.

`python -m uvicorn benchmarks.servers.rows:application`: no middleware, no sign-in, no permission, no rule. What is read
are the columns of the tasks that a card or a bar shows, as the database has them, and of a plan the dependencies, too.
"""

from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.renderers import JSONRenderer

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = get_asgi_application()

from tasks.models import Task, TaskDependency  # noqa: E402  needs the app registry, which the call above loads

CARD = (
    "id",
    "key",
    "name",
    "column",
    "priority",
    "starts_on",
    "due_on",
    "deadline_on",
    "deadline_at",
    "progress",
    "completed_at",
    "parent",
    "version",
)
BAR = (*CARD, "scheduling_mode", "duration_days", "not_before", "completed_on")
LINK = ("id", "predecessor", "successor", "type", "lag_days")


def board(request: HttpRequest, project: int) -> HttpResponse:
    return _json(list(Task.objects.filter(project=project).order_by("rank").values(*CARD)))


def plan(request: HttpRequest, project: int) -> HttpResponse:
    tasks = Task.objects.filter(project=project).order_by("pk").values(*BAR)
    links = TaskDependency.objects.filter(successor__project=project).values(*LINK)
    return _json({"tasks": list(tasks), "dependencies": list(links)})


def move(request: HttpRequest, task: int, rank: int) -> HttpResponse:
    Task.objects.filter(pk=task).update(rank=rank)
    return _json(Task.objects.values(*CARD).get(pk=task))


def _json(rows: Any) -> HttpResponse:
    return HttpResponse(JSONRenderer().render(rows), content_type="application/json")


urlpatterns = [
    path("board/<int:project>", board),
    path("plan/<int:project>", plan),
    path("move/<int:task>/<int:rank>", move),
]
