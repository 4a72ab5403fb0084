"""Deleting tasks so that they can come back."""

from typing import Any

from django.db import transaction
from django.db.models import F

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import DependencyAdded, DependencyRemoved, TaskChanged, TaskDeleted, TaskRestored
from tasks.models import DateChange, Project, Task, TaskDependency, TimeLog
from tasks.permissions import WORKING, can_delete_task, can_restore_task
from tasks.services.circles import require_no_circle
from tasks.services.locking import lock_project, lock_task, require
from tasks.services.placing import BOTTOM, facts_of, rank_at, ref_of, require_room, telling_the_freed
from tasks.services.refusals import BridgeNeeded, DependencyCycle
from tasks.services.replanning import Cause, Seeds, replan
from tasks.services.time.stopping import stop_timers
from tasks.services.transitions import GONE, keep_transition

LEAST_LAG, MOST_LAG = -2000, 2000


@transaction.atomic
def delete_task(task: Task, *, by: User, bridge: bool | None = None) -> None:
    """Put ``task`` away; ``restore_task`` brings it back. Its sub-tasks move up to its parent, its hours stay worked.

    What only waited for it waits no longer. In the middle of a chain ``bridge`` has to say whether its successors are
    to wait for its predecessors then, as though the task took no time: the lags of both links add up, and the new link
    holds that end of the predecessor and that end of the successor which the two held, so that FS and FS make FS. Two
    tasks that hang together already are left as they are. Raises BridgeNeeded, TaskGone, ProjectArchived.
    """
    require(can_delete_task(by, task))
    lock_task(task)
    links = TaskDependency.objects.select_related("predecessor__project", "successor__project").order_by("pk")
    before, after = list(links.filter(successor=task)), list(links.filter(predecessor=task))
    if bridge is None and before and after:
        _ask_for_bridge(task, before, after)
    moved_up = _move_up(task, by)
    with telling_the_freed(task, by=by):
        if bridge:
            _bridge(task, before, after, by)
        save_changes(task, {"deleted_at": clock.now(), "deleted_by": by})
        stop_timers(task=task, ended_by=TimeLog.EndedBy.DELETED, by=by)
        keep_transition(task, origin=task.column.group, group=GONE)
        announce(TaskDeleted(**facts_of(task, by)))
    seeds = {link.successor_id for link in after} | moved_up | ({task.parent_id} if task.parent_id else set())
    _replan(task, seeds, f"{task} was deleted", by)


@transaction.atomic
def restore_task(task: Task, *, by: User) -> Task:
    """Bring ``task`` back, at the end of its column and with its key. Nothing happens when it is not deleted.

    An open one is no longer theirs who do not work there any more.
    It waits again for what it waited for, and that for it which did, save where tasks would come to wait for
    themselves: those links are gone for good. Where its parent is gone meanwhile it belongs to the parent's. Raises
    WipLimitExceeded, ProjectArchived.
    """
    require(can_restore_task(by, task))
    lock_project(task.project)
    project = task.project
    task.refresh_from_db(from_queryset=Task.every.select_related("column"))
    task.project = project
    if task.deleted_at is None:
        return task
    require_room(task.column)
    links = _take_links(task)
    back = {"deleted_at": None, "deleted_by": None, "parent": _living_parent(task)}
    save_changes(task, back | {"rank": rank_at(task.column, BOTTOM)})
    _put_back(task, links, by)
    if not task.is_completed:
        task.assignments.exclude(user__in=project.memberships.filter(role__in=WORKING).values("user")).delete()
    keep_transition(task, group=task.column.group)
    announce(TaskRestored(**facts_of(task, by), column_id=task.column_id, column=task.column.name))
    _replan(task, {task.pk, *(link.successor_id for link in links)}, f"{task} is back", by)
    return task


def _ask_for_bridge(task: Task, before: list[TaskDependency], after: list[TaskDependency]) -> None:
    first, then = [link.predecessor for link in before], [link.successor for link in after]
    raise BridgeNeeded(
        f"{', '.join(map(str, then))} wait for {task}, and that for {', '.join(map(str, first))}. "
        "Say whether they are to wait for these then.",
        predecessors=[ref_of(each) for each in first],
        successors=[ref_of(each) for each in then],
    )


def _bridge(task: Task, before: list[TaskDependency], after: list[TaskDependency], by: User) -> None:
    """Links each of its predecessors to each of its successors. It closes no circle: the way was there."""
    present = set(TaskDependency.every.of_project(task.project_id).values_list("predecessor_id", "successor_id"))
    for first in before:
        for then in after:
            if not {(first.predecessor_id, then.successor_id), (then.successor_id, first.predecessor_id)} & present:
                _link(first, then, by)


def _link(first: TaskDependency, then: TaskDependency, by: User) -> None:
    link = TaskDependency.objects.create(
        predecessor=first.predecessor,
        successor=then.successor,
        type=first.type[0] + then.type[1],
        lag_days=min(max(first.lag_days + then.lag_days, LEAST_LAG), MOST_LAG),
    )
    announce(
        DependencyAdded(
            **facts_of(then.successor, by),
            dependency_id=link.pk,
            predecessor_id=link.predecessor_id,
            predecessor=link.predecessor.name,
            type=link.type,
            lag_days=link.lag_days,
        )
    )


def _move_up(task: Task, by: User) -> set[int]:
    """Its sub-tasks become its parent's."""
    parts = list(task.subtasks.select_related("project").order_by("pk"))
    Task.objects.filter(pk__in=[each.pk for each in parts]).update(parent=task.parent_id, version=F("version") + 1)
    for each in parts:
        announce(TaskChanged(**facts_of(each, by), fields=("parent",)))
    return {each.pk for each in parts}


def _living_parent(task: Task) -> Task | None:
    """The nearest of those it was a part of that is there."""
    parent = task.parent
    while parent and parent.deleted_at:
        parent = parent.parent
    return parent


def _take_links(task: Task) -> list[TaskDependency]:
    """Takes away its links to what is there, to be put back one by one."""
    touching = TaskDependency.every.touching(task.pk).select_related("predecessor", "successor").order_by("pk")
    links = [link for link in touching if not _other_end(link, task).deleted_at]
    TaskDependency.every.filter(pk__in=[link.pk for link in links]).delete()
    return links


def _put_back(task: Task, links: list[TaskDependency], by: User) -> None:
    if task.parent_id and _closes_a_circle(task.project, parents={task.pk: task.parent_id}):
        save_changes(task, {"parent": None})
    for link in links:
        if _closes_a_circle(task.project, links=[(link.predecessor_id, link.successor_id)]):
            _announce_lost(task, link, by)
        else:
            link.save(force_insert=True)


def _closes_a_circle(project: Project, **what: Any) -> bool:
    try:
        require_no_circle(project, **what)
    except DependencyCycle:
        return True
    return False


def _other_end(link: TaskDependency, task: Task) -> Task:
    return link.successor if link.predecessor_id == task.pk else link.predecessor


def _announce_lost(task: Task, link: TaskDependency, by: User) -> None:
    link.successor.project = task.project
    announce(
        DependencyRemoved(
            **facts_of(link.successor, by),
            dependency_id=link.pk,
            predecessor_id=link.predecessor_id,
            predecessor=link.predecessor.name,
        )
    )


def _replan(task: Task, seeds: set[int], why: str, by: User) -> None:
    if seeds:
        cause = Cause(DateChange.Cause.DEPENDENCY, why, task_id=task.pk)
        replan(task.project, by=by, seeds=Seeds(tasks=frozenset(seeds)), cause=cause)
