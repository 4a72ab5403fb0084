"""The demo agency's deals."""

from datetime import UTC, date, datetime

import pytest

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.people.models import OfficeRole, Team, User
from tasks.demo import DEALS, load_projects
from tasks.flow import Period
from tasks.models import KeyDate, Label, Project, ProjectTemplate, Task, TaskTransition, TimeLog
from tasks.report import report

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
def test_the_agency_is_at_work_whatever_the_day(load, today):
    agent = load(today)["agent1"]
    _eight_deals_stand_in_every_stage()
    _the_main_agent_has_a_rich_day(agent, today)
    _every_template_plans_a_deal_and_closings_are_ahead(today)
    _tasks_were_made_begun_and_done_in_this_order()


def _eight_deals_stand_in_every_stage():
    groups = set(Task.objects.values_list("column__name", flat=True))
    assert Project.objects.count() == len(DEALS) == 8
    assert groups == {"Backlog", "To do", "In progress", "Waiting", "Done"}
    assert len(set(Project.objects.values_list("status", flat=True))) >= 4
    assert Task.objects.blocked().exists()


def _the_main_agent_has_a_rich_day(agent, today):
    mine = Task.objects.visible_to(agent).assigned_to(agent).open()
    assert mine.filter(due_on__lt=today).count() >= 2
    assert mine.filter(due_on=today).count() >= 3
    assert mine.filter(due_on__gt=today).count() >= 3
    assert mine.values("project").distinct().count() >= 4


def _every_template_plans_a_deal_and_closings_are_ahead(today):
    assert not ProjectTemplate.objects.filter(applications=None).exists()
    assert KeyDate.objects.filter(kind="closing", on__gt=today).count() >= 2
    overdue = Task.objects.open().filter(deadline_on__lt=today, project__name__startswith="3 Orchard Terrace")
    # Around New Year so many days are off that the loan's has passed, too: it waits for the appraisal.
    assert {"appraisal"} <= set(overdue.values_list("key", flat=True)) <= {"appraisal", "loan-ok"}


def _tasks_were_made_begun_and_done_in_this_order():
    ways: dict[int, list[tuple[date, str, str]]] = {}
    for step in TaskTransition.objects.order_by("pk"):
        ways.setdefault(step.task_id, []).append((step.on, step.from_group, step.to_group))
    assert ways.keys() == set(Task.objects.values_list("pk", flat=True))
    for task in Task.objects.select_related("column"):
        way = ways[task.pk]
        assert [on for on, *_ in way] == sorted(on for on, *_ in way)
        assert way[0][1] == ""
        assert way[-1][2] == task.column.group
        assert task.created_at <= (task.completed_at or clock.now())
        assert not task.completed_on or way[-1][0] == task.completed_on


def test_what_was_done_was_done_on_its_day_and_not_all_at_once(load):
    today = DAYS[0]
    load(today)
    done = Task.objects.completed()
    assert done.count() > 30
    assert not done.filter(completed_on__gt=today).exists()
    assert len({at.date() for at in Activity.objects.values_list("at", flat=True)}) > 10
    assert not Activity.objects.filter(at__gt=datetime(2026, 5, 5, 15, tzinfo=UTC)).exists()


def test_the_report_of_a_deal_has_a_past(load):
    today = DAYS[0]
    load(today)
    deal = Project.objects.get(name__startswith="6 Elm Court")
    found = report(deal, logs=TimeLog.objects.all(), period=Period(deal.starts_on, today), today=today)
    remaining = [each.remaining for each in found.burndown if each.remaining is not None]
    assert remaining[0] == max(remaining) > 2 * remaining[-20]
    assert len({each.counts["active"] for each in found.flow}) > 1
    cycle, lead = found.pace.cycle_time.median_days, found.pace.lead_time.median_days
    assert cycle is not None
    assert lead is not None
    assert lead > cycle
    assert sum(kind.met.count for kind in found.key_dates) == 8


def _past_key_dates_are_met_save_what_is_late():
    open_ones = KeyDate.objects.filter(on__lt=DAYS[0], met_on=None)
    assert set(open_ones.values_list("kind", flat=True)) == {"appraisal"}


def _labels_have_colours_and_a_letter_comes_again_each_week():
    assert not Label.objects.filter(color="#64748b").exists()
    letters = Task.objects.filter(name__contains="weekly letter").order_by("occurrence_no")
    assert [letter.is_completed for letter in letters] == [True, False]


def test_loading_again_changes_nothing(load):
    load(DAYS[0])
    before = (Project.objects.count(), Task.objects.count(), Activity.objects.count())
    load(DAYS[0])
    assert (Project.objects.count(), Task.objects.count(), Activity.objects.count()) == before


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
    _past_key_dates_are_met_save_what_is_late()
    _labels_have_colours_and_a_letter_comes_again_each_week()
