"""What a project exports, an import takes in again."""

import csv
import io
from datetime import date, time

import pytest
from icalendar import Calendar

from tasks import services
from tasks.exchange.mspdi import read_mspdi
from tasks.models import KeyDate, KeyDateKind, Label

MONDAY = date(2026, 5, 4)


@pytest.fixture
def planned(deal, make_task, manager, agent):
    """A deal with a task of every sort."""
    photos = make_task("Photos", key="photos", starts_on=MONDAY, duration_days=2, assignees=[agent])
    photos.labels.add(Label.objects.create(project=deal, name="Legal"))
    copy = make_task("Text", key="copy", after=[photos], duration_days=3)
    services.edit_task(copy, by=manager, changes={"deadline_on": date(2026, 5, 15), "deadline_time": time(17)})
    make_task("Call the lender", key="call", due_on=date(2026, 6, 10))
    make_task("Sign; hang it", key="sign;1", scheduling_mode="manual", starts_on=date(2026, 5, 6))
    services.complete_task(make_task("Agreement", key="agreement"), by=manager, completed_on=MONDAY)
    closing = KeyDate.objects.create(
        project=deal, kind=KeyDateKind.CLOSING, name="Closing", on=date(2026, 6, 1), at=time(17)
    )
    services.set_date_rule(make_task("Walkthrough", key="walk"), after=closing, days=2, direction="before", by=manager)
    return deal


def get(api, user, deal, form):
    return api(user).get(f"/api/v1/projects/{deal.pk}/export?format={form}")


def same_days(one, other):
    facts = ("key", "name", "duration_days", "starts_on", "due_on", "priority", "deadline_at", "completed_on")
    return list(one.tasks.order_by("key").values(*facts)) == list(other.tasks.order_by("key").values(*facts))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_import_takes_an_export_in_again(planned, api, manager, form):
    other = services.open_project(name="Again", kind="listing", starts_on=MONDAY, by=manager)
    file = get(api, manager, planned, form)
    kind = "application/json" if form == "json" else "text/csv"
    answer = api(manager).generic("POST", f"/api/v1/projects/{other.pk}/import", file.content, content_type=kind)
    assert answer.status_code == 201, answer.data
    assert same_days(planned, other)


def test_a_table_is_a_file_with_the_projects_name(planned, api, viewer):
    answer = get(api, viewer, planned, "csv")
    assert answer["Content-Disposition"] == 'attachment; filename="12 Quay Street.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert next(row for row in rows if row["key"] == "copy")["predecessors"] == "photos FS"


def test_xml_holds_the_planned_days(planned, api, viewer):
    plan = read_mspdi(get(api, viewer, planned, "mspdi").content)
    assert {task.key for task in plan.tasks} == {"photos", "copy", "call", "sign;1", "agreement", "walk"}


def test_a_calendar_holds_what_is_due_and_the_key_dates(planned, api, viewer):
    calendar = Calendar.from_ical(get(api, viewer, planned, "ics").content)
    days = {str(event["SUMMARY"]): event.decoded("DTSTART") for event in calendar.walk("VEVENT")}
    assert days["Photos (12 Quay Street)"] == date(2026, 5, 5)
    assert days["Text (12 Quay Street)"].isoformat() == "2026-05-15T17:00:00-04:00"
    assert days["Closing (12 Quay Street)"].isoformat() == "2026-06-01T17:00:00-04:00"
    assert not any("Agreement" in name for name in days)


def test_another_format_is_refused(planned, api, viewer):
    answer = get(api, viewer, planned, "docx")
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "format")


def test_a_stranger_gets_no_file(planned, api, stranger):
    assert get(api, stranger, planned, "json").status_code == 404


@pytest.mark.parametrize("form", ["json", "csv", "ics", "mspdi"])
def test_an_export_takes_as_many_queries_for_many_tasks(
    planned, api, viewer, make_task, django_assert_max_num_queries, form
):
    for number in range(15):
        make_task(f"Task {number}", starts_on=MONDAY)
    with django_assert_max_num_queries(16):
        get(api, viewer, planned, form)
