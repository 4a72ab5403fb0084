"""A person's week, on the screen and as a file."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tasks import services

WEEK = "2026-W19"  # from Monday 4 May
NOW = datetime(2026, 5, 8, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def friday_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def sheet(api):
    def get(who, **query):
        answer = api(who).get("/api/v1/timesheet", {"week": WEEK, **query})
        assert answer.status_code == 200, answer.data
        return answer.json()

    return get


@pytest.fixture
def worked_until_noon(agent, make_task, time_machine):
    """``worked_until_noon(start, length, zone)``, of which a day at most is one entry."""

    def log_both(start, length, zone):
        time_machine.move_to(start + timedelta(days=7))
        task, half = make_task(), start + length / 2
        for begin, end in ((start, half), (half, start + length)):
            services.log_time(task, by=agent, started_at=begin, ended_at=end, timezone=zone)
        return agent

    return log_both


@pytest.fixture
def lines(api):
    def get(who, **query):
        answer = api(who).get("/api/v1/timesheet.csv", {"week": WEEK, **query})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    return get


def log(who, task, start, end, **about):
    start, end = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return services.log_time(task, by=who, started_at=start, ended_at=end, **about)


def seconds(line):
    return [day["seconds"] for day in line["days"]]


def test_a_week_by_project_task_and_day(sheet, agent, make_task, deal):
    photos, sign = make_task("Photos", estimate_minutes=90), make_task("Sign")
    other = services.open_project(name="5 Mill Lane", kind="lease", by=agent)
    keys = services.create_task(other, name="Keys", by=agent)
    log(agent, photos, "2026-05-04T09:00:00-04:00", "2026-05-04T10:00:00-04:00", is_billable=True)
    log(agent, photos, "2026-05-04T11:00:00-04:00", "2026-05-04T11:30:00-04:00")
    log(agent, sign, "2026-05-06T09:00:00-04:00", "2026-05-06T09:00:30-04:00")
    log(agent, keys, "2026-05-07T09:00:00-04:00", "2026-05-07T10:00:00-04:00")
    log(agent, keys, "2026-05-03T09:00:00-04:00", "2026-05-03T10:00:00-04:00")  # the Sunday before
    week = sheet(agent)
    assert (week["week"], week["first"], week["last"], week["user"]) == (WEEK, "2026-05-04", "2026-05-10", agent.pk)
    assert [day["date"] for day in week["days"]] == [f"2026-05-{day:02}" for day in range(4, 11)]
    assert seconds(week) == [5400, 0, 30, 3600, 0, 0, 0]
    assert (week["seconds"], week["billable_seconds"], week["running"], week["needs_review"]) == (9030, 3600, None, 0)
    assert [project["name"] for project in week["projects"]] == ["12 Quay Street", "5 Mill Lane"]
    quay = week["projects"][0]
    assert (quay["project"], quay["kind"], quay["seconds"], quay["billable_seconds"]) == (
        deal.pk,
        "listing",
        5430,
        3600,
    )
    assert [(task["name"], task["estimate_minutes"], seconds(task)[0]) for task in quay["tasks"]] == [
        ("Photos", 90, 5400),
        ("Sign", None, 0),
    ]
    assert seconds(sheet(agent, project=other.pk)) == [0, 0, 0, 3600, 0, 0, 0]


def test_a_night_lies_on_both_days_as_the_person_lived_it(sheet, agent, make_task):
    task = make_task()
    log(agent, task, "2026-05-04T23:00:00-04:00", "2026-05-05T01:30:00-04:00")
    log(agent, task, "2026-05-06T23:00:00+10:00", "2026-05-07T00:30:00+10:00", timezone="Australia/Sydney")
    assert seconds(sheet(agent)) == [3600, 5400, 3600, 1800, 0, 0, 0]


def test_a_night_between_two_weeks_counts_in_each_what_lies_there(sheet, agent, make_task):
    log(agent, make_task(), "2026-05-03T23:00:00-04:00", "2026-05-04T02:00:00-04:00")
    assert seconds(sheet(agent)) == [7200, 0, 0, 0, 0, 0, 0]
    assert seconds(sheet(agent, week="2026-W18")) == [0, 0, 0, 0, 0, 0, 3600]


@pytest.mark.parametrize(
    ("zone", "noon", "sunday"),
    [
        ("America/New_York", "2026-03-07T12:00:00-05:00", 11),
        ("America/New_York", "2026-10-31T12:00:00-04:00", 13),
        ("Australia/Sydney", "2026-10-03T12:00:00+10:00", 11),
        ("Australia/Lord_Howe", "2026-04-04T12:00:00+11:00", 12.5),
    ],
)
def test_where_clocks_change_nothing_is_lost_or_doubled(sheet, worked_until_noon, zone, noon, sunday):
    """From a Saturday's noon to the Sunday's."""
    start = datetime.fromisoformat(noon)
    agent = worked_until_noon(start, timedelta(hours=12 + sunday), zone)
    year, week, _ = start.date().isocalendar()
    assert seconds(sheet(agent, week=f"{year}-W{week:02}"))[5:] == [12 * 3600, sunday * 3600]


def test_a_running_timer_counts_until_now(sheet, agent, make_task, time_machine):
    log_, _ = services.start_timer(make_task(), by=agent)
    assert sheet(agent)["running"]["id"] == log_.pk
    time_machine.shift(600)
    week = sheet(agent)
    assert (seconds(week)[4], week["as_of"], week["running"]["id"]) == (600, "2026-05-08T16:10:00Z", log_.pk)


def test_without_a_week_it_is_the_present_one_where_i_live(api, agent, time_machine):
    time_machine.move_to("2026-05-11T01:00:00Z")
    assert api(agent).get("/api/v1/timesheet").data["week"] == WEEK
    agent.timezone = "Australia/Sydney"
    assert api(agent).get("/api/v1/timesheet").data["week"] == "2026-W20"


def test_of_others_i_see_what_i_may(sheet, agent, coordinator, manager, make_task):
    private = services.open_project(name="Quiet sale", kind="purchase", by=agent, is_private=True)
    log(agent, make_task(), "2026-05-04T09:00:00-04:00", "2026-05-04T10:00:00-04:00")
    whisper = services.create_task(private, name="Whisper", by=agent)
    log(agent, whisper, "2026-05-05T09:00:00-04:00", "2026-05-05T10:00:00-04:00")
    assert seconds(sheet(agent))[:2] == [3600, 3600]
    assert seconds(sheet(manager, user=agent.pk))[:2] == [3600, 0]
    assert sheet(coordinator, user=agent.pk)["projects"] == []


def test_the_hours_of_a_deleted_task_stay(sheet, agent, manager, make_task):
    task = make_task()
    log(agent, task, "2026-05-04T09:00:00-04:00", "2026-05-04T10:00:00-04:00")
    services.delete_task(task, by=manager)
    assert seconds(sheet(agent))[0] == 3600


@pytest.mark.parametrize("path", ["timesheet", "timesheet.csv"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("week", "2026"),
        ("week", "2026-W54"),
        ("week", "2025-W53"),
        ("week", "0001-W01"),
        ("week", "9999-W52"),
        ("user", "999999"),
        ("user", "me"),
        ("project", "999999"),
    ],
)
def test_what_is_wrong_in_the_query_is_named(api, agent, path, field, value):
    answer = api(agent).get(f"/api/v1/{path}", {field: value}, headers={"accept": "text/csv, application/json"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert answer.json()["errors"][0]["attr"] == field


def test_the_file_has_a_line_for_each_day_of_each_log(lines, agent, make_task, time_machine):
    task = make_task("Photos")
    log(agent, task, "2026-05-04T23:00:00-04:00", "2026-05-05T01:10:00-04:00", is_billable=True, note="Night sky")
    services.start_timer(task, by=agent)
    time_machine.shift(600)
    first, second = lines(agent)
    assert first == {
        "date": "2026-05-04",
        "person": "Alex Agent",
        "project": "12 Quay Street",
        "kind": "listing",
        "task_key": "T-1",
        "task": "Photos",
        "started_at": "2026-05-04T23:00:00-04:00",
        "ended_at": "2026-05-05T00:00:00-04:00",
        "timezone": "America/New_York",
        "seconds": "3600",
        "hours": "1.00",
        "billable": "yes",
        "needs_review": "no",
        "note": "Night sky",
        "log": first["log"],
    }
    assert (second["date"], second["seconds"], second["hours"], second["log"]) == (
        "2026-05-05",
        "4200",
        "1.17",
        first["log"],
    )


def test_the_file_has_a_name_and_comes_to_whoever_accepts_it(api, agent):
    for accepted in ("text/csv", "*/*", "application/json"):
        answer = api(agent).get("/api/v1/timesheet.csv", {"week": WEEK}, headers={"accept": accepted})
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == f'attachment; filename="timesheet-{agent.pk}-{WEEK}.csv"'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_what_people_wrote_is_no_formula(lines, agent, make_task, text):
    task = make_task("Photos")
    services.edit_task(task, by=agent, changes={"name": text, "key": text[:40]})
    log(agent, task, "2026-05-04T09:00:00-04:00", "2026-05-04T10:00:00-04:00", note=text)
    (line,) = lines(agent)
    assert (line["task"], line["note"], line["task_key"]) == (f"'{text}", f"'{text}", f"'{text}")
