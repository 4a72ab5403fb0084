"""A project's plan as a file has it."""

from urllib.parse import urlsplit

from tasks.exchange.ics import Entry, write_ics
from tasks.exchange.mspdi import Planned, write_mspdi
from tasks.exchange.plan import PlanFile, PlanLink, PlanTask
from tasks.models import DateRule, Project, Task, TaskDependency
from tasks.my_deadlines import Deadline, deadline_of_key_date, deadline_of_task
from tasks.planning import plan_of


def plan_file(project: Project) -> PlanFile:
    """All that an import takes in again, in seven queries; cancelled tasks are left out.

    A file knows no date rules: the day that one gives becomes the one before which the task doesn't start.
    """
    rows = project.tasks.exclude(column__group="cancelled")
    tasks = list(rows.prefetch_related("labels", "assignees").order_by("starts_on", "pk"))
    present = {task.pk: task.key for task in tasks}
    links = TaskDependency.objects.of_project(project.pk).order_by("pk")
    waiting, wholes = {link.successor_id for link in links}, {task.parent_id for task in tasks}
    ruled = set(DateRule.objects.of_project(project.pk).values_list("task_id", flat=True))
    own_start = {task.pk for task in tasks if task.pk not in wholes and (task.pk in ruled or task.pk not in waiting)}
    return PlanFile(
        tuple(_told(task, present, keeps_start=task.pk in own_start) for task in tasks),
        tuple(
            PlanLink(present[link.predecessor_id], present[link.successor_id], link.type, link.lag_days)
            for link in links
            if link.predecessor_id in present and link.successor_id in present
        ),
    )


def _told(task: Task, present: dict[int, str], *, keeps_start: bool) -> PlanTask:
    pinned = task.scheduling_mode == "manual" or task.completed_on is not None
    begins = task.not_before or (task.starts_on if keeps_start else None)
    return PlanTask(
        key=task.key,
        name=task.name,
        duration_days=task.duration_days,
        parent=present.get(task.parent_id or 0, ""),
        description=task.description,
        priority=task.priority,
        scheduling_mode=task.scheduling_mode,
        starts_on=task.starts_on if pinned else None,
        due_on=task.due_on if pinned or not task.starts_on else None,
        not_before=None if pinned else begins,
        deadline_on=task.deadline_on,
        deadline_time=task.deadline_time,
        progress=task.progress,
        completed_on=task.completed_on,
        estimate_minutes=task.estimate_minutes,
        role=task.role,
        labels=tuple(label.name for label in task.labels.all()),
        assignees=tuple(user.email for user in task.assignees.all()),
    )


def mspdi_of(project: Project) -> bytes:
    """The plan for MS Project and its like, with the days and the calendar it is planned by."""
    plan, file = plan_of(project), plan_file(project)
    days = {task.key: Planned(task.early_start, task.early_finish) for task in plan.tasks.values()}
    return write_mspdi(project.name, file, starts_on=project.starts_on, days=days, workdays=plan.workdays)


def ics_of(project: Project, *, site: str) -> bytes:
    """The key dates, and what is due on which day, for a calendar."""
    tasks = project.tasks.open().exclude(due_on=None, deadline_on=None).select_related("project").order_by("pk")
    dates = project.key_dates.exclude(on=None).select_related("project").order_by("pk")
    days = [deadline_of_task(task) for task in tasks] + [deadline_of_key_date(each) for each in dates]
    return write_ics(project.name, [entry(day, site=site) for day in days])


def entry(day: Deadline, *, site: str) -> Entry:
    """One deadline as a calendar has it, with the way to its deal at ``site``."""
    return Entry(
        uid=f"{day.kind.replace('_', '-')}-{day.id}@{urlsplit(site).hostname}",
        summary=f"{day.name} ({day.project_name})",
        on=day.on,
        at=day.at,
        timezone=day.timezone,
        changed_at=day.changed_at,
        url=f"{site}/projects/{day.project}/board",
    )
