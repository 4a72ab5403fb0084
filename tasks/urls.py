from django.urls import path

from tasks import views

urlpatterns = [
    path("projects", views.projects, name="projects"),
    path("projects/new", views.new_project, name="new-project"),
    path("projects/<int:project_id>/board", views.board, name="board"),
    path("my-day/tasks", views.my_tasks, name="day-tasks"),
    path("tasks/<int:task_id>/complete", views.complete, name="complete-task"),
    path("tasks/<int:task_id>/reopen", views.reopen, name="reopen-task"),
]
