"""The rules of projects and tasks, by the codes the API answers with."""

from estateman.common.errors import RuleBroken


class ProjectArchived(RuleBroken):
    """What is archived is looked at, not worked on."""

    code = "project_archived"


class AlreadyMember(RuleBroken):
    """They belong to the project already."""

    code = "already_member"


class MemberGone(RuleBroken):
    """They left the project meanwhile, or were taken out of it."""

    code = "member_gone"


class LastOwner(RuleBroken):
    """A project always has an owner."""

    code = "last_owner"


class NotAMember(RuleBroken):
    """Tasks are given to those who work on the project, and watched by those who see it; ``users`` do not."""

    code = "not_a_member"


class NameTaken(RuleBroken):
    """Another column of the board, or another label, rule or baseline of the project, has this name."""

    code = "name_taken"


class ColumnNotEmpty(RuleBroken):
    """It holds ``tasks`` cards: another meaning would complete or reopen them, and without it they stood nowhere."""

    code = "column_not_empty"


class ColumnGone(RuleBroken):
    """Somebody took the column off the board meanwhile."""

    code = "column_gone"


class ColumnNeeded(RuleBroken):
    """A board always has a column for open tasks and one for completed ones."""

    code = "column_needed"


class LabelGone(RuleBroken):
    """Somebody deleted the label meanwhile."""

    code = "label_gone"


class WipLimitExceeded(RuleBroken):
    """``column`` holds ``count`` cards and takes no more than ``limit``."""

    code = "wip_limit_exceeded"


class KeyTaken(RuleBroken):
    """Another task of the project, or another template, has this key."""

    code = "key_taken"


class BlockedBy(RuleBroken):
    """``tasks`` come first: each with id, key and name."""

    code = "blocked_by"


class DependencyCycle(RuleBroken):
    """The tasks of ``cycle``, in order, would wait for each other."""

    code = "dependency_cycle"


class DependencyExists(RuleBroken):
    """The two hang together already, by ``dependency``."""

    code = "dependency_exists"


class DependencyGone(RuleBroken):
    """Somebody removed the dependency meanwhile."""

    code = "dependency_gone"


class PlanTooLong(RuleBroken):
    """``task`` (id, key and name; null where it is not kept) would leave the days that can be planned."""

    code = "plan_too_long"


class SubtasksOpen(RuleBroken):
    """Its sub-tasks ``tasks`` are still open: each with id, key and name."""

    code = "subtasks_open"


class BridgeNeeded(RuleBroken):
    """It stands between ``predecessors`` and ``successors`` (id, key and name): say whether those wait for these."""

    code = "bridge_needed"


class OccurrencePassed(RuleBroken):
    """The one after it is there already: ``latest`` (id, key and name) is the one that comes again."""

    code = "occurrence_passed"


class TaskGone(RuleBroken):
    """Somebody deleted the task meanwhile."""

    code = "task_gone"


class ChecklistOpen(RuleBroken):
    """``items`` of the checklist are required and not settled: each with id and text."""

    code = "checklist_open"


class ItemGone(RuleBroken):
    """Somebody deleted the checklist's item meanwhile."""

    code = "item_gone"


class DocumentNeeded(RuleBroken):
    """The item has a slot for a document, and none is in it."""

    code = "document_needed"


class NothingToReview(RuleBroken):
    """The item does not wait for a review."""

    code = "nothing_to_review"


class DocumentInUse(RuleBroken):
    """The file fills the slots of ``items``, which are done by it."""

    code = "document_in_use"


class CommentGone(RuleBroken):
    """The comment has lost its words for good."""

    code = "comment_deleted"


class TimerRunning(RuleBroken):
    """A person has one running timer, and it is ``log``."""

    code = "timer_running"


class NoTimer(RuleBroken):
    """No timer of theirs ever ran on the task; ``log`` is the one that runs elsewhere, or null."""

    code = "no_timer"


class TaskClosed(RuleBroken):
    """No timer runs on what is completed or cancelled."""

    code = "task_closed"


class TimeOverlap(RuleBroken):
    """The person has other time at this time: ``logs``, as far as the asker may see them."""

    code = "time_overlap"


class TimeGone(RuleBroken):
    """Somebody deleted the time log meanwhile."""

    code = "time_gone"


class TemplateGone(RuleBroken):
    """Somebody deleted the template meanwhile."""

    code = "template_gone"


class RuleGone(RuleBroken):
    """Somebody deleted the automation rule meanwhile."""

    code = "rule_gone"


class KeyDateTaken(RuleBroken):
    """The deal has ``key_date`` of this kind, or with this name."""

    code = "key_date_taken"


class KeyDateFollowed(RuleBroken):
    """``followers`` count from it: each with kind, id and name."""

    code = "key_date_followed"


class KeyDateGone(RuleBroken):
    """Somebody removed the key date meanwhile."""

    code = "key_date_gone"


class DateRuleGone(RuleBroken):
    """Somebody took the date rule away meanwhile."""

    code = "date_rule_gone"


class CalendarInUse(RuleBroken):
    """``projects`` and ``profiles`` count by it: each with id and name, as far as the asker may see them."""

    code = "calendar_in_use"


class ProfileInUse(RuleBroken):
    """``projects`` count by it, as far as the asker may see them, and so do ``rules`` rules and ``templates``."""

    code = "profile_in_use"


class ClosedAlready(RuleBroken):
    """The calendar is closed on that day already, by ``closure``."""

    code = "closed_already"


class CalendarGone(RuleBroken):
    """Somebody deleted the calendar, or the way of counting, meanwhile."""

    code = "calendar_gone"
