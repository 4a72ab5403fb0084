"""What people do with projects and tasks: the verbs, and the rules that may stand in their way."""

from tasks.services.assignments import assign_task, unassign_task
from tasks.services.attachments import attach_file, forget_lost_files, remove_attachment
from tasks.services.automation import (
    Did,
    Trial,
    change_automation_rule,
    create_automation_rule,
    delete_automation_rule,
    forget_old_runs,
    judge_rule,
    run_rules,
    try_automation_rule,
)
from tasks.services.baselines import delete_baseline, keep_baseline
from tasks.services.bulk import Bulk, change_tasks
from tasks.services.calendars import (
    add_closure,
    change_calendar,
    change_profile,
    create_calendar,
    create_profile,
    delete_calendar,
    delete_profile,
    recount_project,
    remove_closure,
)
from tasks.services.checking import (
    dismiss_checklist_item,
    do_checklist_item,
    file_document,
    reopen_checklist_item,
    review_checklist_item,
)
from tasks.services.checklists import add_checklist_item, edit_checklist_item, remove_checklist_item
from tasks.services.columns import change_column, create_column, delete_column
from tasks.services.commenting import (
    comment_on_task,
    delete_comment,
    edit_comment,
    react_to_comment,
    withdraw_reaction,
)
from tasks.services.completion import complete_task, reopen_task
from tasks.services.date_rules import change_date_rule, mark_overridden, remove_date_rule, rule_of, set_date_rule
from tasks.services.deleting import delete_task, restore_task
from tasks.services.dependencies import add_dependency, change_dependency, remove_dependency
from tasks.services.digests import forget_old_digests, send_overdue_digests
from tasks.services.due_days import announce_due_days
from tasks.services.duplicating import duplicate_task
from tasks.services.importing import Imported, import_plan
from tasks.services.key_dates import Move, add_key_date, change_key_date, move_key_dates, remove_key_date
from tasks.services.labels import change_label, create_label, delete_label
from tasks.services.members import add_member, change_member, remove_member
from tasks.services.moving import move_task
from tasks.services.projects import (
    archive_project,
    edit_project,
    open_project,
    restore_project,
)
from tasks.services.recurring import end_recurrence, set_recurrence
from tasks.services.stars import star_project, unstar_project
from tasks.services.tasks import create_task, edit_task
from tasks.services.templates import (
    apply_template,
    create_template,
    delete_template,
    duplicate_template,
    edit_template,
    save_as_template,
    settle_template,
)
from tasks.services.time import (
    delete_time,
    edit_time,
    flag_forgotten_timers,
    log_time,
    start_timer,
    stop_barred_timers,
    stop_log,
    stop_timer,
)
from tasks.services.warning import warn_of_deadlines
from tasks.services.watching import unwatch_task, watch_task

__all__ = [
    "Bulk",
    "Did",
    "Imported",
    "Move",
    "Trial",
    "add_checklist_item",
    "add_closure",
    "add_dependency",
    "add_key_date",
    "add_member",
    "announce_due_days",
    "apply_template",
    "archive_project",
    "assign_task",
    "attach_file",
    "change_automation_rule",
    "change_calendar",
    "change_column",
    "change_date_rule",
    "change_dependency",
    "change_key_date",
    "change_label",
    "change_member",
    "change_profile",
    "change_tasks",
    "comment_on_task",
    "complete_task",
    "create_automation_rule",
    "create_calendar",
    "create_column",
    "create_label",
    "create_profile",
    "create_task",
    "create_template",
    "delete_automation_rule",
    "delete_baseline",
    "delete_calendar",
    "delete_column",
    "delete_comment",
    "delete_label",
    "delete_profile",
    "delete_task",
    "delete_template",
    "delete_time",
    "dismiss_checklist_item",
    "do_checklist_item",
    "duplicate_task",
    "duplicate_template",
    "edit_checklist_item",
    "edit_comment",
    "edit_project",
    "edit_task",
    "edit_template",
    "edit_time",
    "end_recurrence",
    "file_document",
    "flag_forgotten_timers",
    "forget_lost_files",
    "forget_old_digests",
    "forget_old_runs",
    "import_plan",
    "judge_rule",
    "keep_baseline",
    "log_time",
    "mark_overridden",
    "move_key_dates",
    "move_task",
    "open_project",
    "react_to_comment",
    "recount_project",
    "remove_attachment",
    "remove_checklist_item",
    "remove_closure",
    "remove_date_rule",
    "remove_dependency",
    "remove_key_date",
    "remove_member",
    "reopen_checklist_item",
    "reopen_task",
    "restore_project",
    "restore_task",
    "review_checklist_item",
    "rule_of",
    "run_rules",
    "save_as_template",
    "send_overdue_digests",
    "set_date_rule",
    "set_recurrence",
    "settle_template",
    "star_project",
    "start_timer",
    "stop_barred_timers",
    "stop_log",
    "stop_timer",
    "try_automation_rule",
    "unassign_task",
    "unstar_project",
    "unwatch_task",
    "warn_of_deadlines",
    "watch_task",
    "withdraw_reaction",
]
