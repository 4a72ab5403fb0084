"""The demo agency's deals."""

import time
from datetime import UTC, date, datetime

import pytest

from estateman.activity.models import Activity
from estateman.people.models import OfficeRole, Team, User
from tasks.demo import DEALS, load_projects
from tasks.models import KeyDate, Project, ProjectTemplate, Task, TimeLog

STAFF = "admin manager agent1 agent2 agent3 agent4 agent5 coordinator1 coordinator2 assistant1 assistant2 marketing"
# A Tuesday, a Saturday and a New Year's Day.
DAYS = [date(2026, 5, 5), date(2026, 5, 9), date(2027, 1, 1)]


@pytest.fixture
def load(db, time_machine, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    staff = {key: User.objects.create_user(f"{key}@harbour.example", name=key) for key in STAFF.split()}
    User.objects.filter(name="manager").update(role=OfficeRole.MANAGER)
    staff["manager"].refresh_from_db()
    teams = {key: Team.objects.create(name=key) for key in ("harbour", "hill", "lettings")}

    def on(today: date) -> dict[str, User]:
        time_machine.move_to(datetime(today.year, today.month, today.day, 15, tzinfo=UTC), tick=False)
        load_projects(staff=staff, teams=teams, today=today)
        return staff

    return on


@pytest.mark.parametrize("today", DAYS)
def test_eight_deals_stand_in_every_stage_whatever_the_day(load, today):
    load(today)
    groups = set(Task.objects.values_list("column__name", flat=True))
    assert Project.objects.count() == len(DEALS) == 8
    assert groups == {"Backlog", "To do", "In progress", "Waiting", "Done"}
    assert len(set(Project.objects.values_list("status", flat=True))) >= 4
    assert Task.objects.blocked().exists()


@pytest.mark.parametrize("today", DAYS)
def test_the_main_agent_has_a_rich_day(load, today):
    agent = load(today)["agent1"]
    mine = Task.objects.visible_to(agent).assigned_to(agent).open()
    assert mine.filter(due_on__lt=today).count() >= 2
    assert mine.filter(due_on=today).count() >= 3
    assert mine.filter(due_on__gt=today).count() >= 3
    assert mine.values("project").distinct().count() >= 4


def test_what_was_done_was_done_on_its_day_and_not_all_at_once(load):
    today = DAYS[0]
    load(today)
    done = Task.objects.completed()
    assert done.count() > 30
    assert not done.filter(completed_on__gt=today).exists()
    assert len({at.date() for at in Activity.objects.values_list("at", flat=True)}) > 10
    assert not Activity.objects.filter(at__gt=datetime(2026, 5, 5, 15, tzinfo=UTC)).exists()


def test_loading_again_changes_nothing(load):
    load(DAYS[0])
    before = (Project.objects.count(), Task.objects.count(), Activity.objects.count())
    load(DAYS[0])
    assert (Project.objects.count(), Task.objects.count(), Activity.objects.count()) == before


@pytest.mark.parametrize("today", DAYS)
def test_every_template_plans_a_deal_and_closings_are_ahead(load, today):
    load(today)
    assert not ProjectTemplate.objects.filter(applications=None).exists()
    assert KeyDate.objects.filter(kind="closing", on__gt=today).count() >= 2
    overdue = Task.objects.open().filter(deadline_on__lt=today, project__name__startswith="3 Orchard Terrace")
    # Around New Year so many days are off that the loan's has passed, too: it waits for the appraisal.
    assert {"appraisal"} <= set(overdue.values_list("key", flat=True)) <= {"appraisal", "loan-ok"}


def test_the_deals_are_lived_in(load):
    agent = load(DAYS[0])["agent1"]
    mine = Project.objects.get(name__startswith="3 Orchard Terrace")
    assert agent.starred_projects.filter(pk=mine.pk).exists()
    assert mine.client_names
    assert mine.calendar
    assert mine.date_profile
    assert mine.baselines.exists()
    assert mine.automation_rules.exists()
    assert Task.objects.filter(project=mine, comments__isnull=False).exists()
    assert Task.objects.filter(project=mine, watchings__user=agent).exists()
    assert Task.objects.filter(project=mine, checklist__document__isnull=False).exists()
    assert TimeLog.objects.count() > 20


def test_it_takes_a_moment_only(load):
    begun = time.process_time()
    load(DAYS[0])
    assert time.process_time() - begun < 15
