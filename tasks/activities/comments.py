"""What comments announce. What was announced can't be unsaid, so that it holds their beginning only."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from tasks.activities.base import OfTask


@dataclass(frozen=True, kw_only=True)
class OfComment(OfTask):
    comment_id: int


@dataclass(frozen=True, kw_only=True)
class TaskCommented(OfComment, Fact, kind="task.commented"):
    """``excerpt`` is how it begins, without markup. ``follower_ids`` have the task or watch it, and may see it."""

    excerpt: str
    mention_ids: tuple[int, ...]
    attachment_ids: tuple[int, ...]
    follower_ids: tuple[int, ...]

    def sentence(self) -> str:
        return f"commented on {self.task}"


@dataclass(frozen=True, kw_only=True)
class CommentEdited(OfComment, Fact, kind="task.comment_edited"):
    excerpt: str
    mention_ids: tuple[int, ...]
    attachment_ids: tuple[int, ...]

    def sentence(self) -> str:
        return f"edited a comment on {self.task}"


@dataclass(frozen=True, kw_only=True)
class CommentDeleted(OfComment, Fact, kind="task.comment_deleted"):
    def sentence(self) -> str:
        return f"deleted a comment on {self.task}"


@dataclass(frozen=True, kw_only=True)
class CommentReacted(OfComment, Fact, kind="task.comment_reacted"):
    """A reaction was given, or taken back; ``count`` people give it now."""

    emoji: str
    given: bool
    count: int

    def sentence(self) -> str:
        if self.given:
            return f"reacted with {self.emoji} to a comment on {self.task}"
        return f"took {self.emoji} back from a comment on {self.task}"


@dataclass(frozen=True, kw_only=True)
class TaskMentioned(OfComment, Fact, kind="task.mentioned"):
    """Somebody is named in a comment; once for each comment, however often it is edited."""

    user_id: int
    user: str
    excerpt: str

    def sentence(self) -> str:
        return f"mentioned {self.user} on {self.task}"
