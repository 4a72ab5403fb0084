"""Opening, changing and archiving projects."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import Team, User
from tasks.activities import ProjectArchived, ProjectChanged, ProjectOpened, ProjectRestored
from tasks.models import (
    BusinessCalendar,
    DateChange,
    DateProfile,
    Project,
    ProjectRole,
    ProjectStatus,
    ProjectTemplate,
    TimeLog,
)
from tasks.permissions import can_manage_project, can_open_project
from tasks.services.columns import add_default_columns
from tasks.services.days import require_plannable
from tasks.services.deadlines import follow_zone
from tasks.services.joining import join
from tasks.services.locking import lock_project, require
from tasks.services.parts import take_parts
from tasks.services.replanning import Cause, Seeds, replan
from tasks.services.templates import apply_fitting_templates, apply_template
from tasks.services.time.stopping import stop_barred_timers, stop_timers
from tasks.services.watching import stop_watching


@transaction.atomic
def open_project(  # noqa: PLR0913  the fields of one form
    *,
    name: str,
    kind: str,
    by: User,
    address: str = "",
    starts_on: date | None = None,
    team: Team | None = None,
    template: ProjectTemplate | None = None,
    roles: Mapping[str, User] | None = None,
    status: str = ProjectStatus.ACTIVE,
    is_private: bool = False,
    client_names: str = "",
    timezone: str | None = None,
    calendar: BusinessCalendar | None = None,
    date_profile: DateProfile | None = None,
) -> Project:
    """Open a deal: ``by`` owns it, those of ``roles`` (deal role to person) join it, and the
    ``template``, if any, gives it tasks; so do those that are applied by themselves where it stands.

    It starts on ``starts_on``, by default today, and stands in ``timezone``, both by default where
    ``by`` lives. Raises ValidationError for
    someone who left and for a day centuries off, and what ``apply_template`` raises.
    """
    require(can_open_project(by))
    require_plannable(starts_on=starts_on)
    project = Project.objects.create(
        name=name,
        kind=kind,
        status=status,
        address=address,
        starts_on=starts_on or clock.local_date(clock.now(), by.timezone),
        team=team,
        is_private=is_private,
        client_names=client_names,
        timezone=timezone or by.timezone,
        calendar=calendar,
        date_profile=date_profile,
        created_by=by,
    )
    add_default_columns(project)
    announce(ProjectOpened(**_facts_of(project, by)))
    join(project, by, by=by, role=ProjectRole.OWNER)
    take_parts(project, roles or {}, by=by)
    if template:
        apply_template(template, project=project, by=by, roles=roles)
    apply_fitting_templates(project, by=by, roles=roles)
    return project


@transaction.atomic
def edit_project(project: Project, *, by: User, changes: dict[str, Any], version: int | None = None) -> Project:
    """Change what a project is called, where it stands and who sees it.

    Where it comes to stand, the templates for that are applied, from today on. Who does not see it any more, as it is
    private now, watches nothing there, and their timers on it stop. Raises VersionConflict, ProjectArchived, and what
    ``apply_template`` raises.
    """
    require(can_manage_project(by, project))
    require_plannable(starts_on=changes.get("starts_on"))
    lock_project(project)
    fresh = {name: value for name, value in changes.items() if getattr(project, name) != value}
    started_on = project.starts_on
    if fresh or version is not None:
        save_changes(project, fresh, version=version)
    if fresh:
        fields = tuple(sorted(fresh))
        announce(ProjectChanged(**_facts_of(project, by), fields=fields, status=project.status))
    if fresh.get("is_private"):
        stop_barred_timers(by=by, project=project)
        stop_watching(project)
    if "timezone" in fresh:
        follow_zone(project)
    if fresh.keys() & {"starts_on", "calendar", "date_profile"}:
        cause = Cause(DateChange.Cause.PROJECT, "as the project's start or calendar changed")
        replan(project, by=by, seeds=Seeds(everything=True, started_on=started_on), cause=cause)
    if fresh.keys() & {"status", "kind"}:
        today = clock.local_date(clock.now(), project.timezone)
        apply_fitting_templates(project, by=by, starts_on=max(today, project.starts_on))
    return project


@transaction.atomic
def archive_project(project: Project, *, by: User) -> Project:
    """Put ``project`` out of sight and out of work, with all it has. Archiving twice is once."""
    require(can_manage_project(by, project))
    if _set_archived(project, to=True):
        stop_timers(project=project, ended_by=TimeLog.EndedBy.ARCHIVED, by=by)
        announce(ProjectArchived(**_facts_of(project, by)))
    return project


@transaction.atomic
def restore_project(project: Project, *, by: User) -> Project:
    """Take ``project`` out of the archive; nothing happens when it is not in it."""
    require(can_manage_project(by, project))
    if _set_archived(project, to=False):
        announce(ProjectRestored(**_facts_of(project, by)))
    return project


def _set_archived(project: Project, *, to: bool) -> bool:
    """Whether this changed it: of two at once, one does."""
    same = Project.objects.filter(pk=project.pk, archived_at__isnull=to)
    changed = bool(same.update(archived_at=clock.now() if to else None))
    project.refresh_from_db()
    return changed


def _facts_of(project: Project, by: User) -> dict[str, Any]:
    return {"by_id": by.pk, "project_id": project.pk, "project": project.name}
