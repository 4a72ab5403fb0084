"""Booking pages as the staff arrange them, and what visitors booked there."""

from datetime import UTC, datetime

import pytest

from events.models import Appointment, BookingPage
from events.services import book_appointment, create_booking_page, create_calendar, set_hours

pytestmark = pytest.mark.usefixtures("clock")
PATH = "/booking-pages"


@pytest.fixture
def page(agent, calendar):
    set_hours(agent, weekly={0: [(540, 780)]}, by=agent)
    return create_booking_page(slug="valuation", title="A valuation", duration_minutes=60, step_minutes=60, by=agent)


@pytest.fixture
def booked(page):
    """``booked(14)``: by Sarah, at that hour (UTC) of Monday."""

    def book(hour, **fields):
        return book_appointment(
            page,
            starts_at=datetime(2026, 3, 2, hour, tzinfo=UTC),
            name="Sarah Seller",
            email="seller@example.com",
            timezone="Europe/London",
            **fields,
        )

    return book


def filled(page=None, **fields):
    """The form as a browser sends it."""
    sent = {
        "title": "A valuation",
        "slug": "valuation",
        "duration_minutes": 60,
        "step_minutes": 60,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "notice_minutes": 120,
        "days_ahead": 30,
        "timezone": "America/New_York",
        "is_active": "on",
        "version": page.version if page else "",
    }
    return {**sent, **fields}


def key(host, calendar):
    return f"{host.pk}-{calendar.pk}"


class TestAppointmentsOverTheApi:
    @pytest.fixture
    def listed(self, api, page):
        def ask(user, **query):
            answer = api(user).get(f"/api/v1{PATH}/{page.pk}/appointments", query)
            assert answer.status_code == 200, answer.data
            return [each["starts_at"] for each in answer.data["results"]]

        return ask

    def test_are_told_to_the_host_the_maker_and_the_leaders_alone(
        self, listed, page, booked, agent, manager, coordinator
    ):
        booked(14)
        assert listed(agent) == listed(manager) == ["2026-03-02T14:00:00Z"]
        assert listed(coordinator) == []
        BookingPage.objects.filter(pk=page.pk).update(created_by=coordinator)
        assert listed(coordinator) == ["2026-03-02T14:00:00Z"]

    def test_say_who_comes(self, api, agent, page, booked):
        appointment = booked(14, phone="+1 555 0100", note="The garden door")
        (told,) = api(agent).get(f"/api/v1{PATH}/{page.pk}/appointments").data["results"]
        assert told == {
            "id": appointment.pk,
            "event": appointment.event_id,
            "host": agent.pk,
            "host_name": "Alex Agent",
            "starts_at": "2026-03-02T14:00:00Z",
            "ends_at": "2026-03-02T15:00:00Z",
            "status": "booked",
            "visitor_name": "Sarah Seller",
            "visitor_email": "seller@example.com",
            "visitor_phone": "+1 555 0100",
            "visitor_timezone": "Europe/London",
            "note": "The garden door",
            "created_at": "2026-03-01T12:00:00Z",
        }

    def test_are_narrowed_by_time_and_status(self, listed, booked, agent):
        booked(14)
        Appointment.objects.filter(pk=booked(15).pk).update(status="cancelled")
        assert listed(agent, status="booked") == ["2026-03-02T14:00:00Z"]
        assert listed(agent, **{"from": "2026-03-02T15:00:00Z"}) == ["2026-03-02T15:00:00Z"]
        assert listed(agent, to="2026-03-02T15:00:00Z") == ["2026-03-02T14:00:00Z"]

    @pytest.mark.parametrize(
        "query", [{"status": "gone"}, {"from": "soon"}, {"from": "2026-03-03", "to": "2026-03-02"}]
    )
    def test_a_query_that_makes_no_sense_is_refused(self, api, agent, page, query):
        assert api(agent).get(f"/api/v1{PATH}/{page.pk}/appointments", query).status_code == 400

    def test_of_a_page_that_there_is_not_are_404(self, api, agent):
        assert api(agent).get(f"/api/v1{PATH}/99/appointments").status_code == 404

    def test_take_as_many_queries_however_many_there_are(self, api, agent, page, booked, django_assert_max_num_queries):
        for hour in (14, 15, 16):
            booked(hour)
        with django_assert_max_num_queries(5):
            api(agent).get(f"/api/v1{PATH}/{page.pk}/appointments")


class TestThePages:
    def test_all_are_listed_with_who_is_expected(self, browser, booked, django_assert_max_num_queries):
        booked(14)
        Appointment.objects.filter(pk=booked(15).pk).update(status="cancelled")
        with django_assert_max_num_queries(10):
            text = browser.get(PATH).content.decode()
        assert "A valuation" in text
        assert "/book/valuation" in text
        assert "1 expected" in text

    def test_one_is_opened(self, browser, agent, calendar):
        answer = browser.post(f"{PATH}/new", filled(hosts=[key(agent, calendar)], daily_limit=4, is_active=""))
        page = BookingPage.objects.get()
        assert answer.url == f"{PATH}/{page.pk}"
        assert (page.slug, page.daily_limit, page.is_active, page.created_by) == ("valuation", 4, False, agent)
        assert [(each.user, each.calendar) for each in page.hosts.all()] == [(agent, calendar)]

    def test_one_is_changed_and_only_in_what_was_changed(self, browser, page, agent, calendar):
        browser.post(f"{PATH}/{page.pk}", filled(page, title="Your home's worth", hosts=[key(agent, calendar)]))
        page.refresh_from_db()
        assert (page.title, page.version) == ("Your home's worth", 2)

    def test_hosts_are_chosen_among_those_whose_time_is_ones_own_to_give(
        self, client, page, agent, manager, calendar, browser
    ):
        marias = create_calendar(name="Maria", by=manager)
        both = [key(agent, calendar), key(manager, marias)]
        assert browser.post(f"{PATH}/{page.pk}", filled(page, hosts=both)).status_code == 422
        client.force_login(manager)
        assert client.post(f"{PATH}/{page.pk}", filled(page, hosts=both)).status_code == 302
        assert {each.user for each in page.hosts.all()} == {agent, manager}
        # Whoever stands is kept also by those who could not have named them.
        client.force_login(agent)
        page.refresh_from_db()
        client.post(f"{PATH}/{page.pk}", filled(page, title="Other", hosts=both))
        assert page.hosts.count() == 2
        page.refresh_from_db()
        assert page.title == "Other"

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"slug": "two words"}, "slug"), ({"slug": "appointments"}, "slug"),
            ({"duration_minutes": 0}, "duration_minutes"), ({"timezone": "Mars/Base"}, "timezone"),
            ({"hosts": []}, "hosts"), ({"hosts": ["9-9"]}, "hosts"),
            ({"title": ""}, "title"), ({"resource": 99}, "resource"), ({"daily_limit": 0}, "daily_limit"),
            ({"days_ahead": "many"}, "days_ahead"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_said_beside_its_field(self, browser, page, agent, calendar, wrong, field):
        answer = browser.post(f"{PATH}/{page.pk}", filled(page, **{"hosts": [key(agent, calendar)], **wrong}))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        page.refresh_from_db()
        assert page.version == 1

    def test_an_address_is_taken_once_and_an_old_form_is_refused(self, browser, page, agent, calendar):
        hosts = [key(agent, calendar)]
        assert list(browser.post(f"{PATH}/new", filled(hosts=hosts)).context["form"].errors) == ["slug"]
        assert browser.post(f"{PATH}/{page.pk}", filled(page, hosts=hosts, title="B", version=9)).status_code == 409

    def test_what_must_be_approved_is_not_offered(self, browser, page, room):
        type(room).objects.filter(pk=room.pk).update(needs_approval=True)
        assert room.name not in browser.get(f"{PATH}/{page.pk}").content.decode()

    def test_who_has_no_calendar_is_led_to_one(self, client, stranger):
        client.force_login(stranger)
        assert "Open a calendar of my own" in client.get(f"{PATH}/new").content.decode()

    def test_others_see_what_it_is_and_change_nothing(self, client, page, booked, coordinator):
        booked(14)
        client.force_login(coordinator)
        text = client.get(f"{PATH}/{page.pk}").content.decode()
        assert "/book/valuation" in text
        for word in ("Sarah Seller", "seller@example.com", "Save", "Delete"):
            assert word not in text
        mine = create_calendar(name="Cora", by=coordinator)
        sent = filled(page, title="Mine", hosts=[key(coordinator, mine)])
        assert client.post(f"{PATH}/{page.pk}", sent).status_code == 403
        assert client.post(f"{PATH}/{page.pk}/delete").status_code == 403

    def test_it_hears_of_what_is_booked_where_one_may_read(self, browser, client, page, calendar, coordinator):
        assert f'data-rooms="office calendar:{calendar.pk}"' in browser.get(f"{PATH}/{page.pk}").content.decode()
        client.force_login(coordinator)
        assert 'data-rooms="office"' in client.get(f"{PATH}/{page.pk}").content.decode()

    def test_whoever_comes_is_shown_and_afterwards_under_over(self, browser, page, booked, clock):
        booked(14)
        assert "Sarah Seller" in browser.get(f"{PATH}/{page.pk}").content.decode()
        assert "Sarah Seller" not in browser.get(f"{PATH}/{page.pk}?past").content.decode()
        clock.move_to("2026-03-03T12:00:00Z")
        assert "Sarah Seller" in browser.get(f"{PATH}/{page.pk}?past&page=x").content.decode()

    def test_it_is_deleted_unless_somebody_is_expected(self, browser, page, booked, clock):
        booked(14)
        assert browser.post(f"{PATH}/{page.pk}/delete").url == f"{PATH}/{page.pk}"
        clock.move_to("2026-03-03T12:00:00Z")
        assert browser.post(f"{PATH}/{page.pk}/delete").url == PATH
        assert not BookingPage.objects.exists()

    def test_one_that_there_is_not_is_404(self, browser):
        assert browser.get(f"{PATH}/99").status_code == 404
        assert browser.post(f"{PATH}/99/delete").status_code == 404
