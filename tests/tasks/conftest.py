"""A deal with its people, and short ways to its tasks and to what was announced."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.people.models import OfficeRole, User
from tasks import services
from tasks.models import BoardColumn, Project, ProjectRole, ProjectTemplate, Task
from tasks.starter_templates import install_templates

MONDAY = date(2026, 5, 4)


@pytest.fixture
def viewer(db: None) -> User:
    """Looks at the deal and touches nothing."""
    return User.objects.create_user("vera@harbour.example", "x", name="Vera Viewer", role=OfficeRole.ASSISTANT)


@pytest.fixture
def deal(manager: User, agent: User, coordinator: User, viewer: User) -> Project:
    """A listing that the manager opened; agent and coordinator work on it, the viewer looks on."""
    project = services.open_project(
        name="12 Quay Street",
        kind="listing",
        starts_on=MONDAY,
        by=manager,
        roles={"listing_agent": agent, "coordinator": coordinator},
    )
    services.add_member(project, user=viewer, role=ProjectRole.VIEWER, by=manager)
    return project


@pytest.fixture
def make_task(deal: Project, manager: User) -> Callable[..., Task]:
    """``make_task("Photos", after=[other])``: a task of the deal, waiting for others if so said."""

    def make(name: str = "Photos", *, after: list[Task] = [], **details: Any) -> Task:  # noqa: B006  never changed
        task = services.create_task(details.pop("project", deal), name=name, by=manager, **details)
        for predecessor in after:
            services.add_dependency(task, predecessor=predecessor, by=manager)
        return task

    return make


@pytest.fixture
def column(deal: Project) -> Callable[[str], BoardColumn]:
    """``column("Done")``: one of the deal's columns by name."""
    return lambda name: deal.columns.get(name=name)


@pytest.fixture
def listing_launch(db: None) -> ProjectTemplate:
    """The starter template for listings."""
    return install_templates()["listing-launch"]


@pytest.fixture
def told() -> Callable[..., list[Any]]:
    """``told(TaskCompleted)``: what of that kind was announced so far, in order."""

    def of_kind(kind: type[Fact]) -> list[Any]:
        return [each.fact for each in Activity.objects.filter(kind=kind.kind).order_by("pk")]

    return of_kind
