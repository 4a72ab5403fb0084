"""What projects and tasks announce. All of it is seen in the project's room."""

from tasks.activities.attachments import AttachmentAdded, AttachmentRemoved
from tasks.activities.automation import AutomationNotice, AutomationRuleChanged, TaskDue
from tasks.activities.base import OfProject, OfTask
from tasks.activities.baselines import BaselineDeleted, BaselineKept
from tasks.activities.checklists import (
    ChecklistChanged,
    ChecklistItemDone,
    ChecklistItemNotApplicable,
    ChecklistItemReopened,
    ChecklistItemReviewed,
)
from tasks.activities.comments import CommentDeleted, CommentEdited, CommentReacted, TaskCommented, TaskMentioned
from tasks.activities.deadlines import DeadlineMissed, DeadlineNear, DigestDue, OfDeadline
from tasks.activities.dependencies import DependencyAdded, DependencyChanged, DependencyRemoved
from tasks.activities.key_dates import (
    BusinessCalendarChanged,
    DateProfileChanged,
    DateRuleChanged,
    KeyDateAdded,
    KeyDateChanged,
    KeyDateRemoved,
)
from tasks.activities.plans import PlanImported, ProjectRescheduled
from tasks.activities.projects import (
    BoardChanged,
    ColumnDeleted,
    LabelChanged,
    MemberChanged,
    ProjectArchived,
    ProjectChanged,
    ProjectOpened,
    ProjectRestored,
    TemplateApplied,
)
from tasks.activities.tasks import (
    TaskAssigned,
    TaskChanged,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskMoved,
    TaskReopened,
    TaskRestored,
    TaskUnassigned,
    TaskUnblocked,
)
from tasks.activities.templates import TemplateChanged
from tasks.activities.time import (
    OfTime,
    TimeChanged,
    TimeDeleted,
    TimeLogged,
    TimerForgotten,
    TimerStarted,
    TimerStopped,
)

__all__ = [
    "AttachmentAdded",
    "AttachmentRemoved",
    "AutomationNotice",
    "AutomationRuleChanged",
    "BaselineDeleted",
    "BaselineKept",
    "BoardChanged",
    "BusinessCalendarChanged",
    "ChecklistChanged",
    "ChecklistItemDone",
    "ChecklistItemNotApplicable",
    "ChecklistItemReopened",
    "ChecklistItemReviewed",
    "ColumnDeleted",
    "CommentDeleted",
    "CommentEdited",
    "CommentReacted",
    "DateProfileChanged",
    "DateRuleChanged",
    "DeadlineMissed",
    "DeadlineNear",
    "DependencyAdded",
    "DependencyChanged",
    "DependencyRemoved",
    "DigestDue",
    "KeyDateAdded",
    "KeyDateChanged",
    "KeyDateRemoved",
    "LabelChanged",
    "MemberChanged",
    "OfDeadline",
    "OfProject",
    "OfTask",
    "OfTime",
    "PlanImported",
    "ProjectArchived",
    "ProjectChanged",
    "ProjectOpened",
    "ProjectRescheduled",
    "ProjectRestored",
    "TaskAssigned",
    "TaskChanged",
    "TaskCommented",
    "TaskCompleted",
    "TaskCreated",
    "TaskDeleted",
    "TaskDue",
    "TaskMentioned",
    "TaskMoved",
    "TaskReopened",
    "TaskRestored",
    "TaskUnassigned",
    "TaskUnblocked",
    "TemplateApplied",
    "TemplateChanged",
    "TimeChanged",
    "TimeDeleted",
    "TimeLogged",
    "TimerForgotten",
    "TimerStarted",
    "TimerStopped",
]
