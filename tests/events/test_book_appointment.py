# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Appointments that visitors book: when there is a place, whose turn it is, and that one slot goes to one visitor."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from estateman.activity.models import Activity
from events.appointments import offers
from events.free_busy import free_busy
from events.models import Access, Answer, Appointment, ConflictPolicy, Event, ResourceBooking
from events.services import (
    AppointmentOver,
    Host,
    SlotTaken,
    TooManyAppointments,
    appointment_of,
    appointment_token,
    book_resource,
    cancel_appointment,
    cancel_event,
    create_booking_page,
    create_calendar,
    edit_event,
    move_appointment,
    set_hours,
    share_calendar,
)
from integrations.models import Message
from tests.support.visiting import MONDAY, TUESDAY, at, book, change, open_on_monday, open_page

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def page(agent, calendar):
    return open_page(agent)


@pytest.fixture
def two_hosts(page, agent, coordinator, manager):
    hers = create_calendar(name="Cora", by=coordinator)
    set_hours(coordinator, weekly={0: [(540, 780)]}, by=coordinator)
    page.hosts.create(user=coordinator, calendar=hers)
    return page


# When there is a place


def test_there_is_a_place_where_the_host_works_and_is_not_taken(page, plan):
    assert open_on_monday(page) == ["14:00", "15:00", "16:00", "17:00"]
    plan("2026-03-02T10:30")
    assert open_on_monday(page) == ["14:00", "17:00"]


def test_buffers_keep_time_free_around_it_on_both_sides(page, plan):
    change(page, buffer_before_minutes=30, buffer_after_minutes=15, step_minutes=15)
    plan("2026-03-02T11:00")
    assert open_on_monday(page) == ["14:00", "14:15", "14:30", "14:45"]
    change(page, duration_minutes=30)
    assert open_on_monday(page)[-1] == "17:30"


def test_what_is_booked_keeps_its_buffers_whatever_page_asks(page, agent):
    change(page, buffer_after_minutes=30)
    book(page, at(14))
    other = create_booking_page(slug="short", title="Short", duration_minutes=30, step_minutes=30, by=agent)
    assert open_on_monday(other)[0] == "15:30"


def test_notice_and_days_ahead(page, clock):
    clock.move_to(at(14, 30))
    assert open_on_monday(page) == ["16:00", "17:00"]
    change(page, notice_minutes=0)
    assert open_on_monday(page) == ["15:00", "16:00", "17:00"]
    clock.move_to(at(15))
    assert open_on_monday(page) == ["16:00", "17:00"]
    change(page, days_ahead=7)
    far = [offer.starts_at for offer in offers(page, MONDAY, MONDAY + timedelta(days=40))]
    assert {each.date() for each in far} == {MONDAY.date(), (MONDAY + timedelta(days=7)).date()}


def test_a_host_has_no_more_in_a_day_than_the_limit(page):
    change(page, daily_limit=1)
    book(page, at(15))
    assert open_on_monday(page) == []
    assert offers(page, MONDAY, MONDAY + timedelta(days=8))


def test_it_begins_at_the_same_times_however_one_asks(page):
    change(page, step_minutes=50, duration_minutes=50)
    whole = [offer.starts_at for offer in offers(page, MONDAY, TUESDAY)]
    assert [f"{each:%H:%M}" for each in whole] == ["14:00", "14:50", "15:40", "16:30"]
    for start in whole:
        assert [offer.starts_at for offer in offers(page, start, start + timedelta(minutes=1))] == [start]


def test_the_zones_of_page_host_and_clock_changes(page, agent):
    agent.timezone = "Asia/Tokyo"
    agent.save()
    assert open_on_monday(page) == ["00:00", "01:00", "02:00", "03:00"]
    agent.timezone = "America/New_York"
    agent.save()
    week_later = [offer.starts_at for offer in offers(page, MONDAY + timedelta(days=7), TUESDAY + timedelta(days=7))]
    assert [f"{each:%H:%M}" for each in week_later] == ["13:00", "14:00", "15:00", "16:00"]


def test_an_hour_that_comes_twice_is_offered_once(page, agent, clock):
    clock.move_to(datetime(2026, 10, 31, tzinfo=UTC))
    set_hours(agent, weekly={6: [(0, 240)]}, by=agent)
    change(page, duration_minutes=30, step_minutes=30)
    night = datetime(2026, 11, 1, tzinfo=UTC)
    found = [f"{offer.starts_at:%H:%M}" for offer in offers(page, night, night + timedelta(days=1))]
    assert found == ["04:00", "04:30", "05:00", "07:00", "07:30", "08:00", "08:30"]


def test_the_resource_must_be_free_too(page, room, plan, agent):
    change(page, resource=room)
    book_resource(plan("2026-03-02T09:30", into=create_calendar(name="Team", by=agent), title="x"), room, by=agent)
    assert open_on_monday(page)[-2:] == ["16:00", "17:00"]
    type(room).objects.filter(pk=room.pk).update(is_active=False)
    page.refresh_from_db()
    assert open_on_monday(page) == []


def test_who_left_is_no_host_any_more(two_hosts, coordinator, agent):
    coordinator.is_active = False
    coordinator.save()
    assert {offer.hosts for offer in offers(two_hosts, MONDAY, TUESDAY)} == {(agent.pk,)}


def test_the_number_of_queries_does_not_grow(two_hosts, room, plan, django_assert_max_num_queries):
    change(two_hosts, resource=room, daily_limit=5)
    for number in range(4):
        book(two_hosts, at(14 + number), email=f"visitor{number}@example.com")
    with django_assert_max_num_queries(13):
        offers(two_hosts, MONDAY, MONDAY + timedelta(days=28))


# Booking


def test_a_booked_appointment_is_an_event_of_the_host_with_the_visitor_as_guest(page, agent, calendar, room):
    change(page, resource=room, location="12 Quay Street", buffer_before_minutes=10, buffer_after_minutes=20)
    appointment = book(page, note="Two cats", phone="+44 20 7946 0000")
    event = appointment.event
    assert (event.calendar, event.title, event.starts_at) == (
        calendar,
        "Valuation: Sarah Seller",
        datetime(2026, 3, 2, 9),
    )
    assert (event.timezone, event.duration_minutes, event.location) == ("America/New_York", 60, "12 Quay Street")
    assert "Two cats" in event.description
    guest = event.attendees.get()
    assert (guest.email, guest.name, guest.status) == ("seller@example.com", "Sarah Seller", Answer.ACCEPTED)
    assert (appointment.blocked_from, appointment.blocked_until) == (at(13, 50), at(15, 20))
    assert ResourceBooking.objects.get().starts_at == at(14)
    fact = Activity.objects.get(kind="appointment.booked")
    assert (fact.payload["host_id"], fact.actor_id) == (agent.pk, None)


def test_the_visitor_is_written_to_in_their_own_time(page, room):
    change(page, location="12 Quay Street")
    appointment = book(page)
    letter = Message.objects.get()
    assert (letter.to, letter.subject) == ("seller@example.com", "Booked: Valuation")
    assert "Monday, 2 March 2026, 2:00 PM to 3:00 PM (Europe/London)" in letter.text
    assert "With Alex Agent\n12 Quay Street" in letter.text
    assert appointment_token(appointment) in letter.text
    assert "METHOD:REQUEST" in letter.calendar
    assert "DTSTART;TZID=America/New_York:20260302T090000" in letter.calendar
    assert letter.headers == {"Reply-To": "alex@harbour.example"}


def test_what_is_not_offered_cannot_be_booked(page, plan, clock):
    plan("2026-03-02T09:30")
    for wrong in (at(14), at(16, 30), at(12), at(14, day=3), at(16) + timedelta(seconds=1)):
        with pytest.raises(SlotTaken) as refused:
            book(page, wrong)
    assert refused.value.extra["slots"][0] == "2026-03-02T17:00:00Z"
    clock.move_to(at(16, 30))
    with pytest.raises(SlotTaken):
        book(page, at(16))
    change(page, is_active=False)
    with pytest.raises(SlotTaken) as refused:
        book(page, at(17))
    assert refused.value.extra["slots"] == []
    assert not Appointment.objects.exists()
    assert not Message.objects.exists()


def test_each_appointment_goes_to_who_has_the_fewest_that_day_then_to_who_waited_longest(
    two_hosts, agent, coordinator, clock
):
    turns = []
    for number, (hour, day) in enumerate([(14, 2), (14, 2), (15, 2), (14, 9), (13, 9), (15, 9)]):
        clock.shift(timedelta(minutes=1))
        turns.append(book(two_hosts, at(hour, day=day), email=f"v{number}@example.com").host)
    assert turns == [agent, coordinator, agent, coordinator, agent, coordinator]


def test_one_visitor_holds_no_more_than_a_few(page):
    for hour, day in [(14, 2), (15, 2), (16, 2), (17, 2), (13, 9)]:
        book(page, at(hour, day=day))
    with pytest.raises(TooManyAppointments):
        book(page, at(14, day=9))
    assert book(page, at(14, day=9), email="other@example.com")


def test_sent_twice_it_is_one_appointment(two_hosts):
    book(two_hosts)
    with pytest.raises(SlotTaken, match=r"seller@example\.com has an appointment then already"):
        book(two_hosts)
    assert Appointment.objects.count() == 1
    book(two_hosts, at(15))


def test_what_is_booked_takes_its_hosts_time_whatever_calendar_it_is_in(page, agent, coordinator, team_calendar):
    page.hosts.update(calendar=team_calendar)
    appointment = book(page)
    assert open_on_monday(page) == ["15:00", "16:00", "17:00"]
    assert [each.event for each in free_busy(agent, MONDAY, TUESDAY, seen_by=agent).busy] == [appointment.event_id]
    assert not free_busy(coordinator, MONDAY, TUESDAY, seen_by=agent).busy
    cancel_appointment(appointment)
    assert open_on_monday(page) == ["14:00", "15:00", "16:00", "17:00"]


def test_it_is_booked_with_everything_or_not_at_all(page, room, plan, agent, monkeypatch):
    change(page, resource=room)
    monkeypatch.setattr("events.appointments._Search._thing", lambda *_: None)
    book_resource(plan("2026-03-02T09:30", into=create_calendar(name="Other", by=agent)), room, by=agent)
    Event.objects.update(is_busy=False)
    with pytest.raises(SlotTaken):
        book(page)
    assert not Appointment.objects.exists()
    assert Event.objects.count() == 1


def test_a_colleague_may_book_and_what_they_have_is_not_told(page, coordinator, plan, calendar):
    type(calendar).objects.filter(pk=calendar.pk).update(conflicts=ConflictPolicy.REFUSE)
    hers = create_calendar(name="Cora", by=coordinator)
    plan("2026-03-02T09:00", into=hers, by=coordinator, title="Secret")
    with pytest.raises(SlotTaken) as refused:
        book(page, email=coordinator.email)
    assert "conflicts" not in refused.value.extra
    assert book(page, at(15), email=coordinator.email).event.attendees.get().user == coordinator


def test_the_database_knows_no_two_appointments_of_one_host_at_a_time(page, plan):
    first = book(page)
    twin = Appointment.objects.get(pk=first.pk)
    twin.pk, twin.event = None, plan("2026-03-02T09:30")
    with pytest.raises(IntegrityError, match="no_overlapping_appointments"):
        twin.save()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_slot_one_gets_it(page, in_threads):
    done = in_threads(8, lambda number: book(page, at(14), email=f"visitor{number}@example.com"))
    assert sorted(type(each).__name__ for each in done) == ["Appointment", *["SlotTaken"] * 7]
    assert (Appointment.objects.count(), Event.objects.count(), Message.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_with_two_hosts_two_of_many_get_it(two_hosts, in_threads):
    done = in_threads(6, lambda number: book(two_hosts, at(14), email=f"visitor{number}@example.com"))
    assert sorted(type(each).__name__ for each in done) == [*["Appointment"] * 2, *["SlotTaken"] * 4]
    assert len({each.host for each in done if isinstance(each, Appointment)}) == 2


# Moving and cancelling


def test_it_is_moved_with_its_event_and_its_resource(page, room):
    change(page, resource=room)
    appointment = move_appointment(book(page), starts_at=at(15))
    assert (appointment.starts_at, appointment.blocked_until) == (at(15), at(16))
    assert Event.objects.get().starts_at == datetime(2026, 3, 2, 10)
    assert ResourceBooking.objects.holding().get().starts_at == at(15)
    assert [letter.subject for letter in Message.objects.order_by("pk")] == ["Booked: Valuation", "Moved: Valuation"]
    back = move_appointment(move_appointment(appointment, starts_at=at(14)), starts_at=at(15))
    assert back.starts_at == at(15)
    assert Message.objects.count() == 4
    assert Activity.objects.filter(kind="appointment.moved", actor=None).count() == 3
    assert move_appointment(back, starts_at=at(15)).pk == back.pk
    assert Message.objects.count() == 4


def test_it_may_move_by_less_than_it_lasts_and_only_within_its_hosts_time(page, two_hosts, plan):
    change(page, step_minutes=30)
    appointment = book(page)
    plan("2026-03-02T11:00")
    assert move_appointment(appointment, starts_at=at(14, 30)).starts_at == at(14, 30)
    with pytest.raises(SlotTaken):
        move_appointment(appointment, starts_at=at(16))
    appointment.refresh_from_db()
    assert appointment.starts_at == at(14, 30)


def test_its_time_is_free_again_when_it_is_cancelled(page, room):
    change(page, resource=room)
    appointment = book(page)
    assert cancel_appointment(appointment).status == Appointment.Status.CANCELLED
    assert cancel_appointment(appointment).status == Appointment.Status.CANCELLED
    assert Event.objects.get().is_cancelled
    assert not ResourceBooking.objects.holding().exists()
    assert open_on_monday(page)[0] == "14:00"
    assert Message.objects.order_by("-pk")[0].subject == "Cancelled: Valuation"
    assert Message.objects.count() == 2
    with pytest.raises(AppointmentOver):
        move_appointment(appointment, starts_at=at(15))
    assert book(page, email="next@example.com").starts_at == at(14)


def test_what_has_begun_is_neither_moved_nor_cancelled(page, clock):
    appointment = book(page)
    clock.move_to(at(14))
    for act in (lambda: move_appointment(appointment, starts_at=at(16)), lambda: cancel_appointment(appointment)):
        with pytest.raises(AppointmentOver):
            act()


def test_the_host_moves_and_cancels_it_in_the_calendar_and_the_visitor_hears_of_it(page, agent):
    change(page, buffer_after_minutes=15)
    appointment = book(page)
    edit_event(appointment.event, changes={"starts_at": datetime(2026, 3, 2, 20), "duration_minutes": 30}, by=agent)
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.ends_at) == (at(1, day=3), at(1, 30, day=3))
    assert appointment.blocked_until == at(1, 45, day=3)
    edit_event(appointment.event, changes={"title": "Renamed"}, by=agent)
    cancel_event(appointment.event, by=agent)
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.CANCELLED
    assert [letter.subject.partition(":")[0] for letter in Message.objects.order_by("pk")] == [
        "Booked", "Moved", "Cancelled"
    ]  # fmt: skip
    assert "METHOD:CANCEL" in Message.objects.order_by("-pk")[0].calendar


def test_the_host_cannot_move_one_onto_another(page, agent):
    first, second = book(page), book(page, at(15))
    with pytest.raises(SlotTaken):
        edit_event(first.event, changes={"starts_at": datetime(2026, 3, 2, 10)}, by=agent)
    first.refresh_from_db()
    assert first.starts_at == at(14)
    assert second.event.starts_at == datetime(2026, 3, 2, 10)


def test_only_the_right_token_opens_it(page):
    appointment = book(page)
    token = appointment_token(appointment)
    assert appointment_of(token) == appointment
    _, dot, signature = token.partition(".")
    another = f"{appointment.pk + 1}{dot}{signature}"
    for wrong in ("", "1", f"{token}x", token.replace(".", ""), another, "\x00", f"{appointment.pk}.x"):
        assert appointment_of(wrong) is None


# Pages


def test_a_page_is_ones_own_unless_hosts_are_named(page, agent, calendar):
    assert [(host.user, host.calendar) for host in page.hosts.all()] == [(agent, calendar)]
    assert (page.timezone, page.created_by) == (agent.timezone, agent)


def test_others_are_hosts_where_one_manages_their_calendar_or_leads(agent, coordinator, manager, calendar):
    host = Host(agent, calendar)
    share_calendar(calendar, user=coordinator, access=Access.MANAGE, by=agent)
    assert create_booking_page(slug="one", title="One", hosts=[host], by=coordinator).hosts.get().user == agent
    assert create_booking_page(slug="two", title="Two", hosts=[host], by=manager).hosts.get().user == agent


def test_the_host_finds_in_the_inbox_what_a_visitor_did(page, agent, settle):
    appointment = book(page)
    move_appointment(appointment, starts_at=at(15))
    cancel_appointment(appointment)
    settle()
    told = agent.notifications.order_by("pk").values_list("title", "body")
    assert [title.partition(" was ")[2] for title, _ in told] == [
        f"{did} by the visitor" for did in ("booked", "moved", "cancelled")
    ]
    assert told[0] == ("Valuation: Sarah Seller was booked by the visitor", "Monday 2 March, 9:00 AM (New York).")
