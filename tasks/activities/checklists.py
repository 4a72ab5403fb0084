"""What checklists announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask


@dataclass(frozen=True, kw_only=True)
class OfChecklist(OfTask):
    """What all of these have: the item, by id and text, and how far the checklist is by now."""

    item_id: int
    item: str
    checklist_done: int
    checklist_total: int


@dataclass(frozen=True, kw_only=True)
class ChecklistChanged(OfChecklist, Fact, kind="task.checklist_changed"):
    """An item was ``added``, ``changed`` or ``removed``."""

    change: str

    def sentence(self) -> str:
        return {
            "added": f"put “{self.item}” on the checklist of {self.task}",
            "changed": f"changed “{self.item}” on the checklist of {self.task}",
            "removed": f"took “{self.item}” off the checklist of {self.task}",
        }[self.change]


@dataclass(frozen=True, kw_only=True)
class ChecklistItemDone(OfChecklist, Fact, kind="task.checklist_done"):
    """``document_id`` is the file in its slot; ``needs_review``: it waits to be accepted."""

    document_id: int | None
    needs_review: bool

    def sentence(self) -> str:
        return f"ticked “{self.item}” of {self.task}{', to be reviewed' if self.needs_review else ''}"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemNotApplicable(OfChecklist, Fact, kind="task.checklist_not_applicable"):
    reason: str

    def sentence(self) -> str:
        return f"found that “{self.item}” of {self.task} does not apply: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemReopened(OfChecklist, Fact, kind="task.checklist_reopened"):
    def sentence(self) -> str:
        return f"took up “{self.item}” of {self.task} again"


@dataclass(frozen=True, kw_only=True)
class ChecklistItemReviewed(OfChecklist, Fact, kind="task.checklist_reviewed"):
    """``done_by_id`` is whose work was looked at; what was not accepted is open again."""

    accepted: bool
    note: str
    done_by_id: int | None

    def sentence(self) -> str:
        verdict = "accepted" if self.accepted else "rejected"
        return f"{verdict} “{self.item}” of {self.task}{f': {self.note}' if self.note else ''}"
