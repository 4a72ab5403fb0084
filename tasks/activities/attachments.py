"""What the files of tasks announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(OfTask, Fact, kind="task.attachment_added"):
    attachment_id: int
    name: str
    content_type: str
    size_bytes: int

    def sentence(self) -> str:
        return f"attached {self.name} to {self.task}"


@dataclass(frozen=True, kw_only=True)
class AttachmentRemoved(OfTask, Fact, kind="task.attachment_removed"):
    attachment_id: int
    name: str

    def sentence(self) -> str:
        return f"removed {self.name} from {self.task}"
