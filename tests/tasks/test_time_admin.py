"""Time logs in the admin."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks import services
from tasks.models import TimeLog, TimeLogChange

NINE = datetime(2026, 5, 4, 13, tzinfo=UTC)


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def log(make_task, agent):
    return services.log_time(
        make_task(), by=agent, started_at=NINE, ended_at=NINE + timedelta(hours=1), note="=1+1", is_billable=True
    )


@pytest.fixture
def act(admin):
    def run(action, *rows):
        chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
        return admin.post("/admin/tasks/timelog/", chosen, follow=action != "export")

    return run


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def test_lists_open_at_a_constant_cost(admin, agent, log, make_task, django_assert_max_num_queries):
    def queries(model):
        with django_assert_max_num_queries(25) as counted:
            assert admin.get(f"/admin/tasks/{model}/?q=a").status_code == 200
        return len(counted)

    services.edit_time(log, by=agent, changes={"note": "Garden"})
    few = [queries(model) for model in ("timelog", "timelogchange")]
    for number in range(1, 4):
        start = NINE - number * timedelta(hours=2)
        more = services.log_time(make_task(), by=agent, started_at=start, ended_at=start + timedelta(hours=1))
        services.edit_time(more, by=agent, changes={"note": "Garden"})
    assert [queries(model) for model in ("timelog", "timelogchange")] == few


def test_a_log_is_changed_through_the_service(admin, log):
    url = f"/admin/tasks/timelog/{log.pk}/change/"
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"note": "Garden", "is_billable": ""}).status_code == 302
    log.refresh_from_db()
    assert (log.note, log.is_billable, log.version) == ("Garden", False, 2)
    change = TimeLogChange.objects.get()
    assert admin.get(f"/admin/tasks/timelogchange/{change.pk}/change/").status_code == 200


def test_what_is_right_is_confirmed_and_what_runs_is_stopped(act, log, agent, make_task):
    services.edit_time(log, by=agent, changes={"needs_review": True})
    assert said(act("confirm", log)) == ["Done: 1."]
    log.refresh_from_db()
    assert log.needs_review is False
    running, _ = services.start_timer(make_task(), by=agent)
    assert said(act("stop", log, running)) == ["Done: 2."]
    running.refresh_from_db()
    assert (running.ended_by, log.ended_by) == ("person", "")


def test_the_archive_is_named_and_left_alone(act, log, deal, manager):
    services.archive_project(deal, by=manager)
    assert said(act("confirm", log)) == [f"{log}: 12 Quay Street is archived. Restore it to work on it."]


def test_what_was_chosen_is_taken_along_as_a_file(act, log):
    answer = act("export", log)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    header, line = answer.content.decode().splitlines()
    assert header.startswith("date,person,project")
    assert "2026-05-04,Alex Agent,12 Quay Street,listing," in line
    assert ",'=1+1," in line


def test_time_on_a_private_project_is_its_members_own(admin, agent):
    private = services.open_project(name="Quiet sale", kind="listing", by=agent, is_private=True)
    task = services.create_task(private, name="Whisper", by=agent)
    log = services.log_time(task, by=agent, started_at=NINE, ended_at=NINE + timedelta(hours=1))
    assert "Whisper" not in admin.get("/admin/tasks/timelog/").content.decode()
    assert admin.get(f"/admin/tasks/timelog/{log.pk}/change/").status_code == 302
    assert TimeLog.objects.get() == log
