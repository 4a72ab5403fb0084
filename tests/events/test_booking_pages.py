"""Booking pages over the API and as visitors see them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.models import Access, Appointment, BookingPage
from events.services import (
    appointment_token,
    book_appointment,
    create_booking_page,
    create_calendar,
    set_hours,
    share_calendar,
)
from tests.support.throttling import rates_set_to

pytestmark = pytest.mark.usefixtures("clock")
PAGES = "/api/v1/booking-pages"
NEW: dict[str, Any] = {
    "slug": "valuation",
    "title": "A valuation of your home",
    "duration_minutes": 60,
    "step_minutes": 60,
}
DAY = {"from": "2026-03-02", "to": "2026-03-03", "timezone": "America/New_York"}
VISITOR = {
    "starts_at": "2026-03-02T14:00:00Z",
    "name": "Sarah Seller",
    "email": "seller@example.com",
    "timezone": "Europe/London",
}


@pytest.fixture
def page(agent, calendar):
    set_hours(agent, weekly={0: [(540, 780)]}, by=agent)
    return create_booking_page(by=agent, **NEW)


@pytest.fixture
def appointment(page):
    return book_appointment(
        page,
        starts_at=datetime(2026, 3, 2, 14, tzinfo=UTC),
        name="Sarah Seller",
        email="seller@example.com",
        timezone="Europe/London",
    )


def errors(answer):
    return [(each["attr"], each["code"]) for each in answer.json()["errors"]]


# For the staff


def test_a_page_is_opened_read_changed_and_deleted(api, agent, calendar, stranger):
    made = api(agent).post(PAGES, NEW)
    assert made.status_code == 201
    assert made.json()["hosts"] == [{"user": agent.pk, "calendar": calendar.pk}]
    assert made.json()["url"].endswith("/book/valuation")
    address = f"{PAGES}/{made.json()['id']}"
    assert api(stranger).get(address).json()["title"] == NEW["title"]
    assert [each["slug"] for each in api(stranger).get(PAGES).json()["results"]] == ["valuation"]
    changed = api(agent).patch(address, {"buffer_after_minutes": 15, "version": 1})
    assert (changed.json()["buffer_after_minutes"], changed.json()["version"]) == (15, 2)
    assert errors(api(agent).patch(address, {"title": "x", "version": 1})) == [(None, "version_conflict")]
    assert api(stranger).patch(address, {"title": "Mine"}).status_code == 403
    assert api(stranger).delete(address).status_code == 403
    assert api(agent).delete(address).status_code == 204
    assert api(agent).get(address).status_code == 404


def test_who_has_no_calendar_opens_one_first_and_an_address_is_taken_once(api, agent, stranger, page):
    assert errors(api(stranger).post(PAGES, NEW | {"slug": "mine"}))[0][0] == "hosts"
    assert errors(api(agent).post(PAGES, NEW)) == [(None, "slug_taken")]
    other = api(agent).post(PAGES, NEW | {"slug": "other"}).json()
    assert errors(api(agent).patch(f"{PAGES}/{other['id']}", {"slug": "valuation"})) == [(None, "slug_taken")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "appointments"}, "slug"),
        ({"slug": "no blanks"}, "slug"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 2**40}, "duration_minutes"),
        ({"step_minutes": 1}, "step_minutes"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"days_ahead": 400}, "days_ahead"),
        ({"hosts": []}, "hosts"),
        ({"hosts": [{"user": 999_999, "calendar": 1}]}, "hosts.0.user"),
        ({"title": "a\x00b"}, "title"),
        ({"resource": 999_999}, "resource"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(api, agent, calendar, wrong, field):
    answer = api(agent).post(PAGES, NEW | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert not BookingPage.objects.exists()


def test_whose_time_is_not_mine_is_no_host_of_mine(api, agent, coordinator, manager, calendar):
    hers = create_calendar(name="Cora", by=coordinator)
    share_calendar(hers, user=agent, access=Access.WRITE, by=coordinator)
    host = {"user": coordinator.pk, "calendar": hers.pk}
    assert api(agent).post(PAGES, NEW | {"hosts": [host]}).status_code == 403
    share_calendar(hers, user=agent, access=Access.MANAGE, by=coordinator)
    assert api(agent).post(PAGES, NEW | {"hosts": [host]}).status_code == 201
    assert api(manager).post(PAGES, NEW | {"slug": "two", "hosts": [host]}).status_code == 201
    stray = {"user": coordinator.pk, "calendar": calendar.pk}
    assert errors(api(manager).post(PAGES, NEW | {"slug": "three", "hosts": [stray]}))[0][0] == "hosts"
    assert errors(api(manager).post(PAGES, NEW | {"slug": "four", "hosts": [host, host]}))[0][0] == "hosts"


def test_hosts_are_replaced_as_a_whole(api, agent, page, calendar, manager, coordinator):
    hers = create_calendar(name="Cora", by=coordinator)
    host = {"user": coordinator.pk, "calendar": hers.pk}
    both = {"hosts": [{"user": agent.pk, "calendar": calendar.pk}, host]}
    assert api(manager).patch(f"{PAGES}/{page.pk}", both).json()["hosts"] == both["hosts"]
    assert api(agent).patch(f"{PAGES}/{page.pk}", both).status_code == 200
    assert api(agent).patch(f"{PAGES}/{page.pk}", {"hosts": [host]}).json()["hosts"] == [host]
    assert errors(api(agent).patch(f"{PAGES}/{page.pk}", {"hosts": []}))[0][0] == "hosts"


def test_a_resource_that_must_be_approved_does_not_go_along(api, agent, calendar, room):
    type(room).objects.filter(pk=room.pk).update(needs_approval=True)
    assert errors(api(agent).post(PAGES, NEW | {"resource": room.pk}))[0][0] == "resource"


def test_a_page_stays_while_a_visitor_is_expected(api, agent, page, appointment, clock):
    refused = api(agent).delete(f"{PAGES}/{page.pk}")
    assert (errors(refused), refused.json()["appointments"]) == ([(None, "booking_page_in_use")], [appointment.pk])
    clock.move_to(datetime(2026, 3, 2, 15, tzinfo=UTC))
    assert api(agent).delete(f"{PAGES}/{page.pk}").status_code == 204


# For visitors


def test_a_visitor_sees_what_is_free_on_their_own_clock(api, page):
    answer = api(None).get("/api/v1/book/valuation/slots", DAY | {"timezone": "Europe/London"})
    assert answer.status_code == 200
    assert answer.json()["title"] == NEW["title"]
    assert answer.json()["slots"][0] == {
        "starts_at": "2026-03-02T14:00:00Z",
        "ends_at": "2026-03-02T15:00:00Z",
        "local_starts_at": "2026-03-02T14:00:00",
    }
    assert api(None).get("/api/v1/book/valuation/slots").json()["timezone"] == "America/New_York"
    assert api(None).get("/api/v1/book/other/slots").status_code == 404
    assert "Alex" not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"from": "soon"}, "from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"from": "2026-03-02", "to": "2026-06-01"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31T23:59:59Z"}, "to"),
        ({"timezone": "a\x00"}, "timezone"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(api, page, query, field):
    answer = api(None).get("/api/v1/book/valuation/slots", query)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)


def test_a_visitor_books_looks_moves_and_cancels(api, page):
    visitor = api(None)
    booked = visitor.post("/api/v1/book/valuation", VISITOR)
    assert booked.status_code == 201, booked.json()
    assert booked.json()["host"] == "Alex Agent"
    address = f"/api/v1/book/appointments/{booked.json()['token']}"
    assert visitor.get(address).json() == booked.json()
    slots = visitor.get(f"{address}/slots", DAY).json()
    assert [each["local_starts_at"][11:16] for each in slots["slots"]] == ["09:00", "10:00", "11:00", "12:00"]
    moved = visitor.patch(address, {"starts_at": "2026-03-02T11:00:00-05:00"})
    assert moved.json()["starts_at"] == "2026-03-02T16:00:00Z"
    refused = visitor.patch(address, {"starts_at": "2026-03-02T23:00:00Z"})
    assert errors(refused) == [(None, "slot_taken")]
    assert visitor.delete(address).json()["status"] == "cancelled"
    assert visitor.delete(address).status_code == 200
    assert errors(visitor.patch(address, {"starts_at": "2026-03-02T15:00:00Z"})) == [(None, "appointment_over")]
    assert visitor.get(f"/api/v1/book/appointments/{booked.json()['token']}x").status_code == 404


def test_a_taken_slot_is_answered_with_others(api, page, appointment):
    refused = api(None).post("/api/v1/book/valuation", VISITOR)
    assert (refused.status_code, errors(refused)) == (409, [(None, "slot_taken")])
    assert refused.json()["slots"][0] == "2026-03-02T15:00:00Z"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_at": "2026-03-02T14:00:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59Z"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": None}, "starts_at"),
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": f"{'x' * 250}@example.com"}, "email"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_what_a_visitor_cannot_mean_is_refused_by_field(api, page, wrong, field):
    answer = api(None).post("/api/v1/book/valuation", VISITOR | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert not Appointment.objects.exists()


def test_visitors_are_counted_by_where_they_come_from(api, page, settings):
    rates_set_to(settings, send="2/min")
    statuses = [api(None).post("/api/v1/book/valuation", {}).status_code for _ in range(3)]
    assert statuses == [400, 400, 429]


def test_the_session_of_a_colleague_lends_no_rights_and_needs_no_token(client, agent, page):
    client.force_login(agent)
    answer = client.post("/api/v1/book/valuation", VISITOR, content_type="application/json")
    assert answer.status_code == 201


# The pages


def test_the_public_page_has_no_script_and_no_style_of_its_own(client, page):
    page = client.get("/book/valuation")
    text = page.content.decode()
    assert page.status_code == 200
    assert 'data-slots="/api/v1/book/valuation/slots"' in text
    assert 'data-send="/api/v1/book/valuation"' in text
    assert " style=" not in text
    assert "<style" not in text
    assert all("src=" in tag for tag in text.split("<script")[1:])
    assert 'name="viewport"' in text


def test_a_closed_or_unknown_page_is_not_there(client, page):
    assert client.get("/book/other").status_code == 404
    BookingPage.objects.update(is_active=False)
    assert client.get("/book/valuation").status_code == 404


def test_what_is_written_on_a_page_is_not_run(client, page):
    BookingPage.objects.update(title="<script>alert(1)</script>", description="<b>x</b>")
    text = client.get("/book/valuation").content.decode()
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text


def test_the_visitors_own_page_says_when_and_keeps_its_address_to_itself(client, appointment, clock):
    address = f"/book/appointments/{appointment_token(appointment)}"
    shown = client.get(address)
    text = " ".join(shown.content.decode().split())
    assert "Monday, 2 March 2026, 2:00 PM\N{EN DASH}3:00 PM" in text
    assert (shown["Referrer-Policy"], "no-store" in shown["Cache-Control"]) == ("no-referrer", True)
    assert "Cancel the appointment" in text
    assert client.get(f"{address}x").status_code == 404
    clock.move_to(datetime(2026, 3, 2, 14, tzinfo=UTC))
    assert "has begun" in client.get(address).content.decode()
