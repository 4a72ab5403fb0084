"""The pages of what can be booked."""

from datetime import UTC, datetime

import pytest

from events.models import Resource, ResourceBooking
from events.services import add_blackout, book_resource, change_resource, create_resource

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _sunday(clock):
    return clock


@pytest.fixture
def lead(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def hall(manager):
    return create_resource(name="Hall", kind="room", needs_approval=True, by=manager)


def rows(browser, **asked):
    page = browser.get("/resources", asked)
    assert page.status_code == 200
    return {row.resource.name: row for row in page.context["rows"]}


def test_a_day_of_each_is_drawn(browser, plan, room, van, agent):
    book_resource(plan("2026-03-02T09:00"), room, by=agent)
    found = rows(browser, date="2026-03-02")
    (booked,) = found["Viewing room"].stretches
    assert (booked.kind, booked.label, booked.x, booked.width) == ("booked", "Showing", 14.286, 7.143)
    assert found["Van"].stretches == []


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-03-01", "Today, Sunday 1 March 2026"),
        ("2026-03-04", ">Wednesday 4 March 2026"),
        ("2026-03-20", ">Friday 20"),
    ],
)
def test_the_day_is_said_once(browser, day, words):
    assert words in browser.get("/resources", {"date": day}).content.decode()


def test_units_are_drawn_below_each_other(browser, plan, room, manager, agent):
    change_resource(room, changes={"units": 2}, by=manager)
    for title in ("One", "Two"):
        book_resource(plan("2026-03-02T09:00", title=title), room, by=agent)
    assert [(each.y, each.height) for each in rows(browser, date="2026-03-02")["Viewing room"].stretches] == [
        (0, 50),
        (50, 50),
    ]


def test_hours_blackouts_and_requests_are_drawn(browser, plan, hall, manager, agent):
    change_resource(hall, changes={"bookable_hours": {"0": [[540, 1020]]}}, by=manager)
    begins = datetime(2026, 3, 2, 19, tzinfo=UTC)
    add_blackout(hall, starts_at=begins, ends_at=begins.replace(hour=20), reason="New floor", by=manager)
    book_resource(plan("2026-03-02T10:00"), hall, by=agent)
    found = [(each.kind, each.label) for each in rows(browser, date="2026-03-02")["Hall"].stretches]
    shut = ("closed", "Outside its hours")
    assert found == [shut, shut, ("blackout", "New floor"), ("asked", "Showing")]


def test_a_colleague_sees_that_it_is_taken_and_not_why(client, stranger, plan, room, agent):
    book_resource(plan("2026-03-02T09:00", title="Secret"), room, by=agent)
    client.force_login(stranger)
    for path in ("/resources?date=2026-03-02", f"/resources/{room.pk}"):
        page = client.get(path).content.decode()
        assert "Busy" in page
        assert "Secret" not in page


def test_what_is_free_then_stands_first_and_can_be_booked(browser, plan, room, van, agent):
    book_resource(plan("2026-03-02T09:00"), van, by=agent)
    found = rows(browser, date="2026-03-02", since="09:30", until="11:10")
    assert [(name, row.is_free) for name, row in found.items()] == [("Viewing room", True), ("Van", False)]
    page = browser.get("/resources?date=2026-03-02&since=09:30&until=11:10").content.decode()
    assert f"resource={room.pk}&amp;day=2026-03-02&amp;at=09:30&amp;length=100" in page


def test_other_days_keep_what_was_asked_for(browser, room):
    page = browser.get("/resources?date=2026-03-02&kind=room&since=09:30&until=11:10&x=1")
    assert page.context["links"]["after"] == "date=2026-03-03&kind=room&since=09%3A30&until=11%3A10"


def test_htmx_gets_what_may_have_changed_and_no_page(browser, plan, room, agent):
    book_resource(plan("2026-03-02T09:00"), room, by=agent)
    page = browser.get("/resources?date=2026-03-02", headers=HTMX).content.decode()
    assert "Showing" in page
    assert 'id="requests" hx-swap-oob' in page
    assert "<html" not in page


def test_a_kind_is_picked(browser, room, van):
    assert list(rows(browser, kind="vehicle")) == ["Van"]
    assert rows(browser, kind="key") == {}
    assert "Nothing to book here" in browser.get("/resources?kind=key").content.decode()


@pytest.mark.parametrize(
    "asked", [{"date": "x"}, {"date": "9999-12-31"}, {"kind": "\x00"}, {"since": "9", "until": "8"}]
)
def test_what_cannot_be_asked_is_said(browser, room, asked):
    page = browser.get("/resources", asked)
    assert page.status_code == 200
    assert page.context["day"].isoformat() == "2026-03-01"
    assert page.context["form"].errors


def test_requests_are_decided_by_those_who_may(lead, plan, hall, agent):
    book_resource(plan("2026-03-02T09:00"), hall, by=agent)
    book_resource(plan("2026-03-03T09:00"), hall, by=agent)
    page = lead.get("/resources")
    assert "> Hall on Monday 2 March for Alex Agent</span></button>" in page.content.decode()
    one, two = page.context["requests"]
    assert len(lead.post(f"/resources/requests/{one.pk}/approve", headers=HTMX).context["requests"]) == 1
    lead.post(f"/resources/requests/{two.pk}/decline", headers=HTMX)
    assert [each.status for each in ResourceBooking.objects.order_by("starts_at")] == ["accepted", "declined"]
    assert lead.post(f"/resources/requests/{two.pk}/approve", headers=HTMX).status_code == 409


def test_others_see_no_requests_and_decide_none(browser, plan, hall, agent):
    (asked,) = book_resource(plan("2026-03-02T09:00"), hall, by=agent)
    assert list(browser.get("/resources").context["requests"]) == []
    assert browser.post(f"/resources/requests/{asked.pk}/approve", headers=HTMX).status_code == 403


def test_one_shows_what_is_ahead_by_pages(browser, plan, room, agent):
    book_resource(plan("2026-03-02T09:00", recurrence="FREQ=DAILY;COUNT=30"), room, by=agent)
    found = browser.get(f"/resources/{room.pk}?page=2").context["bookings"]
    assert (found.paginator.count, len(found)) == (30, 5)
    assert browser.get("/resources/999").status_code == 404


def test_it_is_closed_and_opened_again_by_those_who_run_it(lead, room):
    sent = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-02T12:00", "reason": "New floor"}
    assert lead.post(f"/resources/{room.pk}/blackouts", sent).status_code == 302
    blackout = room.blackouts.get()
    assert blackout.starts_at == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert "New floor" in lead.get(f"/resources/{room.pk}").content.decode()
    for wrong in ({"ends_at": "2026-03-01T09:00"}, {"ends_at": "9999-12-31T23:00"}, {"starts_at": "0001-01-01T00:00"}):
        assert lead.post(f"/resources/{room.pk}/blackouts", {**sent, **wrong}).status_code == 422
    lead.post(f"/resources/{room.pk}/blackouts/{blackout.pk}/end")
    assert not room.blackouts.exists()


def test_others_do_not_close_it(browser, room):
    sent = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-02T12:00"}
    assert browser.post(f"/resources/{room.pk}/blackouts", sent).status_code == 403
    assert "Close it for a time" not in browser.get(f"/resources/{room.pk}").content.decode()


def test_it_costs_a_constant_number_of_queries(lead, plan, room, van, agent, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(22) as counted:
            lead.get("/resources?date=2026-03-02&since=09:00&until=10:00")
        return len(counted)

    book_resource(plan("2026-03-02T09:00"), room, by=agent)
    before = queries()
    for number in range(5):
        add_key = Resource.objects.create(name=f"Key {number}", kind="key")
        book_resource(plan("2026-03-02T09:00"), add_key, by=agent)
    assert queries() == before
