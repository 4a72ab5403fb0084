"""How the views find what they work on: through the user, so that strangers get a 404."""

from django.shortcuts import get_object_or_404
from rest_framework.views import APIView

from estateman.people.auth import caller
from tasks.models import Project, Task


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
