"""Opening the demo's deals, and bringing each to its stage."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from django.db import transaction
from django.db.models import Max

from estateman.activity.models import Activity
from estateman.people.models import Team, User
from tasks import services
from tasks.demo.deals import DEALS, LABELS, Deal, Extra
from tasks.demo.history import date_back
from tasks.demo.working import complete, complete_all, write_hours
from tasks.models import BusinessCalendar, DateProfile, Project, ProjectStatus, ProjectTemplate, Recurrence, Roll, Task
from tasks.starter_templates import install_templates
from tasks.workdays import Workdays

Staff = Mapping[str, User]
_EARLY = (ProjectStatus.PREPARING, ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD)


def load_projects(*, staff: Staff, teams: Mapping[str, Team], today: date) -> None:
    """Open the deals that are not there yet, as the manager, and bring each to its stage.

    ``staff`` holds admin, manager, agent1 to agent5, coordinator1, coordinator2, assistant1,
    assistant2 and marketing; ``teams`` harbour, hill and lettings. What was done is written down for
    the day it was done.
    """
    templates = install_templates()
    present = set(Project.objects.values_list("name", flat=True))
    missing = [deal for deal in DEALS if deal.name not in present]
    if not missing:
        return
    profile = _profile(by=staff["manager"])
    workdays = profile.calendar.workdays()
    for deal in missing:
        with transaction.atomic():
            before = Activity.objects.aggregate(last=Max("pk"))["last"] or 0
            begun = workdays.shift(today, -deal.days_ago)
            project = _open(deal, begun, profile, teams, staff)
            applied = _plan(project, deal, templates, workdays, staff, today)
            _bring_forward(project, deal, workdays, staff, today)
            _live(project, deal, staff)
            date_back(project, Activity.objects.filter(pk__gt=before).order_by("pk"), begun, applied)


def _profile(*, by: User) -> DateProfile:
    """How this office's contracts count: an example of a profile of one's own."""
    key = "harbour-and-hill"
    return DateProfile.objects.filter(key=key).first() or services.create_profile(
        key=key,
        name="Harbour & Hill: our contracts",
        description=(
            "An example: calendar days; what ends on a weekend or a federal holiday ends on the next business day, at "
            "5 pm. Check your contract."
        ),
        calendar=_calendar(),
        weekend_roll=Roll.FORWARD,
        holiday_roll=Roll.FORWARD,
        deadline_time=time(17),
        by=by,
    )


def _calendar() -> BusinessCalendar:
    return BusinessCalendar.objects.get(key="us-federal")


def _open(deal: Deal, begun: date, profile: DateProfile, teams: Mapping[str, Team], staff: Staff) -> Project:
    return services.open_project(
        name=deal.name,
        kind=deal.kind,
        status=deal.status if deal.status in _EARLY else ProjectStatus.ACTIVE,
        address=deal.address,
        client_names=deal.clients,
        starts_on=begun,
        calendar=profile.calendar,
        date_profile=profile,
        team=teams[deal.team],
        roles={role: staff[key] for role, key in deal.roles.items()},
        by=staff["manager"],
    )


def _plan(
    project: Project,
    deal: Deal,
    templates: Mapping[str, ProjectTemplate],
    workdays: Workdays,
    staff: Staff,
    today: date,
) -> dict[int, date]:
    """Apply its templates, each on its day, set the days it turns on, and let it stand where it stands.

    Returns the days on which they were applied, by application.
    """
    by, roles = staff["manager"], {role: staff[key] for role, key in deal.roles.items()}
    applied = {}
    for plan in deal.plans:
        starts_on = workdays.shift(today, -plan.days_ago)
        template = templates[plan.template]
        application, _ = services.apply_template(template, project=project, by=by, starts_on=starts_on, roles=roles)
        applied[application.pk] = starts_on
    for label in project.labels.all():
        services.change_label(label, changes={"color": LABELS[label.name]}, by=by)
    days = {each.name if each.kind == "own" else each.kind: each for each in project.key_dates.all()}
    moves = [
        services.Move(days[name], {"on": today + timedelta(days=in_days)}) for name, in_days in deal.key_dates.items()
    ]
    services.move_key_dates(project, moves=moves, by=by)
    project.refresh_from_db()
    services.edit_project(project, by=by, changes={"status": deal.status})
    if deal.keeps_baseline:
        services.keep_baseline(project, name="As accepted", by=by)
    return applied


def _bring_forward(project: Project, deal: Deal, workdays: Workdays, staff: Staff, today: date) -> None:
    """Do what is due, begin what is under way, and lay out what comes next."""
    for extra in deal.extras:
        _add(project, extra, staff, today)
    planned = project.tasks.exclude(applied_template=None).order_by("due_on", "starts_on", "pk")
    done = [
        task
        for task in planned.select_related("project").prefetch_related("checklist")
        if task.due_on and task.due_on < today and task.key not in deal.late
    ]
    complete_all(sorted(done, key=lambda task: (task.due_on or today, task.parent_id is None)), staff)
    write_hours(done, staff)
    columns = {column.name: column for column in project.columns.all()}
    for task in planned.open().select_related("project"):
        name = _column_of(task, deal, workdays, today)
        if name != "Backlog":
            services.move_task(task, column=columns[name], by=staff["manager"])
    _meet_key_dates(project, deal, staff, today)


def _meet_key_dates(project: Project, deal: Deal, staff: Staff, today: date) -> None:
    """What lies behind happened on its day, save what is late."""
    past = project.key_dates.filter(on__lt=today).exclude(kind__in=deal.unmet).select_related("project")
    moves = [services.Move(each, {"met_on": each.on}) for each in past]
    services.move_key_dates(project, moves=moves, by=staff["manager"])


def _add(project: Project, extra: Extra, staff: Staff, today: date) -> None:
    due_on = today + timedelta(days=extra.due_in)
    task = services.create_task(
        project,
        name=extra.name,
        by=staff["manager"],
        column=project.columns.get(name=extra.column),
        assignees=[staff[extra.who]],
        due_on=due_on,
        priority=extra.priority,
        labels=project.labels.filter(name=extra.label),
    )
    if extra.weekly:
        services.set_recurrence(task, every=1, unit=Recurrence.Unit.WEEK, by=staff["manager"])
    if extra.done:
        complete(task, due_on, staff)


def _column_of(task: Task, deal: Deal, workdays: Workdays, today: date) -> str:
    if task.key in deal.waiting:
        return "Waiting"
    if task.is_blocked or task.starts_on is None:
        return "Backlog"
    if task.starts_on <= today:
        return "In progress"
    return "To do" if task.starts_on <= workdays.shift(today, 3) else "Backlog"


def _live(project: Project, deal: Deal, staff: Staff) -> None:
    """What people do beside the tasks: they talk, watch, keep deals in sight, and let rules do the routine."""
    tasks = {task.key: task for task in project.tasks.select_related("project")}
    for said in deal.said:
        services.comment_on_task(tasks[said.task], body=said.body, by=staff[said.who])
    for key, who in deal.watched.items():
        services.watch_task(tasks[key], by=staff[who])
    for who in deal.starred_by:
        services.star_project(project, by=staff[who])
    if deal.keeps_baseline:
        services.create_automation_rule(
            project,
            by=staff["manager"],
            name="Tell the coordinator when a deadline is near",
            trigger="deadline_near",
            conditions=[{"field": "hours_left", "op": "at_most", "value": 48}],
            actions=[{"action": "notify", "roles": ["coordinator"], "message": "{task} of {project} is due soon."}],
        )
