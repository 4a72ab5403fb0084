"""Planning a project with a template."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import TemplateApplied
from tasks.models import (
    OPEN_GROUPS,
    AppliedTemplate,
    Project,
    ProjectTemplate,
    Task,
    TaskDependency,
    TemplateDependency,
    TemplateTask,
)
from tasks.permissions import WORKING, can_manage_project
from tasks.ranking import GAP
from tasks.scheduling import Circle, Link, Work, schedule
from tasks.services.assignments import give
from tasks.services.days import require_plannable
from tasks.services.joining import take_parts
from tasks.services.locking import lock_project, require
from tasks.services.placing import BOTTOM, first_column, rank_at, require_room
from tasks.services.refusals import DependencyCycle
from tasks.workdays import Workdays

Days = dict[int, tuple[date, date]]


@transaction.atomic
def apply_template(
    template: ProjectTemplate,
    *,
    project: Project,
    by: User,
    starts_on: date | None = None,
    roles: Mapping[str, User] | None = None,
) -> tuple[AppliedTemplate, bool]:
    """Give ``project`` the template's tasks, dated from ``starts_on`` (by default its own start).

    Each task goes to whoever plays its role: as said in ``roles`` (deal role to person; they join
    the project), else as the members' deal roles say, else to nobody. Returns the application and
    whether it is new: a second one changes nothing. Raises DependencyCycle when the template goes
    round in a circle, WipLimitExceeded, ProjectArchived.
    """
    require(can_manage_project(by, project))
    lock_project(project)
    applied, is_new = AppliedTemplate.objects.get_or_create(
        project=project, template=template, defaults={"applied_by": by}
    )
    if is_new:
        take_parts(project, roles or {}, by=by)
        plan = list(template.tasks.all())
        links = list(TemplateDependency.objects.filter(successor__template=template))
        require_plannable(starts_on=starts_on)
        days = _days(plan, links, starts_on or project.starts_on, project.workdays())
        made = _make_tasks(applied, plan, days, by=by)
        _link(made, links)
        _announce_plan(applied, len(plan), by=by)
        _give_to_roles(applied, plan, made, roles or {}, by=by)
    return applied, is_new


def _days(
    plan: Iterable[TemplateTask], links: Iterable[TemplateDependency], starts_on: date, workdays: Workdays
) -> Days:
    works = [Work(each.pk, each.duration_days, each.offset_days) for each in plan]
    waits = [Link(x.predecessor_id, x.successor_id, x.type, x.lag_days) for x in links]
    try:
        spans = schedule(works, waits).spans
    except Circle as circle:
        keys = [each.key for each in plan if each.pk in circle.keys]
        raise DependencyCycle(f"The template's tasks wait for each other: {', '.join(keys)}.", cycle=keys) from None
    return {pk: workdays.days_of(starts_on, span.early_start, span.early_finish) for pk, span in spans.items()}


def _make_tasks(applied: AppliedTemplate, plan: list[TemplateTask], days: Days, *, by: User) -> dict[int, Task]:
    """The template's tasks by the ids they have there, on the board in the order of their days."""
    project = applied.project
    column = first_column(project, *OPEN_GROUPS)
    require_room(column, cards=len(plan))
    taken = set(project.tasks.values_list("key", flat=True))
    first_rank = rank_at(column, BOTTOM)
    tasks = {
        each.pk: Task(
            project=project,
            column=column,
            rank=first_rank + place * GAP,
            key=_free_key(each.key, taken),
            name=each.name,
            description=each.description,
            starts_on=days[each.pk][0],
            due_on=days[each.pk][1],
            duration_days=each.duration_days,
            applied_template=applied,
            created_by=by,
        )
        for place, each in enumerate(sorted(plan, key=lambda each: days[each.pk]))
    }
    Task.objects.bulk_create(tasks.values())
    return tasks


def _free_key(key: str, taken: set[str]) -> str:
    """``key``, or ``key-2``, ``key-3``, … where another template or a person used it already."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    taken.add(free)
    return free


def _link(tasks: Mapping[int, Task], links: Iterable[TemplateDependency]) -> None:
    TaskDependency.objects.bulk_create(
        TaskDependency(
            predecessor=tasks[link.predecessor_id],
            successor=tasks[link.successor_id],
            type=link.type,
            lag_days=link.lag_days,
        )
        for link in links
    )


def _announce_plan(applied: AppliedTemplate, tasks: int, *, by: User) -> None:
    announce(
        TemplateApplied(
            by_id=by.pk,
            project_id=applied.project_id,
            project=applied.project.name,
            template_id=applied.template_id,
            template=applied.template.name,
            tasks=tasks,
        )
    )


def _give_to_roles(
    applied: AppliedTemplate,
    plan: Iterable[TemplateTask],
    tasks: Mapping[int, Task],
    roles: Mapping[str, User],
    *,
    by: User,
) -> None:
    working = applied.project.memberships.filter(role__in=WORKING, user__is_active=True).exclude(deal_role="")
    players = {each.deal_role: each.user for each in working.select_related("user").order_by("-pk")}
    players |= roles
    for each in plan:
        if user := players.get(each.role):
            give(tasks[each.pk], user, by=by, applied=applied)
