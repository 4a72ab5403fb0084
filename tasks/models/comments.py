"""What people say about a task."""

from django.db import models

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User


class TaskComment(Versioned):
    """A comment in markdown. Deleted it keeps its place and loses its words."""

    task = models.ForeignKey("Task", on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="task_comments")
    body = models.TextField(max_length=20_000)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    mentions = models.ManyToManyField(User, through="CommentMention", related_name="+")

    class Meta:
        db_table = "task_comments"
        indexes = [models.Index(fields=["task", "id"], name="comment_by_task")]

    def __str__(self) -> str:
        return f"{self.author} on {self.task}"


class CommentMention(models.Model):
    """That a comment names someone; they are told once, however often it is edited."""

    comment = models.ForeignKey(TaskComment, on_delete=models.CASCADE, related_name="mentioned")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

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


class CommentReaction(models.Model):
    """A little picture that someone puts under a comment."""

    comment = models.ForeignKey(TaskComment, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=16)

    class Meta:
        db_table = "task_comment_reactions"
        constraints = [models.UniqueConstraint(fields=["comment", "user", "emoji"], name="reaction_once_per_person")]

    def __str__(self) -> str:
        return f"{self.emoji} by {self.user}"
