"""What people say about a task."""

from django.db import models
from django.db.models import Prefetch

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from tasks.models.details import Attachment
from tasks.models.projects import Project


class TaskCommentQuerySet(models.QuerySet["TaskComment"]):
    def visible_to(self, user: User) -> "TaskCommentQuerySet":
        """Those on the tasks ``user`` may see."""
        return self.filter(task__deleted_at=None, task__project__in=Project.objects.visible_to(user))

    def for_display(self) -> "TaskCommentQuerySet":
        """With all that is shown of one, in a constant number of queries."""
        named = CommentMention.objects.filter(is_current=True).order_by("id")
        given = CommentReaction.objects.order_by("id")
        files = Attachment.objects.select_related("uploaded_by").order_by("id")
        return self.select_related("author").prefetch_related(
            Prefetch("mentioned", queryset=named),
            Prefetch("reactions", queryset=given),
            Prefetch("attachments", queryset=files),
        )


class TaskComment(Versioned):
    """A comment in markdown. Deleted it keeps its place and loses its words."""

    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="task_comments")
    body = models.TextField(max_length=20_000)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    mentions = models.ManyToManyField(User, through="CommentMention", related_name="+")

    objects = TaskCommentQuerySet.as_manager()

    class Meta:
        db_table = "task_comments"
        indexes = [models.Index(fields=["task", "id"], name="comment_by_task")]

    def __str__(self) -> str:
        return f"{self.author} on {self.task}"


class CommentMention(models.Model):
    """That a comment names someone, or did before an edit: they are told once, however often it is edited."""

    comment = models.ForeignKey(TaskComment, on_delete=models.CASCADE, related_name="mentioned")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    is_current = models.BooleanField(default=True, help_text="Its words name them still")

    class Meta:
        db_table = "task_comment_mentions"
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once_per_comment")]

    def __str__(self) -> str:
        return f"{self.user} in {self.comment}"


class CommentRevision(models.Model):
    """What a comment said before it was edited or deleted."""

    comment = models.ForeignKey(TaskComment, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Who changed it")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "task_comment_revisions"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.comment} before {self.at:%Y-%m-%d %H:%M}"


class Emoji(models.TextChoices):
    """The little pictures there are to react with: few, so that they add up."""

    THUMBS_UP = "👍", "thumbs up"
    THUMBS_DOWN = "👎", "thumbs down"
    HEART = "❤️", "heart"
    PARTY = "🎉", "party"
    LAUGH = "😄", "laugh"
    CONFUSED = "😕", "confused"
    EYES = "👀", "eyes"
    ROCKET = "🚀", "rocket"
    CHECK = "✅", "check mark"
    THANKS = "🙏", "thanks"


class CommentReaction(models.Model):
    """A little picture that someone puts under a comment."""

    comment = models.ForeignKey(TaskComment, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=16, choices=Emoji.choices)

    class Meta:
        db_table = "task_comment_reactions"
        constraints = [models.UniqueConstraint(fields=["comment", "user", "emoji"], name="reaction_once_per_person")]

    def __str__(self) -> str:
        return f"{self.emoji} by {self.user}"
