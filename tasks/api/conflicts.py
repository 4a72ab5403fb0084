"""The rules that the task routes may refuse by, as the docs show them."""

from estateman.common.errors import VersionConflict
from tasks.services import refusals

_PHOTOS = {"id": 17, "key": "photos", "name": "Photos and floor plan"}

ARCHIVED = refusals.ProjectArchived("12 Quay Street is archived. Restore it to work on it.")
STALE = VersionConflict(
    "This was changed by somebody else meanwhile. Look at it again.",
    current={"version": 4, "name": "Photos and floor plan"},
)
BLOCKED = refusals.BlockedBy("This has to wait for: Photos and floor plan.", tasks=[_PHOTOS])
FULL = refusals.WipLimitExceeded(
    "In progress takes no more than 3. Finish something there first.", column=8, limit=3, count=3
)
KEY_TAKEN = refusals.KeyTaken("12 Quay Street has a task with the key photos already.")
NOT_A_MEMBER = refusals.NotAMember("Not working on 12 Quay Street: Sam Stone.", users=[9])
CYCLE = refusals.DependencyCycle("They would wait for each other: Photos → Go live → Photos.", cycle=[17, 21])
TOO_LONG = refusals.PlanTooLong(
    "Go live would leave the days up to 2099-12-31. Shorten what comes first.", task=_PHOTOS
)
UNLINKED = refusals.DependencyGone("Somebody removed this dependency meanwhile.")
LINKED = refusals.DependencyExists("Go live waits for Photos already. Remove that first to change it.", dependency=5)
MEMBER_ALREADY = refusals.AlreadyMember("Sam Stone belongs to 12 Quay Street already.", user=9)
LAST_OWNER = refusals.LastOwner("12 Quay Street needs an owner. Make somebody else one first.", user=2)
MEMBER_GONE = refusals.MemberGone("Sam Stone does not belong to 12 Quay Street any more.")
NAME_TAKEN = refusals.NameTaken("The board has a column called Waiting already.")
BASELINE_TAKEN = refusals.NameTaken("12 Quay Street has a baseline called As signed already.")
LABEL_TAKEN = refusals.NameTaken("12 Quay Street has a label called Paperwork already.")
LABEL_GONE = refusals.LabelGone("This label was deleted meanwhile.")
NOT_A_VIEWER = refusals.NotAMember("They do not see 12 Quay Street: Sam Stone.", users=[9])
SUBTASKS_OPEN = refusals.SubtasksOpen("First its sub-tasks: Photos and floor plan.", tasks=[_PHOTOS])
BRIDGE_NEEDED = refusals.BridgeNeeded(
    "Go live waits for this, and this for Staging. Say whether Go live is to wait for Staging then.",
    predecessors=[{"id": 14, "key": "staging", "name": "Staging"}],
    successors=[{"id": 21, "key": "live", "name": "Go live"}],
)
OCCURRENCE_PASSED = refusals.OccurrencePassed("It has come again already: T-8.", latest=_PHOTOS)
TEMPLATE_CYCLE = refusals.DependencyCycle(
    "The template's tasks wait for each other: photos → mls → photos.", cycle=["photos", "mls"]
)
TEMPLATE_GONE = refusals.TemplateGone("This template was deleted meanwhile.")
TEMPLATE_KEY_TAKEN = refusals.KeyTaken("There is a template with the key listing-launch already.")
NOT_EMPTY = refusals.ColumnNotEmpty("Move its cards elsewhere first.", tasks=4)
TASK_GONE = refusals.TaskGone("This task was deleted meanwhile.")
COLUMN_GONE = refusals.ColumnGone("This column was taken off the board meanwhile.")
COLUMN_NEEDED = refusals.ColumnNeeded("This is the board's last column of its kind. Add another one first.")

_TIME = {
    "id": 31,
    "task": 17,
    "task_key": "photos",
    "task_name": "Photos and floor plan",
    "project": 4,
    "project_name": "12 Quay Street",
    "user": 3,
    "user_name": "Alex Agent",
    "started_at": "2026-05-04T13:00:00Z",
    "ended_at": None,
    "seconds": None,
    "timezone": "America/New_York",
    "work_date": "2026-05-04",
    "note": "",
    "is_billable": False,
    "source": "timer",
    "ended_by": "",
    "needs_review": False,
    "is_running": True,
    "created_at": "2026-05-04T13:00:00Z",
    "version": 1,
}
TIMER_RUNNING = refusals.TimerRunning("Your timer runs on Photos and floor plan. Stop it first, or switch.", log=_TIME)
NO_TIMER = refusals.NoTimer("No timer of yours ran on Go live.", log=_TIME)
TASK_CLOSED = refusals.TaskClosed("Go live is completed. Reopen it to work on it.")
TIME_OVERLAP = refusals.TimeOverlap(
    "There is other time at this time already. Nobody does two things at once.", logs=[_TIME]
)

_DISCLOSURE = {"id": 41, "text": "Seller's disclosure, signed"}
CHECKLIST_OPEN = refusals.ChecklistOpen("Still open: Seller's disclosure, signed.", items=[_DISCLOSURE])
DOCUMENT_NEEDED = refusals.DocumentNeeded("It is done by putting a document into its slot.")
NOTHING_TO_REVIEW = refusals.NothingToReview("It does not wait for a review.")
ITEM_GONE = refusals.ItemGone("This was taken off the checklist meanwhile.")
DOCUMENT_IN_USE = refusals.DocumentInUse(
    "It is what was filed for: Seller's disclosure, signed. Put another document there first.", items=[_DISCLOSURE]
)
COMMENT_GONE = refusals.CommentGone("It was deleted. Write another one.")
RULE_NAME_TAKEN = refusals.NameTaken("12 Quay Street has a rule called Ask for a review already.")
RULE_GONE = refusals.RuleGone("This rule was deleted meanwhile.")

KEY_DATE_TAKEN = refusals.KeyDateTaken("12 Quay Street has Closing (closing) already.", key_date=12)
FOLLOWED = refusals.KeyDateFollowed(
    "These count from Closing: Walkthrough.", followers=[{"kind": "key_date", "id": 13, "name": "Walkthrough"}]
)
KEY_DATE_GONE = refusals.KeyDateGone("This key date was removed meanwhile.")
DATE_RULE_GONE = refusals.DateRuleGone("Walkthrough has no date rule any more.")
CALENDAR_IN_USE = refusals.CalendarInUse(
    "1 projects and 1 date profiles count by Our office.",
    projects=[{"id": 4, "name": "12 Quay Street"}],
    profiles=[{"id": 7, "name": "TRID: general business days"}],
)
PROFILE_IN_USE = refusals.ProfileInUse(
    "Projects, rules or templates count by Texas: TREC contract. Give them another one first.",
    projects=[{"id": 4, "name": "12 Quay Street"}],
    rules=3,
    templates=[{"id": 1, "name": "Contract to close"}],
)
CLOSED = refusals.ClosedAlready("Our office is closed on 2026-12-24 already: Christmas Eve.", closure=5)
CALENDAR_GONE = refusals.CalendarGone("This was deleted meanwhile.")
CALENDAR_KEY_TAKEN = refusals.KeyTaken("There is one with the key our-office already.")
