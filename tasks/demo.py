"""Eight deals of the demo agency, in every stage, all dated from the day they are loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.people.models import Team, User
from tasks import services
from tasks.models import Priority, Project, ProjectKind, ProjectStatus, Task
from tasks.starter_templates import install_templates
from tasks.workdays import WEEKDAYS

Staff = Mapping[str, User]


@dataclass(frozen=True)
class Extra:
    """A task beside the template's: who has it, and how many days from today it is due."""

    name: str
    who: str
    due_in: int
    column: str = "To do"
    priority: str = Priority.NORMAL
    done: bool = False


@dataclass(frozen=True)
class Deal:
    """One deal: begun ``days_ago`` working days ago, with ``late`` tasks that should be done by now."""

    name: str
    address: str
    kind: str
    status: str
    team: str
    days_ago: int
    template: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    extras: tuple[Extra, ...] = ()


def _people(agent_role: str, agent: str, coordinator: str, assistant: str) -> dict[str, str]:
    checks = "coordinator2" if coordinator == "coordinator1" else "coordinator1"
    return {
        agent_role: agent,
        "coordinator": coordinator,
        "assistant": assistant,
        "marketing": "marketing",
        "compliance": checks,
    }


DEALS = (
    Deal(
        name="14 Lighthouse Road",
        address="14 Lighthouse Road, Portland, ME 04101",
        kind=ProjectKind.LISTING,
        status=ProjectStatus.ACTIVE,
        team="harbour",
        days_ago=9,
        template="listing-launch",
        roles=_people("listing_agent", "agent1", "coordinator1", "assistant1"),
        late=frozenset({"copy"}),
        extras=(
            Extra("Call Mrs Lindqvist about the price", "agent1", -1, priority=Priority.HIGH),
            Extra("Confirm Saturday's viewings", "agent1", 0, priority=Priority.URGENT),
            Extra("Collect the garage keys", "assistant1", 0),
            Extra("Thank the seller for the tour", "agent1", -4, done=True),
        ),
    ),
    Deal(
        name="3 Orchard Terrace, for the Bakers",
        address="3 Orchard Terrace, South Portland, ME 04106",
        kind=ProjectKind.PURCHASE,
        status=ProjectStatus.UNDER_CONTRACT,
        team="harbour",
        days_ago=13,
        template="contract-to-close-buyer",
        roles=_people("buyer_agent", "agent1", "coordinator1", "assistant1"),
        late=frozenset({"repairs"}),
        waiting=frozenset({"loan"}),
        extras=(
            Extra("Send the Bakers three roofers", "agent1", 0, column="In progress"),
            Extra("Ask the lender for the rate lock", "agent1", 1, priority=Priority.HIGH),
            Extra("File the signed addendum", "coordinator1", -2, priority=Priority.HIGH),
        ),
    ),
    Deal(
        name="Flat 5, 22 Harbour Street",
        address="22 Harbour Street, Flat 5, Portland, ME 04101",
        kind=ProjectKind.LEASE,
        status=ProjectStatus.ACTIVE,
        team="lettings",
        days_ago=6,
        template="lease",
        roles=_people("listing_agent", "agent5", "coordinator2", "assistant2"),
        extras=(Extra("Replace the smoke detector", "assistant2", 0, column="Waiting"),),
    ),
    Deal(
        name="88 Hillcrest Avenue",
        address="88 Hillcrest Avenue, Falmouth, ME 04105",
        kind=ProjectKind.LISTING,
        status=ProjectStatus.PREPARING,
        team="hill",
        days_ago=2,
        template="listing-launch",
        roles=_people("listing_agent", "agent3", "coordinator2", "assistant2"),
        late=frozenset({"agreement"}),
        extras=(Extra("Find the survey of 1987", "agent3", 2),),
    ),
    Deal(
        name="The Old Chandlery, Pier 4",
        address="4 Custom House Wharf, Portland, ME 04101",
        kind=ProjectKind.LISTING,
        status=ProjectStatus.ACTIVE,
        team="harbour",
        days_ago=16,
        template="listing-launch",
        roles=_people("listing_agent", "agent2", "coordinator1", "assistant1"),
        extras=(
            Extra("Second viewing with the architects", "agent2", 1),
            Extra("Lend agent's lockbox code to Alex's buyers", "agent1", 3),
        ),
    ),
    Deal(
        name="6 Elm Court, for Ms Okafor",
        address="6 Elm Court, Cumberland, ME 04021",
        kind=ProjectKind.PURCHASE,
        status=ProjectStatus.CLOSED,
        team="hill",
        days_ago=40,
        template="contract-to-close-buyer",
        roles=_people("buyer_agent", "agent4", "coordinator2", "assistant2"),
        extras=(Extra("Send a card a month after closing", "agent4", 12),),
    ),
    Deal(
        name="Unit 12, Granary Lofts",
        address="12 Granary Lane, Portland, ME 04103",
        kind=ProjectKind.LEASE,
        status=ProjectStatus.ON_HOLD,
        team="lettings",
        days_ago=12,
        template="lease",
        roles=_people("listing_agent", "agent5", "coordinator2", "assistant2"),
        late=frozenset({"screening", "choice"}),
        waiting=frozenset({"screening"}),
    ),
    Deal(
        name="Spring open-house weekend",
        address="",
        kind=ProjectKind.MARKETING,
        status=ProjectStatus.ACTIVE,
        team="hill",
        days_ago=8,
        roles={"marketing": "marketing", "listing_agent": "agent1", "assistant": "assistant2"},
        extras=(
            Extra("Book the string trio", "marketing", -5, done=True),
            Extra("Design the flyer", "marketing", -1, column="In progress", priority=Priority.HIGH),
            Extra("Choose the six houses", "agent1", 0, column="In progress"),
            Extra("Order the directional signs", "assistant2", 2),
            Extra("Invite last year's guests", "marketing", 4, column="Backlog"),
            Extra("Walk the route", "agent1", 6, column="Backlog", priority=Priority.LOW),
        ),
    ),
)


def load_projects(*, staff: Staff, teams: Mapping[str, Team], today: date) -> None:
    """Open the deals that are not there yet, as the manager, and bring each to its stage.

    ``staff`` holds admin, manager, agent1 to agent5, coordinator1, coordinator2, assistant1,
    assistant2 and marketing; ``teams`` harbour, hill and lettings. What was done is written down for
    the day it was done.
    """
    templates = install_templates()
    present = set(Project.objects.values_list("name", flat=True))
    for deal in DEALS:
        if deal.name not in present:
            with transaction.atomic():
                before = Activity.objects.aggregate(last=Max("pk"))["last"] or 0
                begun = WEEKDAYS.shift(today, -deal.days_ago)
                project = services.open_project(
                    name=deal.name,
                    kind=deal.kind,
                    status=deal.status,
                    address=deal.address,
                    starts_on=begun,
                    team=teams[deal.team],
                    template=templates.get(deal.template),
                    roles={role: staff[key] for role, key in deal.roles.items()},
                    by=staff["manager"],
                )
                _bring_forward(project, deal, staff, today)
                _date_back(Activity.objects.filter(pk__gt=before).order_by("pk"), begun)


def _bring_forward(project: Project, deal: Deal, staff: Staff, today: date) -> None:
    """Do what is due, begin what is under way, and lay out what comes next."""
    for extra in deal.extras:
        _add(project, extra, staff, today)
    planned = project.tasks.exclude(applied_template=None).order_by("due_on", "starts_on", "pk")
    for task in planned.select_related("project"):
        if task.due_on and task.due_on < today and task.key not in deal.late:
            _complete(task, task.due_on, staff)
    columns = {column.name: column for column in project.columns.all()}
    for task in planned.open().select_related("project"):
        name = _column_of(task, deal, today)
        if name != "Backlog":
            services.move_task(task, column=columns[name], by=staff["manager"])


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
    )
    if extra.done:
        _complete(task, due_on, staff)


def _complete(task: Task, day: date, staff: Staff) -> None:
    """As its assignee, unless something late holds it up."""
    if not task.is_blocked:
        given = task.assignments.select_related("user").first()
        services.complete_task(task, by=given.user if given else staff["manager"], completed_on=day)


def _column_of(task: Task, deal: Deal, today: date) -> str:
    if task.key in deal.waiting:
        return "Waiting"
    if task.is_blocked or task.starts_on is None:
        return "Backlog"
    if task.starts_on <= today:
        return "In progress"
    return "To do" if task.starts_on <= WEEKDAYS.shift(today, 3) else "Backlog"


def _date_back(activities: Iterable[Activity], begun: date) -> None:
    """Let what happened have happened on its day, in the order it was told."""
    kept = list(activities)
    day = begun
    for number, activity in enumerate(kept):
        told = activity.payload.get("completed_on")
        day = max(day, date.fromisoformat(told)) if told else day
        at = datetime.combine(day, time(14), tzinfo=UTC) + timedelta(seconds=20 * number)
        activity.at = min(at, clock.now())
        if told:
            Task.objects.filter(pk=activity.payload["task_id"]).update(completed_at=activity.at)
    Activity.objects.bulk_update(kept, ["at"])
