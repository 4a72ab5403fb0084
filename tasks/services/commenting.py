"""What people say about tasks, and to whom."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import CommentDeleted, CommentEdited, CommentReacted, TaskCommented, TaskMentioned
from tasks.mentions import Person, excerpt, mentions
from tasks.models import Attachment, CommentMention, CommentReaction, CommentRevision, Project, Task, TaskComment
from tasks.permissions import can_delete_comment, can_edit_comment, can_work_on_project, people_who_see
from tasks.services.locking import lock_task, require
from tasks.services.placing import facts_of
from tasks.services.refusals import CommentGone

_EXCERPT = 280


@transaction.atomic
def comment_on_task(task: Task, *, body: str, by: User, attachments: Collection[Attachment] = ()) -> TaskComment:
    """Say ``body``, in markdown, with files of the task. Whoever it names is told, and so are those who have the task.

    Raises ValidationError for a file of another task or of another comment, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    comment = TaskComment.objects.create(task=task, author=by, body=body)
    _hang_on(comment, attachments)
    people = _people(task.project)
    named = _note_the_named(comment, people)
    announce(
        TaskCommented(
            **_content(comment, named, by),
            follower_ids=_followers(task, people),
        )
    )
    _tell_the_named(comment, named, by)
    return comment


@transaction.atomic
def edit_comment(
    comment: TaskComment,
    *,
    by: User,
    body: str | None = None,
    attachments: Collection[Attachment] | None = None,
    version: int | None = None,
) -> TaskComment:
    """Say it otherwise, for its author. What it said stays as a revision; only who was not named before is told.

    Raises CommentGone, VersionConflict, ValidationError for a file of another task or of another comment, TaskGone,
    ProjectArchived.
    """
    require(can_edit_comment(by, comment))
    _lock_comment(comment)
    if comment.deleted_at:
        raise CommentGone("It was deleted. Write another one.")
    fresh = {} if body is None or body == comment.body else {"body": body, "edited_at": clock.now()}
    if fresh:
        _keep_revision(comment, by)
    rehung = attachments is not None and _hang_on(comment, attachments)
    if fresh or rehung or version is not None:
        save_changes(comment, fresh, version=version)
    if fresh or rehung:
        named = _note_the_named(comment, _people(comment.task.project))
        announce(CommentEdited(**_content(comment, named, by)))
        _tell_the_named(comment, named, by)
    return comment


@transaction.atomic
def delete_comment(comment: TaskComment, *, by: User) -> TaskComment:
    """Take its words away; its place, its revisions and the task's files stay. Deleting it twice is once.

    Raises TaskGone, ProjectArchived.
    """
    require(can_delete_comment(by, comment))
    _lock_comment(comment)
    if not comment.deleted_at:
        _keep_revision(comment, by)
        comment.attachments.update(comment=None)
        comment.reactions.all().delete()
        comment.mentioned.update(is_current=False)
        save_changes(comment, {"body": "", "deleted_at": clock.now()})
        announce(CommentDeleted(**_facts_of(comment, by)))
    return comment


@transaction.atomic
def react_to_comment(comment: TaskComment, *, emoji: str, by: User) -> TaskComment:
    """Put ``emoji`` under it; a second time changes and announces nothing.

    Raises CommentGone, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, comment.task.project))
    _lock_comment(comment)
    if comment.deleted_at:
        raise CommentGone("It was deleted: there is nothing to react to.")
    _, is_new = CommentReaction.objects.get_or_create(comment=comment, user=by, emoji=emoji)
    if is_new:
        _announce_reaction(comment, emoji, by, given=True)
    return comment


@transaction.atomic
def withdraw_reaction(comment: TaskComment, *, emoji: str, by: User) -> TaskComment:
    """Take my ``emoji`` back; where it is not, nothing happens. Raises TaskGone, ProjectArchived."""
    require(can_work_on_project(by, comment.task.project))
    _lock_comment(comment)
    if comment.reactions.filter(user=by, emoji=emoji).delete()[0]:
        _announce_reaction(comment, emoji, by, given=False)
    return comment


def _lock_comment(comment: TaskComment) -> None:
    task = comment.task
    lock_task(task)
    comment.refresh_from_db()
    comment.task = task


def _keep_revision(comment: TaskComment, by: User) -> None:
    CommentRevision.objects.create(comment=comment, body=comment.body, by=by)


def _hang_on(comment: TaskComment, attachments: Iterable[Attachment]) -> bool:
    """Make ``attachments`` the comment's; returns whether they were not. Raises ValidationError."""
    wanted = {each.pk for each in attachments}
    present = set(comment.attachments.values_list("pk", flat=True))
    free = comment.task.attachments.filter(pk__in=wanted - present, comment=None)
    if free.update(comment=comment) < len(wanted - present):
        raise ValidationError({"attachments": "They are files of this task that belong to no other comment."})
    comment.attachments.filter(pk__in=present - wanted).update(comment=None)
    return wanted != present


def _people(project: Project) -> list[Person]:
    """Whoever may be named and told."""
    return [Person(*row) for row in people_who_see(project).values_list("pk", "name", "email")]


def _note_the_named(comment: TaskComment, people: list[Person]) -> dict[int, Person]:
    """Whom the comment names, by id; of those it named before, whether it still does is written down."""
    named = mentions(comment.body, people)
    known = {person.id: person for person in people}
    comment.mentioned.exclude(user__in=named).update(is_current=False)
    comment.mentioned.filter(user__in=named).update(is_current=True)
    return {pk: known[pk] for pk in named}


def _tell_the_named(comment: TaskComment, named: dict[int, Person], by: User) -> None:
    """Announce who is named for the first time."""
    told = set(comment.mentioned.values_list("user_id", flat=True))
    first = [person for pk, person in named.items() if pk not in told]
    CommentMention.objects.bulk_create(CommentMention(comment=comment, user_id=person.id) for person in first)
    for person in first:
        if person.id != by.pk:
            facts, words = _facts_of(comment, by), _excerpt(comment)
            announce(TaskMentioned(**facts, user_id=person.id, user=person.name, excerpt=words))


def _followers(task: Task, people: list[Person]) -> tuple[int, ...]:
    """Who has the task or watches it, of those who may see it."""
    following = {*task.assignments.values_list("user_id", flat=True), *task.watchings.values_list("user_id", flat=True)}
    return tuple(person.id for person in people if person.id in following)


def _facts_of(comment: TaskComment, by: User) -> dict[str, Any]:
    return {**facts_of(comment.task, by), "comment_id": comment.pk}


def _content(comment: TaskComment, named: Iterable[int], by: User) -> dict[str, Any]:
    return {
        **_facts_of(comment, by),
        "excerpt": _excerpt(comment),
        "mention_ids": tuple(named),
        "attachment_ids": tuple(comment.attachments.order_by("pk").values_list("pk", flat=True)),
    }


def _excerpt(comment: TaskComment) -> str:
    return excerpt(comment.body, most=_EXCERPT)


def _announce_reaction(comment: TaskComment, emoji: str, by: User, *, given: bool) -> None:
    count = comment.reactions.filter(emoji=emoji).count()
    announce(CommentReacted(**_facts_of(comment, by), emoji=emoji, given=given, count=count))
