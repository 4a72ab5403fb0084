"""What ends a timer that nobody stopped by hand, and the timers that somebody forgot."""

from datetime import timedelta

import pytest

from estateman.common.errors import VersionConflict
from estateman.people.models import OfficeRole, User
from notifications.models import Notification
from tasks import services
from tasks.activities import TimerForgotten, TimerStopped
from tasks.jobs.time import flag_forgotten_timers
from tasks.models import BoardColumn, ProjectRole, TimeLog

MORNING = "2026-05-04T12:00:00Z"


@pytest.fixture
def log(make_task, agent, time_machine):
    """The agent's timer, running for a quarter of an hour."""
    time_machine.move_to(MORNING, tick=False)
    log, _ = services.start_timer(make_task("Photos", assignees=[agent]), by=agent)
    time_machine.shift(900)
    return log


def ended(log):
    log.refresh_from_db()
    return log.ended_by, log.seconds


def test_completing_the_task_stops_everybodys_timers_on_it_and_no_others(log, coordinator, manager, make_task, told):
    services.start_timer(log.task, by=coordinator)
    other, _ = services.start_timer(make_task("Sign"), by=manager)
    services.complete_task(log.task, by=manager)
    assert ended(log) == ("task_completed", 900)
    assert list(TimeLog.objects.running()) == [other]
    assert [(fact.user, fact.ended_by, fact.by_id) for fact in told(TimerStopped)] == [
        ("Alex Agent", "task_completed", manager.pk),
        ("Cora Coordinator", "task_completed", manager.pk),
    ]
    assert told(TimerStopped)[0].sentence() == "stopped the timer of Alex Agent on Photos: the task is completed"


def test_so_does_moving_its_card_to_where_it_is_done_or_cancelled(log, agent, column, deal):
    services.move_task(log.task, column=column("Done"), by=agent)
    assert ended(log) == ("task_completed", 900)
    services.reopen_task(log.task, by=agent)
    again, _ = services.start_timer(log.task, by=agent)
    dropped = BoardColumn.objects.create(project=deal, name="Dropped", group="cancelled", position=9)
    services.edit_task(log.task, by=agent, changes={}, column=dropped)
    assert ended(again)[0] == "task_cancelled"


def test_moving_it_among_open_columns_lets_it_run(log, agent, column):
    services.move_task(log.task, column=column("In progress"), by=agent)
    assert ended(log) == ("", None)


def test_deleting_the_task_stops_it_and_keeps_the_hours(log, manager, api, agent):
    services.delete_task(log.task, by=manager)
    assert ended(log) == ("task_deleted", 900)
    assert api(agent).get(f"/api/v1/time-logs/{log.pk}").data["task_name"] == "Photos"


def test_who_leaves_or_looks_on_only_works_no_longer(log, deal, agent, coordinator, manager):
    theirs, _ = services.start_timer(log.task, by=coordinator)
    services.change_member(deal.memberships.get(user=agent), role=ProjectRole.VIEWER, by=manager)
    assert ended(log) == ("membership_ended", 900)
    assert ended(theirs) == ("", None)
    services.remove_member(deal.memberships.get(user=coordinator), by=coordinator)
    assert ended(theirs)[0] == "membership_ended"


def test_another_role_that_works_lets_it_run(log, deal, agent, manager):
    services.change_member(deal.memberships.get(user=agent), role=ProjectRole.MANAGER, by=manager)
    assert ended(log) == ("", None)


def test_a_membership_that_ends_stops_no_timer_on_another_project(log, agent, manager, deal, make_task):
    other = services.open_project(name="5 Mill Lane", kind="lease", by=agent)
    elsewhere, _ = services.start_timer(services.create_task(other, name="Keys", by=agent), by=agent, switch=True)
    services.remove_member(deal.memberships.get(user=agent), by=manager)
    assert ended(elsewhere) == ("", None)


def test_archiving_the_project_stops_all_of_them(log, deal, manager):
    services.archive_project(deal, by=manager)
    assert ended(log) == ("project_archived", 900)


def test_making_the_project_private_stops_those_of_who_does_not_see_it_any_more(log, deal, manager):
    boss = User.objects.create_user("bess@harbour.example", name="Bess Boss", role=OfficeRole.ADMIN)
    theirs, _ = services.start_timer(log.task, by=boss)
    services.edit_project(deal, changes={"is_private": True}, by=manager)
    assert ended(theirs) == ("membership_ended", 0)
    assert ended(log) == ("", None)


@pytest.fixture
def edit_person(client, manager, settle):
    """Change somebody in the admin, and let happen what follows."""

    def edit(user, **changes):
        User.objects.filter(pk=manager.pk).update(role=OfficeRole.ADMIN, is_staff=True)
        client.force_login(User.objects.get(pk=manager.pk))
        said = {name: getattr(user, name) for name in ("email", "name", "timezone", "locale", "role", "is_active")}
        form = {name: value for name, value in (said | changes).items() if value}
        assert client.post(f"/admin/people/user/{user.pk}/change/", form).status_code == 302
        settle()

    return edit


def test_who_is_deactivated_works_no_longer(log, agent, edit_person):
    edit_person(agent, name="Alexander Agent")
    assert ended(log) == ("", None)
    edit_person(agent, is_active=False)
    assert ended(log)[0] == "membership_ended"


@pytest.mark.parametrize(("role", "reason"), [(OfficeRole.MANAGER, ""), (OfficeRole.AGENT, "membership_ended")])
def test_neither_does_who_sees_the_project_no_longer_by_their_role(make_task, edit_person, role, reason):
    boss = User.objects.create_user("bess@harbour.example", name="Bess Boss", role=OfficeRole.ADMIN)
    theirs, _ = services.start_timer(make_task(), by=boss)
    edit_person(boss, role=role)
    assert ended(theirs)[0] == reason


def test_what_is_rolled_back_stops_nothing(log, manager):
    with pytest.raises(VersionConflict):
        services.complete_task(log.task, by=manager, version=99)
    assert ended(log) == ("", None)


def test_whose_timer_somebody_else_stopped_is_told(log, agent, manager, settle):
    services.complete_task(log.task, by=manager)
    settle()
    note = Notification.objects.get(user=agent, kind="task.timer_stopped")
    assert (note.title, note.body) == (
        "Your timer on Photos was stopped",
        "12 Quay Street: the task is completed.",
    )


def test_who_stops_their_own_is_not_told(log, agent, settle):
    services.stop_timer(log.task, by=agent)
    settle()
    assert not Notification.objects.filter(kind="task.timer_stopped").exists()


def test_a_forgotten_timer_is_flagged_and_its_person_asked_once(log, agent, told, settle, time_machine):
    time_machine.move_to("2026-05-05T00:00:00Z")
    flag_forgotten_timers()
    assert told(TimerForgotten) == []
    time_machine.move_to("2026-05-05T00:00:01Z")
    flag_forgotten_timers()
    flag_forgotten_timers()
    log.refresh_from_db()
    assert (log.needs_review, log.is_running) == (True, True)
    (fact,) = told(TimerForgotten)
    assert (fact.by_id, fact.user_id, fact.rooms()) == (None, agent.pk, (f"user:{agent.pk}",))
    settle()
    note = Notification.objects.get(kind="task.timer_forgotten")
    assert (note.user, note.title) == (agent, "Is your timer on Photos still right?")
    assert note.body == "It has been running since Monday 4 May, 8:00 AM (New York)."


def test_the_cap_is_a_setting(log, told, time_machine, settings):
    settings.TIMER_CAP_HOURS = 2
    time_machine.move_to("2026-05-04T14:00:01Z")
    flag_forgotten_timers()
    assert len(told(TimerForgotten)) == 1


def test_who_said_that_it_is_right_is_not_asked_again(log, agent, told, time_machine):
    time_machine.move_to("2026-05-05T03:00:00Z")
    flag_forgotten_timers()
    services.edit_time(log, by=agent, changes={"needs_review": False})
    flag_forgotten_timers()
    assert len(told(TimerForgotten)) == 1
    assert services.stop_timer(log.task, by=agent).needs_review is False


def test_what_ran_for_too_long_is_looked_at_although_no_sweep_saw_it(log, agent, time_machine):
    time_machine.move_to("2026-05-05T03:00:00Z")
    stopped = services.stop_timer(log.task, by=agent)
    assert (stopped.needs_review, stopped.seconds) == (True, int(timedelta(hours=15).total_seconds()))


def test_a_timer_that_was_stopped_is_not_flagged(log, agent, told, time_machine):
    services.stop_timer(log.task, by=agent)
    time_machine.move_to("2026-05-06T03:00:00Z")
    flag_forgotten_timers()
    assert told(TimerForgotten) == []
