from django.urls import path

from tasks.views import board, my_tasks, projects

urlpatterns = [
    path("projects", projects.projects, name="projects"),
    path("projects/new", projects.new_project, name="new-project"),
    path("projects/<int:project_id>/board", board.board, name="board"),
    path("my-day/tasks", my_tasks.my_tasks, name="day-tasks"),
    path("tasks/<int:task_id>/complete", my_tasks.complete, name="complete-task"),
    path("tasks/<int:task_id>/reopen", my_tasks.reopen, name="reopen-task"),
]
