"""Projects with their people, boards and days; tasks with all they carry; templates, time and automation."""

from tasks.models.automation import AutomatedActivity, AutomationRule, AutomationRun, DeadlineNotice, OverdueDigest
from tasks.models.calendars import BusinessCalendar, Closure, Counting, DateProfile, Direction, Roll, Sets
from tasks.models.comments import CommentMention, CommentReaction, CommentRevision, Emoji, TaskComment
from tasks.models.dependencies import DependencyType, TaskDependency
from tasks.models.details import Attachment, ChecklistItem, Label, Recurrence, TaskWatcher
from tasks.models.history import TaskTransition
from tasks.models.key_dates import DateRule, KeyDate, KeyDateKind
from tasks.models.plans import Baseline, BaselineTask, DateChange
from tasks.models.projects import (
    OPEN_GROUPS,
    BoardColumn,
    ColumnGroup,
    DealRole,
    Priority,
    Project,
    ProjectKind,
    ProjectMember,
    ProjectRole,
    ProjectStar,
    ProjectStatus,
)
from tasks.models.tasks import SchedulingMode, Task, TaskAssignee
from tasks.models.templates import (
    AppliedTemplate,
    ProjectTemplate,
    TemplateChecklistItem,
    TemplateDateRule,
    TemplateDependency,
    TemplateKeyDate,
    TemplateTask,
)
from tasks.models.time import TimeLog, TimeLogChange

__all__ = [
    "OPEN_GROUPS",
    "AppliedTemplate",
    "Attachment",
    "AutomatedActivity",
    "AutomationRule",
    "AutomationRun",
    "Baseline",
    "BaselineTask",
    "BoardColumn",
    "BusinessCalendar",
    "ChecklistItem",
    "Closure",
    "ColumnGroup",
    "CommentMention",
    "CommentReaction",
    "CommentRevision",
    "Counting",
    "DateChange",
    "DateProfile",
    "DateRule",
    "DeadlineNotice",
    "DealRole",
    "DependencyType",
    "Direction",
    "Emoji",
    "KeyDate",
    "KeyDateKind",
    "Label",
    "OverdueDigest",
    "Priority",
    "Project",
    "ProjectKind",
    "ProjectMember",
    "ProjectRole",
    "ProjectStar",
    "ProjectStatus",
    "ProjectTemplate",
    "Recurrence",
    "Roll",
    "SchedulingMode",
    "Sets",
    "Task",
    "TaskAssignee",
    "TaskComment",
    "TaskDependency",
    "TaskTransition",
    "TaskWatcher",
    "TemplateChecklistItem",
    "TemplateDateRule",
    "TemplateDependency",
    "TemplateKeyDate",
    "TemplateTask",
    "TimeLog",
    "TimeLogChange",
]
