"""Hours and booking pages in the admin: through the services, and a broken rule is a message."""

from datetime import UTC, datetime

import pytest

from estateman.activity.models import Activity
from events.models import Appointment, BookingPage, TimeOff
from events.services import book_appointment, create_booking_page, create_calendar, set_hours

pytestmark = pytest.mark.usefixtures("clock")
INLINES = {"hosts-TOTAL_FORMS": "0", "hosts-INITIAL_FORMS": "0"}
PAGE = {
    "slug": "valuation", "title": "Valuation", "timezone": "America/New_York", "duration_minutes": "30",
    "step_minutes": "30", "buffer_before_minutes": "0", "buffer_after_minutes": "0", "notice_minutes": "60",
    "days_ahead": "30", "is_active": "on", **INLINES,
}  # fmt: skip


@pytest.fixture
def office(client, manager):
    client.force_login(manager)
    return client


def test_time_off_is_added_and_taken_back_through_the_services(office, agent):
    form = {"user": agent.pk, "starts_on": "2026-03-02", "ends_on": "2026-03-03", "reason": "Fair"}
    assert office.post("/admin/events/timeoff/add/", form).status_code == 302
    time_off = TimeOff.objects.get()
    assert Activity.objects.filter(kind="hours.changed").count() == 1
    assert office.get("/admin/events/timeoff/").status_code == 200
    assert office.post(f"/admin/events/timeoff/{time_off.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not TimeOff.objects.exists()
    assert Activity.objects.filter(kind="hours.changed").count() == 2


def test_hours_are_looked_at(office, agent):
    set_hours(agent, weekly={0: [(540, 720)]}, by=agent)
    page = office.get("/admin/events/weeklyhours/")
    assert "540" in page.content.decode()
    assert office.get("/admin/events/hoursexception/").status_code == 200


def test_a_page_is_opened_changed_and_removed(office, manager):
    create_calendar(name="Maria", by=manager)
    assert office.post("/admin/events/bookingpage/add/", PAGE).status_code == 302
    page = BookingPage.objects.get()
    assert page.hosts.get().user == manager
    address = f"/admin/events/bookingpage/{page.pk}/change/"
    assert office.post(address, PAGE | {"title": "Second"}).status_code == 302
    page.refresh_from_db()
    assert (page.title, page.version) == ("Second", 2)
    refused = office.post(address, PAGE | {"slug": "appointments"}, follow=True)
    assert "house&#x27;s own" in refused.content.decode()
    office.post("/admin/events/bookingpage/", {"action": "remove", "_selected_action": [page.pk]})
    assert not BookingPage.objects.exists()


def test_an_appointment_is_cancelled(office, agent, calendar):
    page = create_booking_page(slug="valuation", title="Valuation", by=agent)
    starts_at = datetime(2026, 3, 2, 14, tzinfo=UTC)
    appointment = book_appointment(page, starts_at=starts_at, name="Sarah", email="s@example.com", timezone="UTC")
    asked = {"action": "cancel", "_selected_action": [appointment.pk]}
    office.post("/admin/events/appointment/", asked)
    assert Appointment.objects.get().status == "cancelled"
