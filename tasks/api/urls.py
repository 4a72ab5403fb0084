from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tasks.api.views.activity import ProjectActivityView
from tasks.api.views.attachments import AttachmentListView, AttachmentView
from tasks.api.views.automation import (
    AutomationDryRunView,
    AutomationRuleListView,
    AutomationRuleView,
    AutomationRunListView,
    AutomationVocabularyView,
)
from tasks.api.views.board import KanbanView
from tasks.api.views.bulk import BulkView
from tasks.api.views.calendars import BusinessCalendarViewSet, ClosureListView, ClosureView, DateProfileViewSet
from tasks.api.views.checklists import (
    ChecklistItemDocumentView,
    ChecklistItemDoneView,
    ChecklistItemNotApplicableView,
    ChecklistItemReopenView,
    ChecklistItemReviewView,
    ChecklistItemView,
    ChecklistView,
)
from tasks.api.views.columns import ColumnListView, ColumnView
from tasks.api.views.comments import CommentListView, CommentView, ReactionView, RevisionListView
from tasks.api.views.date_changes import DateChangeListView
from tasks.api.views.date_rules import KeyDateRuleView, TaskRuleView
from tasks.api.views.deadlines import DeadlineFeedView, DeadlinesIcsView, DeadlinesView
from tasks.api.views.deleted_tasks import DeletedTasksView, RestoreTaskView
from tasks.api.views.dependencies import DependencyListView, DependencyView
from tasks.api.views.gantt import BaselineListView, BaselineView, GanttView
from tasks.api.views.key_dates import KeyDateListView, KeyDateView, RecountView
from tasks.api.views.labels import LabelListView, LabelView
from tasks.api.views.members import MemberListView, MemberView
from tasks.api.views.plans import ExportView, ImportView
from tasks.api.views.projects import ProjectViewSet
from tasks.api.views.report import ReportView
from tasks.api.views.stats import StatsView
from tasks.api.views.task_details import DuplicateView, RecurrenceView, WatchView
from tasks.api.views.tasks import MyTasksView, TaskViewSet
from tasks.api.views.templates import SaveAsTemplateView, TemplateViewSet
from tasks.api.views.time import (
    StartView,
    StopView,
    TaskTimeView,
    TimeLogChangesView,
    TimeLogViewSet,
    TimesheetCsvView,
    TimesheetView,
)

router = SimpleRouter(trailing_slash=False)
router.register("projects", ProjectViewSet, basename="project")
router.register("business-calendars", BusinessCalendarViewSet, basename="business-calendar")
router.register("date-profiles", DateProfileViewSet, basename="date-profile")
router.register("project-templates", TemplateViewSet, basename="project-template")
router.register("tasks", TaskViewSet, basename="task")
router.register("time-logs", TimeLogViewSet, basename="time-log")

_ITEM = "tasks/<int:task_id>/checklist/<int:item_id>"
_COMMENT = "tasks/<int:task_id>/comments/<int:comment_id>"

urlpatterns = [
    path("my/deadlines", DeadlinesView.as_view(), name="my-deadlines"),
    path("my/deadlines/feed", DeadlineFeedView.as_view(), name="deadline-feed"),
    path("my/deadlines.ics", DeadlinesIcsView.as_view(), name="deadlines-ics"),
    path("projects/<int:project_id>/import", ImportView.as_view(), name="project-import"),
    path("projects/<int:project_id>/export", ExportView.as_view(), name="project-export"),
    path("projects/<int:project_id>/save-as-template", SaveAsTemplateView.as_view(), name="save-as-template"),
    path("projects/<int:project_id>/gantt", GanttView.as_view(), name="project-gantt"),
    path("projects/<int:project_id>/report", ReportView.as_view(), name="project-report"),
    path("projects/<int:project_id>/baselines", BaselineListView.as_view(), name="baselines"),
    path("projects/<int:project_id>/baselines/<int:baseline_id>", BaselineView.as_view(), name="baseline"),
    path("my/tasks", MyTasksView.as_view(), name="my-tasks"),
    path("tasks/kanban", KanbanView.as_view(), name="task-kanban"),
    path("tasks/stats", StatsView.as_view(), name="task-stats"),
    path("tasks/<int:task_id>/dependencies", DependencyListView.as_view(), name="dependencies"),
    path(
        "tasks/<int:task_id>/dependencies/<int:dependency_id>",
        DependencyView.as_view(),
        name="dependency",
    ),
    path("tasks/<int:task_id>/date-changes", DateChangeListView.as_view(), name="date-changes"),
    path("tasks/<int:task_id>/checklist", ChecklistView.as_view(), name="checklist"),
    path(_ITEM, ChecklistItemView.as_view(), name="checklist-item"),
    path(f"{_ITEM}/done", ChecklistItemDoneView.as_view(), name="checklist-item-done"),
    path(f"{_ITEM}/not-applicable", ChecklistItemNotApplicableView.as_view(), name="checklist-item-not-applicable"),
    path(f"{_ITEM}/reopen", ChecklistItemReopenView.as_view(), name="checklist-item-reopen"),
    path(f"{_ITEM}/document", ChecklistItemDocumentView.as_view(), name="checklist-item-document"),
    path(f"{_ITEM}/review", ChecklistItemReviewView.as_view(), name="checklist-item-review"),
    path("tasks/<int:task_id>/attachments", AttachmentListView.as_view(), name="attachments"),
    path("tasks/<int:task_id>/attachments/<int:attachment_id>", AttachmentView.as_view(), name="attachment"),
    path("tasks/<int:task_id>/comments", CommentListView.as_view(), name="comments"),
    path(_COMMENT, CommentView.as_view(), name="comment"),
    path(f"{_COMMENT}/revisions", RevisionListView.as_view(), name="comment-revisions"),
    path(f"{_COMMENT}/reactions/<str:emoji>", ReactionView.as_view(), name="comment-reaction"),
    path("projects/<int:project_id>/members", MemberListView.as_view(), name="members"),
    path("projects/<int:project_id>/members/<int:user_id>", MemberView.as_view(), name="member"),
    path("projects/<int:project_id>/columns", ColumnListView.as_view(), name="columns"),
    path("projects/<int:project_id>/columns/<int:column_id>", ColumnView.as_view(), name="column"),
    path("projects/<int:project_id>/labels", LabelListView.as_view(), name="labels"),
    path("projects/<int:project_id>/labels/<int:label_id>", LabelView.as_view(), name="label"),
    path("projects/<int:project_id>/activity", ProjectActivityView.as_view(), name="project-activity"),
    path("projects/<int:project_id>/deleted-tasks", DeletedTasksView.as_view(), name="deleted-tasks"),
    path("tasks/bulk", BulkView.as_view(), name="task-bulk"),
    path("tasks/<int:task_id>/restore", RestoreTaskView.as_view(), name="task-restore"),
    path("tasks/<int:task_id>/duplicate", DuplicateView.as_view(), name="task-duplicate"),
    path("tasks/<int:task_id>/watch", WatchView.as_view(), name="task-watch"),
    path("tasks/<int:task_id>/recurrence", RecurrenceView.as_view(), name="task-recurrence"),
    path("tasks/<int:task_id>/time", TaskTimeView.as_view(), name="task-time"),
    path("tasks/<int:task_id>/time/start", StartView.as_view(), name="timer-start"),
    path("tasks/<int:task_id>/time/stop", StopView.as_view(), name="timer-stop"),
    path("time-logs/<int:log_id>/changes", TimeLogChangesView.as_view(), name="time-log-changes"),
    path("timesheet", TimesheetView.as_view(), name="api-timesheet"),
    path("timesheet.csv", TimesheetCsvView.as_view(), name="api-timesheet-csv"),
    path("automation/vocabulary", AutomationVocabularyView.as_view(), name="automation-vocabulary"),
    path("projects/<int:project_id>/automation-rules", AutomationRuleListView.as_view(), name="automation-rules"),
    path(
        "projects/<int:project_id>/automation-rules/<int:rule_id>", AutomationRuleView.as_view(), name="automation-rule"
    ),
    path(
        "projects/<int:project_id>/automation-rules/<int:rule_id>/dry-run",
        AutomationDryRunView.as_view(),
        name="automation-dry-run",
    ),
    path(
        "projects/<int:project_id>/automation-rules/<int:rule_id>/runs",
        AutomationRunListView.as_view(),
        name="automation-runs",
    ),
    path("projects/<int:project_id>/key-dates", KeyDateListView.as_view(), name="key-dates"),
    path("projects/<int:project_id>/key-dates/<int:key_date_id>", KeyDateView.as_view(), name="key-date"),
    path(
        "projects/<int:project_id>/key-dates/<int:key_date_id>/date-rule",
        KeyDateRuleView.as_view(),
        name="key-date-rule",
    ),
    path("projects/<int:project_id>/replan", RecountView.as_view(), name="project-replan"),
    path("tasks/<int:task_id>/date-rule", TaskRuleView.as_view(), name="task-date-rule"),
    path("business-calendars/<int:business_calendar_id>/closures", ClosureListView.as_view(), name="closures"),
    path(
        "business-calendars/<int:business_calendar_id>/closures/<int:closure_id>", ClosureView.as_view(), name="closure"
    ),
    path("", include(router.urls)),
]
