"""What projects announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfProject, listed


@dataclass(frozen=True, kw_only=True)
class ProjectOpened(OfProject, Fact, kind="project.opened"):
    def sentence(self) -> str:
        return f"opened {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectChanged(OfProject, Fact, kind="project.changed"):
    """``status`` is where it stands now."""

    fields: tuple[str, ...]
    status: str = ""

    def sentence(self) -> str:
        return f"changed {listed(self.fields)} of {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectArchived(OfProject, Fact, kind="project.archived"):
    def sentence(self) -> str:
        return f"archived {self.project}"


@dataclass(frozen=True, kw_only=True)
class ProjectRestored(OfProject, Fact, kind="project.restored"):
    def sentence(self) -> str:
        return f"took {self.project} out of the archive"


@dataclass(frozen=True, kw_only=True)
class MemberChanged(OfProject, Fact, kind="project.member_changed"):
    """Somebody joined (``added``), got another role (``changed``) or left (``removed``)."""

    user_id: int
    user: str
    role: str
    deal_role: str
    change: str

    def sentence(self) -> str:
        part = self.deal_role or self.role
        return {
            "added": f"added {self.user} to {self.project} as {part.replace('_', ' ')}",
            "changed": f"made {self.user} {part.replace('_', ' ')} of {self.project}",
            "removed": f"took {self.user} out of {self.project}",
        }[self.change]


@dataclass(frozen=True, kw_only=True)
class BoardChanged(OfProject, Fact, kind="project.board_changed"):
    """A column was added or changed."""

    column_id: int
    column: str

    def sentence(self) -> str:
        return f"arranged the column {self.column} of {self.project}"


@dataclass(frozen=True, kw_only=True)
class ColumnDeleted(OfProject, Fact, kind="project.column_deleted"):
    """A column is gone; its ``tasks`` cards stand at the end of ``moved_to``, where there were any."""

    column_id: int
    column: str
    moved_to_id: int | None
    moved_to: str
    tasks: int

    def sentence(self) -> str:
        cards = f", its cards are in {self.moved_to}" if self.tasks else ""
        return f"removed the column {self.column} of {self.project}{cards}"


@dataclass(frozen=True, kw_only=True)
class LabelChanged(OfProject, Fact, kind="project.label_changed"):
    """A label was ``added``, ``changed`` or ``removed``."""

    label_id: int
    label: str
    change: str

    def sentence(self) -> str:
        return f"{self.change} the label {self.label} of {self.project}"


@dataclass(frozen=True, kw_only=True)
class TemplateApplied(OfProject, Fact, kind="project.template_applied"):
    template_id: int
    template: str
    tasks: int

    def sentence(self) -> str:
        return f"planned {self.project} with {self.template}: {self.tasks} tasks"
