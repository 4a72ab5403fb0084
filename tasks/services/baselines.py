"""Keeping a plan as it stands, to compare with later."""

from typing import Any

from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import BaselineDeleted, BaselineKept
from tasks.models import Baseline, BaselineTask, Project
from tasks.permissions import can_manage_project
from tasks.planning import plan_of
from tasks.services.locking import lock_project, require
from tasks.services.names import require_free_name


@transaction.atomic
def keep_baseline(project: Project, *, name: str, by: User) -> Baseline:
    """Keep the days that every task of the plan has now, under ``name``. Raises NameTaken, ProjectArchived."""
    require(can_manage_project(by, project))
    lock_project(project)
    require_free_name(project.baselines.all(), name, what=f"{project} has a baseline")
    plan = plan_of(project)
    baseline = Baseline.objects.create(project=project, name=name, created_by=by)
    BaselineTask.objects.bulk_create(
        BaselineTask(
            baseline=baseline,
            task_id=task.id,
            starts_on=task.early_start,
            due_on=task.early_finish,
            duration_days=task.duration_days,
        )
        for task in plan.tasks.values()
    )
    announce(
        BaselineKept(
            by_id=by.pk,
            project_id=project.pk,
            project=project.name,
            baseline_id=baseline.pk,
            baseline=name,
            tasks=len(plan.tasks),
        )
    )
    return baseline


@transaction.atomic
def delete_baseline(baseline: Baseline, *, by: User) -> None:
    """Forget it; of two who delete it at once, one does. Raises ProjectArchived."""
    project = baseline.project
    require(can_manage_project(by, project))
    lock_project(project)
    about: dict[str, Any] = {"baseline_id": baseline.pk, "baseline": baseline.name}
    if Baseline.objects.filter(pk=baseline.pk).exists():
        baseline.delete()
        announce(BaselineDeleted(by_id=by.pk, project_id=project.pk, project=project.name, **about))
