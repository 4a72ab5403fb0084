"""Who is told what becomes of tasks, by what really happens in a deal."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from notifications.models import Category, Delivery, Notification
from tasks import services
from tasks.models import ProjectMember, ProjectRole, TaskWatcher
from tasks.starter_templates import install_templates

FRIDAY = date(2026, 5, 8)
NINE = datetime(2026, 5, 8, 13, tzinfo=UTC)  # in New York


@pytest.fixture
def deal(manager, agent, coordinator):
    return services.open_project(
        name="12 Quay Street",
        kind="listing",
        starts_on=date(2026, 5, 4),
        by=manager,
        roles={"listing_agent": agent, "coordinator": coordinator},
    )


@pytest.fixture
def make_task(deal, manager):
    def make(name="Photos", **details):
        return services.create_task(deal, name=name, by=details.pop("by", manager), **details)

    return make


@pytest.fixture
def told(settle):
    """The titles of what somebody was told, in order; what they earn by it is told elsewhere."""

    def titles(user):
        settle()
        Notification.objects.filter(category=Category.ACHIEVEMENTS).delete()
        return list(Notification.objects.for_user(user).order_by("seq").values_list("title", flat=True))

    return titles


@pytest.fixture
def forget(settle):
    """Settle, and empty all inboxes."""

    def run():
        settle()
        Notification.objects.all().delete()

    return run


# --- Given to somebody ------------------------------------------------------------------------------------------------


def test_who_may_not_see_it_any_more_is_not_told(make_task, agent, deal, told):
    make_task(assignees=[agent])
    ProjectMember.objects.filter(user=agent).delete()
    assert told(agent) == []


def test_what_a_rule_of_ones_own_gives_one_is_told(make_task, deal, manager, told):
    actions = [{"action": "assign", "user": manager.pk}]
    services.create_automation_rule(deal, by=manager, name="Mine", trigger="task_created", actions=actions)
    make_task()
    make_task("Own", assignees=[manager])
    assert told(manager) == ["Photos is yours"]


# --- Completed --------------------------------------------------------------------------------------------------------


def test_whoever_made_it_and_whoever_watches_it_hear_that_it_is_done(
    make_task, manager, agent, coordinator, forget, told
):
    task = make_task(assignees=[agent])
    TaskWatcher.objects.create(task=task, user=coordinator)
    forget()
    services.complete_task(task, by=agent)
    assert (told(manager), told(coordinator), told(agent)) == (["Photos is done"], ["Photos is done"], [])
    row = Notification.objects.get(user=manager)
    assert (row.body, row.url, row.actor) == (
        "12 Quay Street by Alex Agent.",
        f"/projects/{task.project_id}/board",
        agent,
    )


def test_who_completed_it_needs_not_be_told(make_task, manager, forget, told):
    task = make_task()
    forget()
    services.complete_task(task, by=manager)
    assert told(manager) == []


def test_what_one_person_completes_at_once_is_one_line(make_task, manager, agent, forget, told):
    tasks = [make_task(name) for name in ("Photos", "Keys", "Sign")]
    forget()
    for task in tasks:
        services.complete_task(task, by=agent)
    assert told(manager) == ["3 tasks of 12 Quay Street are done"]
    row = Notification.objects.get()
    assert row.body == "Photos\nKeys\nSign\nAll by Alex Agent."
    assert row.data["task_ids"] == [task.pk for task in tasks]


def test_who_applied_a_template_does_not_hear_of_each_of_its_tasks(deal, manager, agent, forget, told):
    template = install_templates()["listing-launch"]
    services.apply_template(template, project=deal, by=manager)
    forget()
    task = deal.tasks.filter(applied_template__isnull=False, completed_at=None, incoming=None, checklist=None)[0]
    services.complete_task(task, by=agent)
    assert told(manager) == []


def test_watchers_who_may_not_see_it_any_more_hear_nothing(make_task, agent, stranger, forget, told):
    task = make_task()
    TaskWatcher.objects.create(task=task, user=stranger)
    forget()
    services.complete_task(task, by=agent)
    assert told(stranger) == []


# --- Moved ------------------------------------------------------------------------------------------------------------


def test_each_whose_tasks_moved_hears_of_it_once(make_task, manager, agent, coordinator, forget, told):
    first = make_task("Staging", starts_on=date(2026, 5, 4), duration_days=2)
    for name in ("Photos", "Film"):
        follower = make_task(name, assignees=[agent, manager])
        services.add_dependency(follower, predecessor=first, by=manager)
    other = make_task("Floor plan", assignees=[coordinator])
    services.add_dependency(other, predecessor=first, by=manager)
    forget()
    services.edit_task(first, by=manager, changes={"duration_days": 3})
    assert told(agent) == ["2 of your tasks in 12 Quay Street moved"]
    assert told(coordinator) == ["Floor plan moved"]
    assert told(manager) == []
    assert "Floor plan: Thursday 7 May" in Notification.objects.get(user=coordinator).body


# --- Deadlines --------------------------------------------------------------------------------------------------------


@pytest.fixture
def inspection(make_task, agent, forget):
    """A task of the agent's with a deadline on Friday at 17:00 in New York."""
    task = make_task("Inspection", assignees=[agent], deadline_on=FRIDAY, deadline_time=time(17))
    forget()
    return task


def look(hours):
    """Have the clock look, so many hours before the deadline."""
    with time_machine.travel(datetime(2026, 5, 8, 21, tzinfo=UTC) - timedelta(hours=hours), tick=False):
        services.warn_of_deadlines()


def test_a_deadline_is_warned_of_and_with_a_day_left_those_who_keep_the_deal_hear_too(
    inspection, agent, coordinator, manager, told
):
    for hours in (72, 48, 24, 0):
        look(hours)
    urgent = ["Less than 24 hours left for Inspection", "The deadline of Inspection has passed"]
    early = [f"Less than {hours} hours left for Inspection" for hours in (72, 48)]
    assert told(agent) == early + urgent
    assert told(coordinator) == told(manager) == urgent
    row = Notification.objects.get(user=agent, title__contains="72")
    assert row.body == "12 Quay Street. Its deadline is Friday 8 May, 5:00 PM (New York)."
    assert (row.category, row.url) == ("reminders", f"/projects/{inspection.project_id}/board")


def test_who_has_it_and_keeps_the_deal_is_told_once(inspection, coordinator, told):
    services.assign_task(inspection, user=coordinator, by=coordinator)
    look(0)
    assert told(coordinator) == ["The deadline of Inspection has passed"]
    assert Delivery.objects.filter(notification__user=coordinator).count() == 1


# --- The morning's list -----------------------------------------------------------------------------------------------


def test_the_mornings_list_says_what_and_when(make_task, agent, forget, told):
    make_task("Keys", assignees=[agent], due_on=FRIDAY - timedelta(days=1))
    make_task("Photos", assignees=[agent], due_on=FRIDAY, deadline_on=FRIDAY + timedelta(days=1))
    forget()
    with time_machine.travel(NINE, tick=False):
        services.send_overdue_digests()
    assert told(agent) == ["Your tasks: 1 overdue, 1 due soon"]
    assert Notification.objects.get().body == (
        "Overdue\nKeys, 12 Quay Street: Thursday 7 May\n\nDue soon\nPhotos, 12 Quay Street: Friday 8 May"
    )


def test_what_was_done_before_it_was_written_is_left_out(make_task, agent, forget, told):
    task = make_task("Keys", assignees=[agent], due_on=FRIDAY)
    forget()
    with time_machine.travel(NINE, tick=False):
        services.send_overdue_digests()
        services.complete_task(task, by=agent)
    assert told(agent) == []


# --- Rules ------------------------------------------------------------------------------------------------------------


def test_a_rule_tells_people_what_it_was_told_to(make_task, deal, manager, agent, forget, told):
    actions = [{"action": "notify", "users": [agent.pk], "message": "Look at {task}"}]
    services.create_automation_rule(deal, by=manager, name="Look out", trigger="task_created", actions=actions)
    make_task("Photos")
    assert told(agent) == ["Look at Photos"]
    assert Notification.objects.get(user=agent).body == "Photos, 12 Quay Street. So says the rule Look out."


def test_but_not_those_who_left_before_it_did(make_task, deal, agent, stranger, told):
    manager = deal.created_by
    services.add_member(deal, user=stranger, role=ProjectRole.VIEWER, by=manager)
    actions = [{"action": "notify", "users": [stranger.pk, agent.pk], "message": "Look"}]
    services.create_automation_rule(deal, by=manager, name="Look out", trigger="task_created", actions=actions)
    ProjectMember.objects.filter(user=stranger).delete()
    make_task("Photos")
    assert (told(agent), told(stranger)) == (["Look"], [])
