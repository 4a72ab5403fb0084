"""A deal with its people, and short ways to its tasks and to what was announced."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.people.models import OfficeRole, User
from tasks import services
from tasks.models import (
    Attachment,
    AutomationRule,
    BoardColumn,
    ChecklistItem,
    Project,
    ProjectRole,
    ProjectTemplate,
    Task,
)
from tasks.starter_templates import install_templates

MONDAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def _files_of_this_test_only(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def viewer(db: None) -> User:
    """Looks at the deal and touches nothing."""
    return User.objects.create_user("vera@harbour.example", "x", name="Vera Viewer", role=OfficeRole.ASSISTANT)


@pytest.fixture
def people(manager: User, agent: User, coordinator: User, viewer: User, stranger: User) -> SimpleNamespace:
    """The cast by name, for tests that ask many of them: ``people.viewer``."""
    return SimpleNamespace(manager=manager, agent=agent, coordinator=coordinator, viewer=viewer, stranger=stranger)


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


@pytest.fixture
def make_file(manager: User) -> Callable[..., Attachment]:
    """``make_file(task, "offer.pdf")``: a file of that task."""

    def make(task: Task, name: str = "offer.pdf", *, content: bytes = b"%PDF-1.7", by: User = manager) -> Attachment:
        return services.attach_file(task, file=ContentFile(content), name=name, by=by)

    return make


@pytest.fixture
def make_item(manager: User) -> Callable[..., ChecklistItem]:
    """``make_item(task, "Sign it", is_required=True)``: a line of that task's checklist."""
    return lambda task, text="Sign it", **demands: services.add_checklist_item(task, text=text, by=manager, **demands)


@pytest.fixture
def make_rule(deal: Project, manager: User) -> Callable[..., AutomationRule]:
    """``make_rule("task_created", [{"action": …}], if_=[{"field": …}])``: a rule of the deal, the manager's."""

    def make(trigger: str, actions: list[Any], *, if_: list[Any] = [], **said: Any) -> AutomationRule:  # noqa: B006
        project, by = said.pop("project", deal), said.pop("by", manager)
        name = said.pop("name", f"Rule {AutomationRule.objects.count() + 1}")
        return services.create_automation_rule(
            project, by=by, name=name, trigger=trigger, conditions=if_, actions=actions, **said
        )

    return make
