"""Who is told what is said about tasks. Nobody is told of what they may not see any more."""

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from notifications.models import Category
from notifications.reactions.telling import board_of, tell
from tasks.activities import ChecklistItemReviewed, TaskCommented, TaskMentioned
from tasks.audience import seeing


@on(TaskMentioned)
def tell_whom_a_comment_names(fact: TaskMentioned, activity: Activity) -> None:
    title = f"{activity.actor or 'Somebody'} mentioned you on {fact.task}"
    people = seeing(fact.project_id, [fact.user_id])
    tell(people, activity, Category.TASKS, title=title, body=fact.excerpt, url=board_of(fact.project_id))


@on(TaskCommented)
def tell_of_a_comment(fact: TaskCommented, activity: Activity) -> None:
    """Whoever has the task or watches it, but not who said it and not who is named: they hear of that."""
    people = seeing(fact.project_id, {*fact.follower_ids} - {fact.by_id, *fact.mention_ids})
    title = f"{activity.actor or 'Somebody'} commented on {fact.task}"
    tell(people, activity, Category.TASKS, title=title, body=fact.excerpt, url=board_of(fact.project_id))


@on(ChecklistItemReviewed)
def tell_what_was_rejected(fact: ChecklistItemReviewed, activity: Activity) -> None:
    """Whoever did it, unless they rejected it themselves."""
    if not fact.accepted and fact.done_by_id and fact.done_by_id != fact.by_id:
        title, body = f"“{fact.item}” of {fact.task} was rejected", f"{fact.note}\n{fact.project}."
        people = seeing(fact.project_id, [fact.done_by_id])
        tell(people, activity, Category.TASKS, title=title, body=body, url=board_of(fact.project_id))
