"""Writing down time afterwards: what is possible, and that nobody does two things at once."""

from datetime import datetime, timedelta

import pytest

from tasks import services
from tasks.activities import TimeLogged
from tasks.models import Task, TimeLog

NOW = datetime.fromisoformat("2026-05-06T16:00:00Z")
NINE, TEN, ELEVEN = (f"2026-05-04T{hour:02}:00:00-04:00" for hour in (9, 10, 11))


@pytest.fixture(autouse=True)
def wednesday_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def enter(api):
    def post(who, task, started_at=NINE, ended_at=TEN, **body):
        return api(who).post(
            "/api/v1/time-logs", {"task": task.pk, "started_at": started_at, "ended_at": ended_at, **body}
        )

    return post


def code(answer):
    return answer.status_code, answer.data["errors"][0]["code"]


def wrong(answer):
    return answer.status_code, answer.data["errors"][0]["attr"]


def test_time_is_written_down(enter, agent, make_task, told):
    task = make_task()
    answer = enter(agent, task, note="Garden", is_billable=True)
    assert answer.status_code == 201
    assert answer.json() == {
        **answer.json(),
        "task": task.pk,
        "user": agent.pk,
        "started_at": "2026-05-04T13:00:00Z",
        "ended_at": "2026-05-04T14:00:00Z",
        "seconds": 3600,
        "timezone": "America/New_York",
        "work_date": "2026-05-04",
        "note": "Garden",
        "is_billable": True,
        "source": "manual",
        "is_running": False,
    }
    (fact,) = told(TimeLogged)
    assert (fact.log_id, fact.user_id, fact.work_date) == (answer.data["id"], agent.pk, "2026-05-04")


def test_fractions_of_seconds_are_dropped(enter, agent, make_task):
    answer = enter(agent, make_task(), "2026-05-04T09:00:00.900-04:00", "2026-05-04T09:00:02.100-04:00")
    assert (answer.data["seconds"], answer.json()["started_at"]) == (2, "2026-05-04T13:00:00Z")


def test_also_on_a_completed_task(enter, agent, make_task):
    task = make_task()
    services.complete_task(task, by=agent)
    assert enter(agent, task).status_code == 201


def test_in_the_archive_nothing_is_written(enter, agent, manager, deal, make_task):
    task = make_task()
    services.archive_project(deal, by=manager)
    assert code(enter(agent, task)) == (409, "project_archived")


def test_whoever_works_there_may(enter, manager, viewer, stranger, make_task):
    task = make_task()
    assert [enter(who, task).status_code for who in (viewer, stranger, manager)] == [403, 400, 201]


@pytest.mark.parametrize(
    ("started_at", "ended_at", "field"),
    [
        (TEN, NINE, "ended_at"),
        (NINE, "2026-05-05T09:00:01-04:00", "ended_at"),
        ("2026-05-06T11:00:00-04:00", "2026-05-06T12:00:01-04:00", "ended_at"),
        ("2026-05-06T12:00:01-04:00", "2026-05-06T12:00:02-04:00", "started_at"),
        ("2026-05-04T09:00:00", TEN, "started_at"),
        ("yesterday", TEN, "started_at"),
        ("2026-05-04", TEN, "started_at"),
        (NINE, None, "ended_at"),
        (NINE, 1777986000, "ended_at"),
        ("1999-05-04T09:00:00Z", TEN, "started_at"),
        ("0001-01-01T00:00:00+14:00", TEN, "started_at"),
        (NINE, "9999-12-31T23:59:59-12:00", "ended_at"),
    ],
)
def test_what_cannot_be_is_named(enter, agent, make_task, started_at, ended_at, field):
    assert wrong(enter(agent, make_task(), started_at, ended_at)) == (400, field)


@pytest.mark.parametrize("body", [{"timezone": "Mars/Base"}, {"note": "x" * 301}, {"is_billable": "perhaps"}])
def test_what_is_wrong_is_named(enter, agent, make_task, body):
    assert wrong(enter(agent, make_task(), **body)) == (400, *body)


def test_a_day_and_no_time_at_all_are_possible(enter, agent, make_task):
    task = make_task()
    assert enter(agent, task, "2026-05-04T09:00:00-04:00", "2026-05-05T09:00:00-04:00").status_code == 201
    nothing = enter(agent, task, "2026-05-06T12:00:00-04:00", "2026-05-06T12:00:00-04:00")
    assert (nothing.status_code, nothing.data["seconds"]) == (201, 0)


@pytest.mark.parametrize(
    ("started_at", "ended_at", "refused"),
    [
        ("08:00", "09:00", False),
        ("10:00", "11:00", False),
        ("08:00", "09:00:01", True),
        ("09:59:59", "11:00", True),
        ("09:15", "09:45", True),
        ("08:00", "11:00", True),
        ("09:00", "10:00", True),
        ("09:30", "09:30", True),
        ("09:00", "09:00", False),
        ("10:00", "10:00", False),
    ],
)
def test_nobody_does_two_things_at_once_but_ends_may_touch(enter, agent, make_task, started_at, ended_at, refused):
    first = enter(agent, make_task("Photos"))
    answer = enter(agent, make_task("Sign"), whole(started_at), whole(ended_at))
    if refused:
        assert code(answer) == (409, "time_overlap")
        assert answer.json()["logs"] == [first.json()]
    else:
        assert answer.status_code == 201


def whole(clock: str) -> str:
    return f"2026-05-04T{clock if clock.count(':') == 2 else f'{clock}:00'}-04:00"


def test_what_took_no_time_stands_in_nobodys_way(enter, agent, make_task):
    task = make_task()
    enter(agent, task, whole("09:30"), whole("09:30"))
    assert enter(agent, task).status_code == 201


def test_the_running_timer_is_time_too(enter, agent, make_task, time_machine):
    task = make_task()
    log, _ = services.start_timer(task, by=agent)
    time_machine.shift(3600)
    answer = enter(agent, task, "2026-05-06T11:30:00-04:00", "2026-05-06T12:30:00-04:00")
    assert code(answer) == (409, "time_overlap")
    assert [each["id"] for each in answer.data["logs"]] == [log.pk]
    assert enter(agent, task, "2026-05-06T11:30:00-04:00", "2026-05-06T12:00:00-04:00").status_code == 201


def test_two_people_may_work_at_once(enter, agent, coordinator, make_task):
    task = make_task()
    assert [enter(who, task).status_code for who in (agent, coordinator)] == [201, 201]


@pytest.mark.django_db(transaction=True)
def test_of_entries_at_once_that_overlap_one_is_kept(make_task, agent, in_threads):
    tasks = [make_task(f"Room {number}") for number in range(8)]
    start = NOW - timedelta(hours=5)

    def enter(number):
        begin = start + timedelta(minutes=number)
        task = Task.objects.get(pk=tasks[number].pk)
        return services.log_time(task, by=agent, started_at=begin, ended_at=begin + timedelta(hours=1))

    results = in_threads(8, enter)
    assert TimeLog.objects.count() == 1
    assert [getattr(each, "code", "") for each in results].count("time_overlap") == 7


@pytest.mark.django_db(transaction=True)
def test_a_timer_and_entries_at_once_never_overlap(make_task, agent, in_threads):
    task = make_task()

    def work(number):
        mine = Task.objects.get(pk=task.pk)
        if number % 2:
            return services.log_time(mine, by=agent, started_at=NOW - timedelta(hours=1), ended_at=NOW)
        return services.start_timer(mine, by=agent, switch=True)

    in_threads(8, work)
    entry, timer = TimeLog.objects.order_by("started_at", "pk")
    assert (entry.ended_at, timer.started_at, timer.is_running) == (NOW, NOW, True)


@pytest.mark.parametrize(
    ("zone", "day"), [("America/New_York", "2026-05-04"), ("Australia/Sydney", "2026-05-05"), ("UTC", "2026-05-05")]
)
def test_the_day_is_that_of_where_the_person_was(enter, agent, make_task, zone, day):
    answer = enter(agent, make_task(), "2026-05-05T00:30:00Z", "2026-05-05T01:30:00Z", timezone=zone)
    assert answer.json()["work_date"] == day
    agent.timezone = "Pacific/Kiritimati"
    agent.save(update_fields=["timezone"])
    assert TimeLog.objects.get().work_date.isoformat() == day
