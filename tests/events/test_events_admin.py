# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""The admin: the recurrence widget in the form, and every change through the services."""

from datetime import datetime

import pytest
from django.urls import reverse

from estateman.activity.models import Activity
from events.models import Blackout, Calendar, Event, Resource, ResourceBooking
from events.services import ReminderWish, book_resource, change_resource, edit_occurrence

pytestmark = pytest.mark.usefixtures("clock")
INLINES = {
    f"{name}-{field}": "0"
    for name in ("exceptions", "overrides", "attendees", "reminders", "bookings", "shares")
    for field in ("TOTAL_FORMS", "INITIAL_FORMS")
}


@pytest.fixture
def office(client, manager):
    client.force_login(manager)
    return client


def form(calendar, **fields):
    return {
        "calendar": calendar.pk, "title": "Showing", "starts_at": "2026-03-02T09:00", "timezone": "America/New_York",
        "duration_minutes": "60",
        "recurrence": "RRULE:FREQ=WEEKLY;BYDAY=MO", "status": "confirmed",
        **INLINES, **fields,
    }  # fmt: skip


ADD = "/admin/events/event/add/"


def test_the_form_shows_the_recurrence_widget_and_the_rule(office, plan):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO")
    page = office.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    assert "recurrence-widget.init.js" in page
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO" in page
    assert 'value="2026-03-02T09:00"' in page


def test_a_new_one_begins_on_ones_own_clock(office):
    assert office.get(ADD).context["adminform"].form.initial["timezone"] == "America/New_York"


def test_a_series_is_planned_and_changed_through_the_services(office, calendar):
    assert office.post(ADD, form(calendar)).status_code == 302
    event = Event.objects.get()
    assert (event.starts_at, event.recurrence) == (datetime(2026, 3, 2, 9), "FREQ=WEEKLY;BYDAY=MO")
    assert Activity.objects.filter(kind="event.created").exists()
    url = reverse("admin:events_event_change", args=[event.pk])
    assert office.post(url, form(calendar, title="Second", starts_at="2026-03-02T10:00")).status_code == 302
    event.refresh_from_db()
    assert (event.title, event.starts_at, event.sequence) == ("Second", datetime(2026, 3, 2, 10), 1)
    assert office.post(url, form(calendar, title="Second", starts_at="2026-03-02T10:00")).status_code == 302
    assert Activity.objects.filter(kind="event.changed").count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"recurrence": "RRULE:FREQ=HOURLY"}, "FREQ must be"),
        ({"recurrence": "RRULE:FREQ=MONTHLY;BYMONTHDAY=-32"}, "BYMONTHDAY takes"),
        ({"recurrence": "RRULE:FREQ=DAILY\nEXDATE:20260303T140000Z"}, "kept beside the rule"),
        ({"recurrence": "RRULE:FREQ=DAILY;UNTIL=00010101T000000Z"}, "UNTIL"),
        ({"timezone": "Mars/Olympus"}, "not a known time zone"),
        ({"starts_at": "soon"}, "Enter a valid date/time"),
    ],
)
def test_what_is_wrong_is_said_in_the_form(office, calendar, fields, sentence):
    page = office.post(ADD, form(calendar, **fields))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Event.objects.exists()


def test_a_move_that_collides_is_said_as_a_message(office, calendar, plan, room, agent):
    book_resource(plan("2026-03-03T09:00"), room, by=agent)
    event = plan("2026-03-02T09:00")
    book_resource(event, room, by=agent)
    url = reverse("admin:events_event_change", args=[event.pk])
    page = office.post(url, form(calendar, starts_at="2026-03-03T09:00", recurrence=""), follow=True)
    assert "is taken" in page.content.decode()
    event.refresh_from_db()
    assert event.starts_at == datetime(2026, 3, 2, 9)


def test_an_event_is_put_into_another_calendar_through_the_service(office, calendar, plan, team_calendar):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO")
    url = reverse("admin:events_event_change", args=[event.pk])
    assert office.post(url, form(team_calendar)).status_code == 302
    event.refresh_from_db()
    assert event.calendar == team_calendar
    assert Activity.objects.filter(kind="event.transferred").count() == 1
    twin = plan("2026-03-02T09:00")
    Event.objects.filter(pk=twin.pk).update(uid=event.uid)
    page = office.post(url, form(calendar), follow=True)
    assert "is in Alex already" in page.content.decode()
    event.refresh_from_db()
    assert event.calendar == team_calendar


def test_actions_cancel_events_and_bookings_and_put_calendars_away(office, plan, calendar, room, agent):
    event = plan("2026-03-02T09:00")
    book_resource(event, room, by=agent)
    for model, row, action in (
        ("calendar", calendar, "archive"),
        ("resourcebooking", ResourceBooking.objects.get(), "cancel"),
        ("event", event, "cancel"),
        ("event", event, "cancel"),
        ("calendar", calendar, "archive"),
    ):
        data = {"action": action, "_selected_action": [row.pk]}
        assert office.post(f"/admin/events/{model}/", data).status_code == 302
    event.refresh_from_db()
    calendar.refresh_from_db()
    assert (event.status, ResourceBooking.objects.get().status) == ("cancelled", "cancelled")
    assert calendar.is_archived


def test_calendars_are_made_and_changed(office, team):
    calendar = {
        "name": "Team", "team": team.pk, "timezone": "UTC", "color": "#112233", "reminder_minutes": "[30]",
        "conflicts": "refuse",
    }  # fmt: skip
    assert office.post("/admin/events/calendar/add/", {**calendar, **INLINES}).status_code == 302
    made = Calendar.objects.get()
    url = reverse("admin:events_calendar_change", args=[made.pk])
    assert office.post(url, {**calendar, "name": "The team", **INLINES}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.team, made.reminder_minutes) == ("The team", team, [30])


def test_resources_are_made_and_changed(office):
    resource = {
        "name": "Van", "kind": "vehicle", "features": "[]", "timezone": "UTC", "is_active": "on", "units": "2",
        "bookable_hours": '{"0": [[540, 1020]]}', "buffer_before_minutes": "0", "buffer_after_minutes": "10",
        "bookers": "everyone", "blackouts-TOTAL_FORMS": "0", "blackouts-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert office.post("/admin/events/resource/add/", resource).status_code == 302
    url = reverse("admin:events_resource_change", args=[Resource.objects.get().pk])
    assert office.post(url, {**resource, "capacity": "3"}).status_code == 302
    made = Resource.objects.get()
    assert (made.capacity, made.units, made.bookable_hours) == (3, 2, {"0": [[540, 1020]]})


def test_requests_are_decided_and_a_resource_is_closed_and_opened(office, plan, room, agent, manager):
    change_resource(room, changes={"needs_approval": True}, by=manager)
    (first,), (second,) = (book_resource(plan("2026-03-02T09:00"), room, by=agent) for _ in range(2))
    for booking, action in ((first, "approve"), (second, "decline"), (first, "release")):
        office.post("/admin/events/resourcebooking/", {"action": action, "_selected_action": [booking.pk]})
    assert [each.status for each in ResourceBooking.objects.order_by("pk")] == ["cancelled", "declined"]
    times = {"starts_at_0": "2026-03-09", "starts_at_1": "08:00", "ends_at_0": "2026-03-10", "ends_at_1": "08:00"}
    form = {"resource": room.pk, **times, "reason": "New floor"}
    wrong = office.post("/admin/events/blackout/add/", {**form, "ends_at_0": "9999-12-31", "ends_at_1": "23:00"})
    assert "Dates lie between 1970 and 2199." in wrong.content.decode()
    assert office.post("/admin/events/blackout/add/", form).status_code == 302
    assert office.get("/admin/events/blackout/").status_code == 200
    made = Blackout.objects.get()
    assert (made.reason, made.created_by_id) == ("New floor", int(office.session["_auth_user_id"]))
    office.post("/admin/events/blackout/", {"action": "remove", "_selected_action": [made.pk]})
    assert not Blackout.objects.exists()


@pytest.mark.parametrize("model", ["calendar", "event", "resource", "resourcebooking", "reminderdelivery"])
def test_every_list_opens_with_a_constant_number_of_queries(
    office, plan, room, agent, model, django_assert_max_num_queries
):
    for day in range(2, 8):
        book_resource(plan(f"2026-03-0{day}T09:00", reminders=[ReminderWish(30)]), room, by=agent)
    with django_assert_max_num_queries(16):
        assert office.get(f"/admin/events/{model}/").status_code == 200


def test_the_dates_that_differ_are_shown_and_lead_to_where_they_are_changed(office, plan, agent):
    event = plan("2026-03-02T09:00", recurrence="FREQ=WEEKLY;BYDAY=MO")
    edit_occurrence(event, datetime(2026, 3, 9, 9), changes={"title": "The other door"}, by=agent)
    page = office.get(reverse("admin:events_event_change", args=[event.pk]))
    assert "The other door" in page.content.decode()
    assert f'href="/events/{event.pk}"' in page.content.decode()


def test_a_cancelled_event_can_only_be_read(office, plan, agent):
    event = plan("2026-03-02T09:00")
    Event.objects.filter(pk=event.pk).update(status="cancelled")
    page = office.get(reverse("admin:events_event_change", args=[event.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
