from django.urls import path

from tasks.views import board, dates, deadlines, gantt, my_tasks, projects, report, task, timesheet

urlpatterns = [
    path("projects", projects.projects, name="projects"),
    path("projects/new", projects.new_project, name="new-project"),
    path("projects/<int:project_id>/board", board.board, name="board"),
    path("projects/<int:project_id>/gantt", gantt.chart, name="gantt"),
    path("projects/<int:project_id>/baselines", gantt.baselines, name="baselines"),
    path("projects/<int:project_id>/dates", dates.dates, name="dates"),
    path("projects/<int:project_id>/dates/add", dates.add, name="add-key-date"),
    path("projects/<int:project_id>/dates/<int:key_date_id>", dates.move, name="move-key-date"),
    path("projects/<int:project_id>/report", report.report, name="report"),
    path("deadlines", deadlines.deadlines, name="deadlines"),
    path("my-day/tasks", my_tasks.my_tasks, name="day-tasks"),
    path("tasks/<int:task_id>", task.task, name="task"),
    path("tasks/<int:task_id>/complete", my_tasks.complete, name="complete-task"),
    path("tasks/<int:task_id>/reopen", my_tasks.reopen, name="reopen-task"),
    path("timesheet", timesheet.week, name="timesheet"),
    path("timesheet/start", timesheet.start, name="start-timer"),
    path("timesheet/stop/<int:task_id>", timesheet.stop, name="stop-timer"),
    path("timesheet/entries", timesheet.add, name="add-time"),
    path("timesheet/entries/<int:log_id>", timesheet.edit, name="edit-time"),
    path("timesheet/entries/<int:log_id>/confirm", timesheet.confirm, name="confirm-time"),
    path("timesheet/entries/<int:log_id>/delete", timesheet.delete, name="delete-time"),
]
