"""Putting time right, taking it away, and what is kept of that."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks import services
from tasks.activities import TimeChanged, TimeDeleted, TimerStopped
from tasks.models import ProjectRole, TimeLog, TimeLogChange
from tasks.services.refusals import TimeGone

NOW = datetime(2026, 5, 6, 16, tzinfo=UTC)
NINE = datetime(2026, 5, 4, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def wednesday_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def log(make_task, agent):
    """An hour of the agent's, on Monday at nine."""
    return services.log_time(make_task(), by=agent, started_at=NINE, ended_at=NINE + HOUR, note="Garden")


@pytest.fixture
def edit(api):
    return lambda who, log, **body: api(who).patch(f"/api/v1/time-logs/{log.pk}", body)


@pytest.fixture
def kept(api):
    return lambda who, number: api(who).get(f"/api/v1/time-logs/{number}/changes")


def code(answer):
    return answer.status_code, answer.data["errors"][0]["code"]


def wrong(answer):
    return answer.status_code, answer.data["errors"][0]["attr"]


def test_times_are_put_right_and_what_follows_from_them(edit, agent, log, told):
    answer = edit(agent, log, started_at="2026-05-05T03:30:00Z", ended_at="2026-05-05T05:00:00Z", is_billable=True)
    assert answer.status_code == 200
    assert (answer.data["seconds"], answer.data["work_date"], answer.data["version"]) == (5400, "2026-05-04", 2)
    (fact,) = told(TimeChanged)
    assert fact.fields == ("ended_at", "is_billable", "started_at")
    assert fact.sentence() == "changed ended at, is billable, started at of Alex Agent's time on Photos"


def test_another_zone_may_be_another_day(edit, agent, log):
    services.edit_time(log, by=agent, changes={"started_at": NINE + 3 * HOUR, "ended_at": NINE + 4 * HOUR})
    assert edit(agent, log, timezone="Australia/Sydney").data["work_date"] == "2026-05-05"


def test_every_edit_is_kept_with_what_was_before(edit, kept, agent, manager, log):
    edit(agent, log, note="Garden and garage")
    edit(manager, log, ended_at="2026-05-04T14:30:00Z")
    first, second = kept(agent, log.pk).json()["results"]
    assert (first["by"], first["before"]["note"], first["after"]["note"]) == (agent.pk, "Garden", "Garden and garage")
    assert (second["by_name"], second["before"]["seconds"], second["after"]["seconds"]) == ("Maria Manager", 3600, 5400)
    assert second["before"] == first["after"]


def test_saying_what_is_so_already_keeps_and_tells_nothing(edit, agent, log, told):
    answer = edit(agent, log, note="Garden", started_at="2026-05-04T09:00:00.5-04:00")
    assert (answer.status_code, answer.data["version"]) == (200, 1)
    assert not TimeLogChange.objects.exists()
    assert told(TimeChanged) == []


def test_a_deleted_log_is_gone(api, agent, log, told):
    assert api(agent).delete(f"/api/v1/time-logs/{log.pk}").status_code == 204
    assert not TimeLog.objects.exists()
    (fact,) = told(TimeDeleted)
    assert fact.sentence() == "deleted time of Alex Agent on Photos"


def test_what_a_deleted_log_was_is_kept_for_those_who_saw_it(kept, agent, manager, viewer, stranger, log):
    number = log.pk
    services.delete_time(log, by=agent)
    for who in (agent, manager):
        (change,) = kept(who, number).json()["results"]
        assert (change["log"], change["before"]["seconds"], change["after"]) == (number, 3600, None)
    assert [kept(who, number).status_code for who in (viewer, stranger)] == [404, 404]


def test_a_log_that_nobody_changed_has_no_changes(kept, agent, log):
    assert kept(agent, log.pk).json()["results"] == []
    assert kept(agent, log.pk + 99).status_code == 404


def test_what_has_ended_is_not_started_again(edit, agent, log):
    assert wrong(edit(agent, log, ended_at=None)) == (400, "ended_at")


def test_a_running_timer_is_given_an_end(edit, agent, make_task, told, time_machine):
    log, _ = services.start_timer(make_task(), by=agent)
    time_machine.shift(15 * 3600)
    answer = edit(agent, log, ended_at="2026-05-06T18:00:00Z")
    assert (answer.data["seconds"], answer.data["ended_by"], answer.data["is_running"]) == (7200, "person", False)
    assert [fact.ended_by for fact in told(TimerStopped)] == ["person"]
    assert services.stop_timer(log.task, by=agent).seconds == 7200


def test_a_running_timer_keeps_running_when_its_start_is_put_right(edit, agent, make_task):
    log, _ = services.start_timer(make_task(), by=agent)
    answer = edit(agent, log, started_at="2026-05-06T15:00:00Z", ended_at=None)
    assert (answer.status_code, answer.data["is_running"], answer.data["seconds"]) == (200, True, None)
    assert wrong(edit(agent, log, started_at="2026-05-06T16:00:01Z")) == (400, "started_at")


def test_an_edit_may_not_overlap_either(edit, agent, log, make_task):
    other = services.log_time(make_task("Sign"), by=agent, started_at=NINE + HOUR, ended_at=NINE + 2 * HOUR)
    answer = edit(agent, log, ended_at="2026-05-04T14:00:01Z")
    assert code(answer) == (409, "time_overlap")
    assert [each["id"] for each in answer.data["logs"]] == [other.pk]
    running, _ = services.start_timer(log.task, by=agent)
    services.log_time(log.task, by=agent, started_at=NOW - 2 * HOUR, ended_at=NOW - HOUR)
    assert code(edit(agent, running, started_at="2026-05-06T14:59:59Z")) == (409, "time_overlap")
    assert edit(agent, running, started_at="2026-05-06T15:00:00Z").status_code == 200


def test_of_what_it_overlaps_only_what_one_may_see_is_told(edit, agent, manager, log):
    private = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    secret = services.create_task(private, name="Secret", by=agent)
    services.log_time(secret, by=agent, started_at=NINE + HOUR, ended_at=NINE + 2 * HOUR)
    answer = edit(manager, log, ended_at="2026-05-04T14:30:00Z")
    assert (*code(answer), answer.data["logs"]) == (409, "time_overlap", [])
    assert b"Secret" not in answer.content


@pytest.mark.parametrize(
    "body",
    [
        {"ended_at": "2026-05-04T12:59:59Z"},
        {"ended_at": "2026-05-05T13:00:01Z"},
        {"ended_at": "2026-05-07T13:00:00Z"},
        {"started_at": None},
        {"started_at": "2026-05-04T09:00:00"},
        {"timezone": "Mars/Base"},
        {"note": "x" * 301},
        {"needs_review": "perhaps"},
        {"version": 0},
    ],
)
def test_what_is_wrong_is_named(edit, agent, log, body):
    assert wrong(edit(agent, log, **body)) == (400, *body)


def test_what_a_timer_ran_for_may_be_more_than_a_day_but_is_not_made_longer(edit, agent, make_task, time_machine):
    log, _ = services.start_timer(make_task(), by=agent)
    time_machine.shift(30 * 3600)
    services.stop_timer(log.task, by=agent)
    assert edit(agent, log, started_at="2026-05-06T17:00:00Z").data["seconds"] == 29 * 3600
    assert wrong(edit(agent, log, started_at="2026-05-06T16:00:00Z")) == (400, "ended_at")
    assert edit(agent, log, started_at="2026-05-07T17:00:00Z").data["seconds"] == 5 * 3600


def test_a_stale_edit_is_refused(edit, agent, log):
    edit(agent, log, note="Garage", version=1)
    answer = edit(agent, log, note="Cellar", version=1)
    assert code(answer) == (409, "version_conflict")
    assert answer.data["current"]["note"] == "Garage"
    assert TimeLogChange.objects.count() == 1


def test_others_do_not_even_see_it(edit, coordinator, viewer, stranger, log):
    assert [edit(who, log, note="Mine").status_code for who in (coordinator, viewer, stranger)] == [404] * 3


def test_whose_it_is_and_who_manages_the_project_may(edit, agent, coordinator, manager, log, deal):
    assert edit(manager, log, note="Checked").status_code == 200
    services.change_member(deal.memberships.get(user=coordinator), role=ProjectRole.MANAGER, by=manager)
    assert edit(coordinator, log, note="Checked again").status_code == 200
    services.remove_member(deal.memberships.get(user=agent), by=agent)
    assert edit(agent, log, note="Still mine").status_code == 200


def test_in_the_archive_nothing_is_changed(api, edit, agent, manager, log, deal):
    services.archive_project(deal, by=manager)
    assert code(edit(agent, log, note="Cellar")) == (409, "project_archived")
    assert code(api(agent).delete(f"/api/v1/time-logs/{log.pk}")) == (409, "project_archived")


def test_time_on_a_deleted_task_is_put_right_all_the_same(edit, agent, manager, log):
    services.delete_task(log.task, by=manager)
    assert edit(agent, log, note="Cellar").data["note"] == "Cellar"


def test_a_running_timer_may_be_thrown_away(api, agent, make_task):
    log, _ = services.start_timer(make_task(), by=agent)
    assert api(agent).delete(f"/api/v1/time-logs/{log.pk}").status_code == 204
    assert api(agent).get("/api/v1/time-logs/running").status_code == 204


def test_what_was_deleted_meanwhile_is_gone(agent, log):
    same = TimeLog.objects.for_display().get(pk=log.pk)
    services.delete_time(log, by=agent)
    with pytest.raises(TimeGone):
        services.edit_time(same, by=agent, changes={"note": "Cellar"})


@pytest.mark.django_db(transaction=True)
def test_edits_and_stops_at_once_leave_one_truth(make_task, agent, in_threads, time_machine):
    log, _ = services.start_timer(make_task(), by=agent)
    time_machine.shift(3600)

    def act(number):
        mine = TimeLog.objects.for_display().get(pk=log.pk)
        if number % 2:
            return services.stop_timer(mine.task, by=agent)
        return services.edit_time(mine, by=agent, changes={"ended_at": NOW + timedelta(minutes=30)})

    in_threads(8, act)
    log.refresh_from_db()
    assert (log.ended_by, log.seconds, log.ended_at) == ("person", 1800, NOW + timedelta(minutes=30))
