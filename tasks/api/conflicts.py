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
LINKED = refusals.DependencyExists("Go live waits for Photos already. Remove that first to change it.", dependency=5)
MEMBER_ALREADY = refusals.AlreadyMember("Sam Stone belongs to 12 Quay Street already.", user=9)
LAST_OWNER = refusals.LastOwner("12 Quay Street needs an owner. Make somebody else one first.", user=2)
NAME_TAKEN = refusals.NameTaken("The board has a column called Waiting already.")
NOT_EMPTY = refusals.ColumnNotEmpty("Move its cards elsewhere first.", tasks=4)
COLUMN_NEEDED = refusals.ColumnNeeded("This is the board's last column of its kind. Add another one first.")
