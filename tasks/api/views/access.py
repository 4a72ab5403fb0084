"""How the views find what they work on: through the user, so that strangers get a 404."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from estateman.people.models import User
from tasks.models import Project, Task


def caller(request: Request) -> User:
    """Who asks: the API answers nobody who is not signed in."""
    return cast("User", request.user)


class InProject(APIView):
    """A view below ``/projects/{project_id}``."""

    @property
    def project(self) -> Project:
        """Raises Http404 for those who may not see it."""
        visible = Project.objects.visible_to(caller(self.request))
        return get_object_or_404(visible, pk=self.kwargs["project_id"])


class OfTask(APIView):
    """A view below ``/tasks/{task_id}``."""

    @property
    def task(self) -> Task:
        """Raises Http404 for those who may not see it."""
        visible = Task.objects.visible_to(caller(self.request)).select_related("project")
        return get_object_or_404(visible, pk=self.kwargs["task_id"])


def parsed(
    serializer: type[serializers.BaseSerializer[Any]],
    request: Request,
    *,
    partial: bool = False,
) -> dict[str, Any]:
    """The body of ``request`` as plain values. Raises ValidationError naming the field."""
    asked = serializer(data=request.data, partial=partial, context={"request": request})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def queried(serializer: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The query of ``request`` as plain values. Raises ValidationError naming the field."""
    asked = serializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
