"""Planning a project with a template: all that it holds is made, once."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction

from estateman.activity.services import announce, announce_all
from estateman.people.models import User
from tasks.activities import TaskAssigned, TaskCreated, TemplateApplied
from tasks.blueprints import Blueprint
from tasks.models import AppliedTemplate, Project, ProjectTemplate, Task, TaskAssignee
from tasks.permissions import can_manage_project
from tasks.services.days import require_plannable
from tasks.services.locking import lock_project, require
from tasks.services.parts import players_of, take_parts
from tasks.services.placing import facts_of
from tasks.services.templates.dating import date_parts
from tasks.services.templates.editing import lock_template
from tasks.services.templates.making import make_parts
from tasks.services.templates.reading import blueprint_of
from tasks.services.templates.writing import require_no_circle_in


@transaction.atomic
def apply_template(
    template: ProjectTemplate,
    *,
    project: Project,
    by: User,
    starts_on: date | None = None,
    roles: Mapping[str, User] | None = None,
) -> tuple[AppliedTemplate, bool]:
    """Give ``project`` the template's key dates and tasks, dated from ``starts_on`` (by default its own start).

    Key dates that the project has already are taken over as they are. Each task goes to whoever plays its role: as said
    in ``roles`` (deal role to person; they join the project), else as the members' deal roles say, else to nobody.
    Returns the application and whether it is new: a second one changes nothing. Raises DependencyCycle when the
    template goes round in a circle, WipLimitExceeded, TemplateGone, ProjectArchived.
    """
    require(can_manage_project(by, project))
    lock_project(project)
    lock_template(template)
    require_plannable(starts_on=starts_on)
    applied, is_new = AppliedTemplate.objects.get_or_create(
        project=project, template=template, defaults={"applied_by": by}
    )
    if is_new:
        take_parts(project, roles or {}, by=by)
        plan = blueprint_of(template)
        require_no_circle_in(plan)
        made = make_parts(applied, plan, by=by, starts_on=starts_on)
        date_parts(project, plan, made)
        _announce_plan(applied, made.tasks.values(), by=by)
        _give_to_roles(applied, plan, made.tasks, players_of(project) | dict(roles or {}), by=by)
    return applied, is_new


def apply_fitting_templates(
    project: Project, *, by: User, starts_on: date | None = None, roles: Mapping[str, User] | None = None
) -> None:
    """Apply every template that is applied by itself to projects of this kind that stand where this one does.

    What it has already it is not given again. Raises what ``apply_template`` raises.
    """
    for template in ProjectTemplate.objects.fitting(project).order_by("pk"):
        apply_template(template, project=project, by=by, starts_on=starts_on, roles=roles)


def _announce_plan(applied: AppliedTemplate, tasks: Collection[Task], *, by: User) -> None:
    announce(
        TemplateApplied(
            by_id=by.pk,
            project_id=applied.project_id,
            project=applied.project.name,
            template_id=applied.template_id,
            template=applied.template.name,
            tasks=len(tasks),
        )
    )
    announce_all(TaskCreated(**facts_of(task, by), template_application_id=applied.pk) for task in tasks)


def _give_to_roles(
    applied: AppliedTemplate, plan: Blueprint, tasks: Mapping[str, Task], players: Mapping[str, User], *, by: User
) -> None:
    given = [(tasks[step.key], players[step.role]) for step in plan.tasks if step.role in players]
    TaskAssignee.objects.bulk_create(TaskAssignee(task=task, user=user, assigned_by=by) for task, user in given)
    announce_all(
        TaskAssigned(
            **facts_of(task, by),
            assignee_id=user.pk,
            assignee=str(user),
            due_on=task.due_on.isoformat() if task.due_on else None,
            template_application_id=applied.pk,
        )
        for task, user in given
    )
