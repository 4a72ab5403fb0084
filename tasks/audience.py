"""Who hears what becomes of a project's tasks. Nobody hears of what they may not see."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from estateman.people.models import User
from estateman.people.permissions import LEADING
from tasks.models import AutomatedActivity, DealRole, Project, ProjectRole, Task, TaskWatcher
from tasks.permissions import WORKING, people_who_see


def seeing(project_id: int, people: Iterable[int]) -> set[int]:
    """Of the user ids ``people`` those who work here and may see the project; two queries."""
    wanted = set(people)
    project = Project.objects.filter(pk=project_id).first() if wanted else None
    if project is None:
        return set()
    return set(people_who_see(project).filter(pk__in=wanted).values_list("pk", flat=True))


def followers_of(task_ids: Collection[int]) -> dict[int, set[int]]:
    """Who wants to hear what becomes of each task: its watchers, and whoever made it.

    What a template brought nobody made by hand: whoever applied it does not hear of each task.
    """
    followers: dict[int, set[int]] = defaultdict(set)
    for task_id, user_id in TaskWatcher.objects.filter(task__in=task_ids).values_list("task_id", "user_id"):
        followers[task_id].add(user_id)
    by_hand = Task.every.filter(pk__in=task_ids, applied_template=None).exclude(created_by=None)
    for task_id, user_id in by_hand.values_list("pk", "created_by_id"):
        followers[task_id].add(user_id)
    return followers


def keepers_of(project: Project) -> list[int]:
    """Who answers for the deal's deadlines: its coordinators and owners; without any the office's managers.

    A private deal's name stays among its members: where none of these is left, nobody is told.
    """
    there = project.memberships.filter(user__is_active=True)
    keeping = there.filter(role=ProjectRole.OWNER) | there.filter(role__in=WORKING, deal_role=DealRole.COORDINATOR)
    found = set(keeping.values_list("user_id", flat=True))
    if not found and not project.is_private:
        found = set(User.objects.filter(is_active=True, role__in=LEADING).values_list("pk", flat=True))
    return sorted(found)


def workers_of(project: Project) -> set[int]:
    """All who work on the project."""
    return set(project.memberships.filter(role__in=WORKING).values_list("user_id", flat=True))


def automated(activity_ids: Collection[int]) -> set[int]:
    """Those of the activities that a rule announced, in the name of whoever made it."""
    found = AutomatedActivity.objects.filter(activity__in=activity_ids)
    return set(found.values_list("activity_id", flat=True))


def moved_for(task_ids: Collection[int]) -> dict[int, list[Task]]:
    """Of these tasks those that are open, by who has them, the soonest first."""
    moved: dict[int, list[Task]] = defaultdict(list)
    for task in Task.objects.open().filter(pk__in=task_ids).with_people().order_by("due_on", "pk"):
        for user_id in task.assignee_ids:
            moved[user_id].append(task)
    return moved


def still_open_for(user_id: int, task_ids: Collection[int]) -> list[Task]:
    """Of these tasks those that are still open and that the user may see, in the order of ``task_ids``."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return []
    place = {pk: at for at, pk in enumerate(task_ids)}
    tasks = Task.objects.visible_to(user).current().open().filter(pk__in=task_ids).select_related("project")
    return sorted(tasks, key=lambda task: place[task.pk])
