"""That nothing waits for itself: over dependencies of all types, sub-tasks and date rules."""

from collections.abc import Iterable, Mapping

from tasks.dependencies import Node, Thing, Waiting, find_circle, find_cycle
from tasks.models import DateRule, KeyDate, Project, Task, TaskDependency
from tasks.services.refusals import DependencyCycle


def require_no_circle(
    project: Project,
    *,
    links: Iterable[tuple[int, int]] = (),
    parents: Mapping[int, int | None] | None = None,
    rules: Iterable[tuple[Thing, Thing]] = (),
) -> None:
    """Raises DependencyCycle, with the tasks in their order, if anything would wait for itself.

    Looks at all that stands in the project, with what is to come: ``links`` (predecessor, successor), ``parents`` (task
    to its new parent, or None) and ``rules`` (what the rule counts from, what it moves; it takes the place of the one
    that the target has). To be called with the project locked. Four queries at most.
    """
    links, parents, rules = list(links), dict(parents or {}), list(rules)
    waiting = _waiting(project, links, parents, rules)
    new = [waiting.edge_of_wait(*link) for link in links]
    new += [edge for part, whole in parents.items() if whole for edge in waiting.edges_of_part(part, whole)]
    new += [waiting.edge_of_rule(*rule) for rule in rules]
    circle = next((found for edge in new if (found := find_cycle(waiting.edges, edge))), None)
    if circle or (circle := find_circle(waiting.edges)):
        _refuse(circle)


def _waiting(
    project: Project,
    links: list[tuple[int, int]],
    parents: dict[int, int | None],
    rules: list[tuple[Thing, Thing]],
) -> Waiting:
    wholes = Task.objects.filter(project=project, parent__isnull=False, parent__deleted_at=None)
    stands = dict(wholes.values_list("pk", "parent_id")) | parents
    waits = TaskDependency.objects.of_project(project.pk).values_list("predecessor_id", "successor_id")
    ruled = {target: anchor for anchor, target in (*_rules(project), *rules)}
    return Waiting(
        {part: whole for part, whole in stands.items() if whole},
        {*waits, *links},
        [(anchor, target) for target, anchor in ruled.items()],
    )


def _rules(project: Project) -> list[tuple[Thing, Thing]]:
    """What each rule counts from, and what it moves; one that is overridden may move it again any time."""
    rows = DateRule.objects.of_project(project.pk)
    ids = rows.values_list("after_task_id", "after_key_date_id", "task_id", "key_date_id")
    return [
        (
            ("task", after_task) if after_task else ("key_date", after_key_date or 0),
            ("task", task) if task else ("key_date", key_date or 0),
        )
        for after_task, after_key_date, task, key_date in ids
    ]


def _refuse(circle: list[Node]) -> None:
    tasks = dict(Task.objects.filter(pk__in=[node.id for node in circle if node.is_task]).values_list("pk", "name"))
    key_dates = [node.id for node in circle if not node.is_task]
    named = dict(KeyDate.objects.filter(pk__in=key_dates).values_list("pk", "name")) if key_dates else {}
    nodes = dict.fromkeys((node.is_task, node.id) for node in circle)
    names = [tasks[pk] if is_task else named[pk] for is_task, pk in nodes]
    raise DependencyCycle(
        f"They would wait for each other: {' → '.join([*names, names[0]])}.",
        cycle=[pk for is_task, pk in nodes if is_task],
    )
