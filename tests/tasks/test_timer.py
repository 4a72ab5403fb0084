"""Starting and stopping timers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from estateman.common import clock
from tasks import services
from tasks.activities import TimerStarted, TimerStopped
from tasks.models import BoardColumn, Task, TimeLog
from tasks.services.refusals import TimerRunning
from tasks.services.time import timers

NOON = "2026-05-04T16:00:00Z"  # in New York


@pytest.fixture
def start(api):
    return lambda who, task, query="", **body: api(who).post(f"/api/v1/tasks/{task.pk}/time/start{query}", body)


@pytest.fixture
def stop(api):
    return lambda who, task: api(who).post(f"/api/v1/tasks/{task.pk}/time/stop")


@pytest.fixture
def running(api):
    return lambda who: api(who).get("/api/v1/time-logs/running")


def code(answer):
    return answer.status_code, answer.data["errors"][0]["code"]


def test_a_timer_is_started_and_stopped(start, stop, running, agent, make_task, time_machine):
    time_machine.move_to(NOON, tick=False)
    task = make_task()
    assert running(agent).status_code == 204
    begun = start(agent, task, note="By the window", is_billable=True)
    assert begun.status_code == 201
    assert running(agent).json() == begun.json()
    assert begun.json() == {
        **begun.json(),
        "task": task.pk,
        "task_name": "Photos",
        "project_name": "12 Quay Street",
        "user": agent.pk,
        "started_at": NOON,
        "ended_at": None,
        "seconds": None,
        "timezone": "America/New_York",
        "work_date": "2026-05-04",
        "note": "By the window",
        "is_billable": True,
        "source": "timer",
        "ended_by": "",
        "needs_review": False,
        "is_running": True,
    }
    time_machine.shift(timedelta(minutes=90, milliseconds=700))
    ended = stop(agent, task)
    assert ended.status_code == 200
    assert (ended.data["id"], ended.data["seconds"], ended.data["ended_by"]) == (begun.data["id"], 5400, "person")
    assert (ended.data["is_running"], ended.json()["ended_at"]) == (False, "2026-05-04T17:30:00Z")
    assert running(agent).status_code == 204


def test_stopping_twice_is_once(start, stop, agent, make_task, told, time_machine):
    time_machine.move_to(NOON, tick=False)
    task = make_task()
    start(agent, task)
    time_machine.shift(60)
    first = stop(agent, task)
    time_machine.shift(60)
    assert stop(agent, task).json() == first.json()
    assert len(told(TimerStopped)) == 1


def test_a_stop_in_another_tab_changes_nothing_of_what_the_completion_stopped(start, stop, agent, make_task):
    task = make_task()
    start(agent, task)
    services.complete_task(task, by=agent)
    answer = stop(agent, task)
    assert (answer.status_code, answer.data["ended_by"]) == (200, "task_completed")


def test_where_no_timer_ever_ran_none_is_stopped(start, stop, agent, make_task):
    photos, sign = make_task("Photos"), make_task("Sign")
    answer = stop(agent, sign)
    assert (*code(answer), answer.data["log"]) == (409, "no_timer", None)
    elsewhere = start(agent, photos)
    answer = stop(agent, sign)
    assert answer.json()["log"] == elsewhere.json()
    assert TimeLog.objects.running().exists()


def test_a_second_timer_is_refused_with_the_one_that_runs(start, running, agent, make_task, told):
    photos, sign = make_task("Photos"), make_task("Sign")
    first = start(agent, photos)
    for task in (sign, photos):
        answer = start(agent, task)
        assert code(answer) == (409, "timer_running")
        assert answer.json()["log"] == first.json()
    assert running(agent).json() == first.json()
    assert len(told(TimerStarted)) == 1


def test_switching_stops_the_one_and_starts_the_other_in_the_same_second(start, agent, make_task, time_machine, told):
    time_machine.move_to(NOON, tick=False)
    photos, sign = make_task("Photos"), make_task("Sign")
    first = start(agent, photos)
    time_machine.shift(61)
    second = start(agent, sign, "?switch=true")
    assert second.status_code == 201
    before = TimeLog.objects.get(pk=first.data["id"])
    assert (before.ended_by, before.seconds) == ("switch", 61)
    assert before.ended_at == TimeLog.objects.running().get().started_at
    assert [fact.ended_by for fact in told(TimerStopped)] == ["switch"]
    again = start(agent, sign, "?switch=true")
    assert (again.status_code, again.json()) == (200, second.json())


def test_switching_to_what_may_not_be_started_stops_nothing(start, agent, make_task):
    photos, sign = make_task("Photos"), make_task("Sign")
    start(agent, photos)
    services.complete_task(sign, by=agent)
    assert code(start(agent, sign, "?switch=true")) == (409, "task_closed")
    assert start(agent, make_task("Key"), "?switch=true", timezone="Mars/Base").status_code == 400
    assert TimeLog.objects.running().get().task == photos


def test_everybody_has_a_timer_of_their_own(start, agent, coordinator, make_task):
    task = make_task()
    assert [start(who, task).status_code for who in (agent, coordinator)] == [201, 201]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_starts_at_once_one_wins(make_task, agent, in_threads):
    tasks = [make_task(f"Room {number}") for number in range(20)]
    results = in_threads(20, lambda number: services.start_timer(Task.objects.get(pk=tasks[number].pk), by=agent))
    won = [each for each in results if isinstance(each, tuple)]
    lost = [each for each in results if not isinstance(each, tuple)]
    assert (len(won), len(lost)) == (1, 19)
    assert {each.code for each in lost} == {"timer_running"}
    assert {each.extra["log"]["id"] for each in lost} == {won[0][0].pk}
    assert TimeLog.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_twenty_switches_at_once_the_last_runs_and_nothing_overlaps(make_task, agent, in_threads):
    tasks = [make_task(f"Room {number}") for number in range(20)]

    def switch(number):
        return services.start_timer(Task.objects.get(pk=tasks[number].pk), by=agent, switch=True)

    assert all(isinstance(each, tuple) for each in in_threads(20, switch))
    assert TimeLog.objects.running().count() == 1
    assert set(TimeLog.objects.ended().values_list("ended_by", flat=True)) == {"switch"}


@pytest.mark.django_db(transaction=True)
def test_a_stop_and_a_completion_at_once_end_it_once(make_task, agent, manager, in_threads, told):
    task = make_task()
    services.start_timer(task, by=agent)
    acts = [
        lambda: services.stop_timer(Task.objects.get(pk=task.pk), by=agent),
        lambda: services.complete_task(Task.objects.get(pk=task.pk), by=manager),
    ]
    results = in_threads(8, lambda number: acts[number % 2]())
    assert not [each for each in results if isinstance(each, Exception)]
    assert len(told(TimerStopped)) == 1


def test_the_database_itself_refuses_a_second_running_timer(make_task, agent, monkeypatch):
    log, _ = services.start_timer(make_task(), by=agent)
    second = {name: getattr(log, name) for name in ("task", "user", "started_at", "timezone", "work_date", "source")}
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeLog.objects.create(**second)
    assert TimeLog.objects.count() == 1
    monkeypatch.setattr(timers, "this_second", lambda: log.started_at - timedelta(days=1))
    with pytest.raises(TimerRunning):
        services.start_timer(log.task, by=agent)


def test_a_timer_runs_on_open_tasks_only(start, agent, manager, deal, make_task, column):
    done, dropped, gone = make_task("Done"), make_task("Dropped"), make_task("Gone")
    services.complete_task(done, by=agent)
    cancelled = BoardColumn.objects.create(project=deal, name="Dropped", group="cancelled", position=9)
    services.move_task(dropped, column=cancelled, by=agent)
    services.delete_task(gone, by=manager)
    assert code(start(agent, done)) == code(start(agent, dropped)) == (409, "task_closed")
    assert start(agent, gone).status_code == 404
    kept = make_task("Kept")
    services.archive_project(deal, by=manager)
    assert code(start(agent, kept)) == (409, "project_archived")


def test_whoever_works_there_may_and_others_may_not(start, stop, manager, viewer, stranger, make_task):
    task = make_task()
    assert [start(who, task).status_code for who in (viewer, stranger, manager)] == [403, 404, 201]
    assert [stop(who, task).status_code for who in (viewer, stranger, manager)] == [403, 404, 200]


@pytest.mark.parametrize(
    ("field", "value"),
    [("note", "x" * 301), ("note", ["x"]), ("is_billable", "perhaps"), ("timezone", "Mars/Base"), ("timezone", 7)],
)
def test_what_is_wrong_is_named(start, agent, make_task, field, value):
    answer = start(agent, make_task(), **{field: value})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, field)


def test_what_is_wrong_in_the_query_is_named(start, agent, make_task):
    answer = start(agent, make_task(), "?switch=perhaps")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "switch")


@pytest.mark.parametrize(
    ("zone", "day"), [("America/New_York", "2026-05-04"), ("Australia/Sydney", "2026-05-05"), ("Pacific/Apia", None)]
)
def test_the_day_is_that_of_where_the_person_is(start, agent, make_task, time_machine, zone, day):
    time_machine.move_to("2026-05-04T23:30:00Z")
    agent.timezone = zone
    agent.save(update_fields=["timezone"])
    assert start(agent, make_task()).json()["work_date"] == (day or "2026-05-05")


def test_where_i_am_may_be_said(start, agent, make_task, time_machine):
    time_machine.move_to("2026-05-04T23:30:00Z")
    answer = start(agent, make_task(), timezone="Australia/Sydney").json()
    assert (answer["timezone"], answer["work_date"]) == ("Australia/Sydney", "2026-05-05")


def test_it_never_ends_before_it_starts_although_the_clock_is_put_back(agent, make_task, time_machine):
    time_machine.move_to(NOON)
    log, _ = services.start_timer(make_task(), by=agent)
    time_machine.move_to("2026-05-04T15:59:00Z")
    assert services.stop_timer(log.task, by=agent).seconds == 0


def test_what_is_told_says_whose_it_is_and_never_how_long(agent, make_task, told):
    task = make_task()
    services.start_timer(task, by=agent)
    services.stop_timer(task, by=agent)
    (started,), (stopped,) = told(TimerStarted), told(TimerStopped)
    assert started.rooms() == (f"project:{task.project_id}", f"user:{agent.pk}")
    assert started.sentence() == "started a timer on Photos"
    assert stopped.sentence() == "stopped the timer of Alex Agent on Photos"
    assert not {"seconds", "started_at", "ended_at"} & {*started.payload(), *stopped.payload()}


def test_a_timer_costs_a_constant_number_of_queries(agent, make_task, time_machine, django_assert_max_num_queries):
    time_machine.move_to(NOON, tick=False)
    task = make_task()
    with django_assert_max_num_queries(20):
        services.start_timer(task, by=agent)
    for number in range(5):
        services.log_time(
            task,
            by=agent,
            started_at=clock.now() - timedelta(hours=number + 2),
            ended_at=clock.now() - timedelta(hours=number + 1),
        )
    with django_assert_max_num_queries(12):
        services.stop_timer(task, by=agent)
