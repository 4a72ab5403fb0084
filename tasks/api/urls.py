from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tasks.api.views.board import KanbanView, StatsView
from tasks.api.views.columns import ColumnListView, ColumnView
from tasks.api.views.dependencies import DependencyListView, DependencyView
from tasks.api.views.members import MemberListView, MemberView
from tasks.api.views.projects import ProjectViewSet
from tasks.api.views.tasks import MyTasksView, TaskViewSet
from tasks.api.views.templates import TemplateViewSet

router = SimpleRouter(trailing_slash=False)
router.register("projects", ProjectViewSet, basename="project")
router.register("project-templates", TemplateViewSet, basename="project-template")
router.register("tasks", TaskViewSet, basename="task")

urlpatterns = [
    path("my/tasks", MyTasksView.as_view(), name="my-tasks"),
    path("tasks/kanban", KanbanView.as_view(), name="task-kanban"),
    path("tasks/stats", StatsView.as_view(), name="task-stats"),
    path("tasks/<int:task_id>/dependencies", DependencyListView.as_view(), name="dependencies"),
    path(
        "tasks/<int:task_id>/dependencies/<int:dependency_id>",
        DependencyView.as_view(),
        name="dependency",
    ),
    path("projects/<int:project_id>/members", MemberListView.as_view(), name="members"),
    path("projects/<int:project_id>/members/<int:user_id>", MemberView.as_view(), name="member"),
    path("projects/<int:project_id>/columns", ColumnListView.as_view(), name="columns"),
    path("projects/<int:project_id>/columns/<int:column_id>", ColumnView.as_view(), name="column"),
    path("", include(router.urls)),
]
