"""The page of one's week."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks import services
from tasks.models import TimeLog

NOW = datetime(2026, 5, 8, 16, tzinfo=UTC)
NINE = datetime(2026, 5, 4, 13, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def friday_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def browser(client, agent):
    client.force_login(agent)
    return client


@pytest.fixture
def log(make_task, agent):
    """The agent's on Monday, from nine until half past ten and some seconds."""
    ends = NINE + timedelta(minutes=90, seconds=37)
    return services.log_time(make_task("Photos"), by=agent, started_at=NINE, ended_at=ends)


def post(browser, path, **fields):
    return browser.post(f"/timesheet{path}?week=2026-W19", fields, headers=HTMX)


def form(task=None, **fields):
    return {"task": task.pk if task else "", "day": "2026-05-05", "start": "09:00", "end": "10:00", **fields}


def test_a_week_is_shown(browser, log):
    page = browser.get("/timesheet?week=2026-W19")
    assert page.status_code == 200
    shown = page.context["page"]
    assert (shown.name, shown.before, shown.after, shown.is_present) == ("2026-W19", "2026-W18", "2026-W20", True)
    assert [day.seconds for day in shown.days] == [5437, 0, 0, 0, 0, 0, 0]
    assert [(bar.y, bar.height) for bar in shown.days[0].bars] == [(0, 100)]
    assert "1:30" in page.content.decode()


@pytest.mark.parametrize("week", ["", "2026", "2026-W54", "9999-W52", "x"])
def test_what_is_no_week_is_the_present_one(browser, week):
    assert browser.get("/timesheet", {"week": week}).context["page"].name == "2026-W19"


def test_it_costs_a_constant_number_of_queries(browser, log, make_task, agent, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(15) as counted:
            browser.get("/timesheet")
        return len(counted)

    few = queries()
    for number in range(1, 6):
        start = NINE + number * timedelta(hours=2)
        services.log_time(make_task(), by=agent, started_at=start, ended_at=start + timedelta(hours=1))
    assert queries() == few


def test_nobody_signed_in_is_led_to_the_door(client):
    assert client.get("/timesheet").status_code == 302


def test_a_timer_is_started_switched_and_stopped(browser, make_task, agent):
    photos, sign = make_task("Photos"), make_task("Sign")
    assert post(browser, "/start", task=photos.pk).status_code == 200
    post(browser, "/start", task=sign.pk)
    assert TimeLog.objects.running().get().task == sign
    answer = post(browser, f"/stop/{sign.pk}")
    assert "is stopped" in answer["HX-Trigger"]
    assert not TimeLog.objects.running().exists()


def test_a_rule_in_the_way_is_told(browser, make_task, agent):
    task = make_task("Photos")
    services.complete_task(task, by=agent)
    refused = post(browser, "/start", task=task.pk)
    assert (refused.status_code, "Photos is completed" in refused["HX-Trigger"]) == (409, True)
    assert post(browser, f"/stop/{task.pk}").status_code == 409
    assert [post(browser, "/start", task=wrong).status_code for wrong in ("", "x", "٣", 99, 2**70)] == [404] * 5


def test_time_is_added_where_the_person_lives_and_over_midnight(browser, make_task):
    answer = post(browser, "/entries", **form(make_task(), start="23:00", end="01:30", note="Stars"))
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#sheet")
    log = TimeLog.objects.get()
    assert (log.started_at, log.seconds) == (datetime(2026, 5, 6, 3, tzinfo=UTC), 9000)
    assert (log.note, log.is_billable, log.work_date.isoformat()) == ("Stars", False, "2026-05-05")


def test_the_form_comes_with_what_was_pointed_at(browser, make_task):
    task = make_task("Photos")
    page = browser.get("/timesheet/entries", {"task": task.pk, "day": "2026-05-06"}).content.decode()
    assert 'value="2026-05-06"' in page
    assert f'<option value="{task.pk}" selected>Photos</option>' in page
    assert browser.get("/timesheet/entries", {"task": 2**70, "day": "soon"}).status_code == 200


def test_the_next_thing_probably_began_when_the_last_was_done(browser, make_task, agent):
    ends = NOW - timedelta(minutes=89, seconds=23)
    services.log_time(make_task(), by=agent, started_at=NOW - timedelta(hours=2), ended_at=ends)
    assert 'name="start" value="10:31"' in browser.get("/timesheet/entries").content.decode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"day": "2026-05-09"}, 422),
        ({"start": "nine"}, 422),
        ({"end": ""}, 422),
        ({"task": "99"}, 422),
        ({"day": "1900-01-01"}, 422),
        ({"day": "2026-05-04"}, 409),
    ],
)
def test_what_is_wrong_stands_beside_the_form(browser, log, fields, status):
    answer = post(browser, "/entries", **form(log.task) | fields)
    assert answer.status_code == status
    assert "errorlist" in answer.content.decode() or "form-errors" in answer.content.decode()
    assert TimeLog.objects.count() == 1


def test_saving_what_nobody_changed_changes_nothing(browser, log):
    post(browser, f"/entries/{log.pk}", **form(day="2026-05-04", end="10:30"))
    log.refresh_from_db()
    assert (log.seconds, log.version) == (5437, 1)


def test_a_new_end_is_taken_and_a_new_day_takes_both_along(browser, log):
    post(browser, f"/entries/{log.pk}", **form(day="2026-05-04", end="11:00", is_billable="on"))
    log.refresh_from_db()
    assert (log.seconds, log.is_billable) == (7200, True)
    post(browser, f"/entries/{log.pk}", **form(day="2026-05-05", end="11:00", is_billable="on"))
    log.refresh_from_db()
    assert (log.seconds, log.work_date.isoformat()) == (7200, "2026-05-05")


def test_it_is_put_right_by_the_clock_of_where_it_was_logged(browser, make_task, agent):
    log = services.log_time(
        make_task(), by=agent, started_at=NINE, ended_at=NINE + timedelta(hours=1), timezone="Australia/Sydney"
    )
    page = browser.get(f"/timesheet/entries/{log.pk}").content.decode()
    assert "Australia/Sydney" in page
    assert 'value="23:00"' in page
    post(browser, f"/entries/{log.pk}", **form(day="2026-05-04", start="23:00", end="00:30"))
    log.refresh_from_db()
    assert log.seconds == 5400


def test_a_forgotten_timer_is_put_right_or_said_to_be_right(browser, make_task, agent, time_machine):
    log, _ = services.start_timer(make_task("Photos"), by=agent)
    time_machine.shift(13 * 3600)
    services.flag_forgotten_timers()
    assert "Did you forget it?" in browser.get("/timesheet").content.decode()
    post(browser, f"/entries/{log.pk}/confirm")
    assert "Did you forget it?" not in browser.get("/timesheet").content.decode()
    post(browser, f"/entries/{log.pk}", **form(day="2026-05-08", start="12:00", end="17:00"))
    log.refresh_from_db()
    assert (log.seconds, log.ended_by, log.needs_review) == (5 * 3600, "person", False)


def test_the_note_of_a_running_timer_is_changed_and_it_runs_on(browser, make_task, agent):
    log, _ = services.start_timer(make_task("Photos"), by=agent)
    assert (
        post(browser, f"/entries/{log.pk}", **form(day="2026-05-08", start="12:00", end="", note="Attic")).status_code
        == 200
    )
    log.refresh_from_db()
    assert (log.is_running, log.note) == (True, "Attic")


def test_time_is_deleted(browser, log):
    assert "is deleted" in post(browser, f"/entries/{log.pk}/delete")["HX-Trigger"]
    assert not TimeLog.objects.exists()


def test_in_the_archive_nothing_is_changed(browser, log, deal, manager):
    services.archive_project(deal, by=manager)
    for path in (f"/entries/{log.pk}/delete", f"/entries/{log.pk}/confirm"):
        assert post(browser, path).status_code == 409
    assert post(browser, f"/entries/{log.pk}", **form(day="2026-05-04", note="Attic")).status_code == 409


def test_others_time_is_not_there(client, log, manager):
    client.force_login(manager)
    for path in ("", "/confirm", "/delete"):
        assert post(client, f"/entries/{log.pk}{path}").status_code == 404
