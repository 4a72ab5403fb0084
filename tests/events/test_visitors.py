"""What strangers may do and write on booking pages, and what of it goes where."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar as Ics

from events.appointments import offers
from events.models import Access, Appointment, ConflictPolicy, Event, Resource
from events.services import (
    AppointmentOver,
    Host,
    SlotTaken,
    appointment_token,
    cancel_appointment,
    create_booking_page,
    create_calendar,
    edit_event,
    move_appointment,
    set_hours,
    share_calendar,
    unshare_calendar,
)
from events.services.appointments_following import appointment_url
from integrations.models import Message
from tests.support.visiting import VISITOR, at, book, change, open_on_monday, open_page

pytestmark = pytest.mark.usefixtures("clock")
ALWAYS = {weekday: [(0, 1440)] for weekday in range(7)}


@pytest.fixture
def page(agent, calendar):
    return open_page(agent)


# What they write


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Sarah\r\nBcc: all@example.com\r\n\r\nBuy now", "Sarah Bcc: all@example.com Buy now"),
        ("  Sarah\x1b[31m \u202eSeller\u2028", "Sarah [31m Seller"),
        ("J.R. St.John-Smith", "J.R. St.John-Smith"),
    ],
)
def test_a_name_is_one_line(page, written, name):
    appointment = book(page, name=written)
    assert (appointment.visitor_name, appointment.event.title) == (name, f"Valuation: {name}")
    assert f"Hello {name},\n" in Message.objects.get().text


@pytest.mark.parametrize(
    "name", ["Win at http://x.example", "See WWW.x.example", "x.example/win", "\u202e \x1b", "\x85"]
)
def test_nobody_is_sent_a_strangers_advertisement(api, page, name):
    body = VISITOR | {"name": name, "starts_at": "2026-03-02T14:00:00Z"}
    answer = api(None).post("/api/v1/book/valuation", body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "name")
    assert not Message.objects.exists()


def test_what_is_for_the_host_is_not_mailed_to_the_visitor(page, agent):
    change(page, description="Bring your deeds.")
    appointment = book(page, note="Cheap pills at http://x.example", phone="+44 20 7946 0000")
    assert "Cheap pills" in appointment.event.description
    edit_event(appointment.event, changes={"description": "They will haggle."}, by=agent)
    move_appointment(appointment, starts_at=at(15))
    booked, moved = Message.objects.order_by("pk")
    for letter in (booked, moved):
        (event,) = Ics.from_ical(letter.calendar).events
        assert (event["DESCRIPTION"], event["URL"]) == ("Bring your deeds.", appointment_url(appointment))
        assert not any(word in letter.text for word in ("Cheap pills", "7946", "haggle"))


def test_no_page_breaks_the_subject_of_a_mail(page):
    change(page, title="Valuation\r\nBcc: all@example.com")
    book(page)
    assert Message.objects.get().subject == "Booked: Valuation Bcc: all@example.com"


def test_no_address_breaks_the_calendar_file(page):
    book(page, email='"\x0b"@example.com')
    assert "\x0b" not in Message.objects.get().calendar


def test_nobody_learns_who_used_to_work_here(api, page, stranger):
    stranger.is_active = False
    stranger.save()
    body = VISITOR | {"email": stranger.email, "starts_at": "2026-03-02T14:00:00Z"}
    assert api(None).post("/api/v1/book/valuation", body).status_code == 201
    guest = Event.objects.get().attendees.get()
    assert (guest.user, guest.email) == (None, stranger.email)


def test_a_colleague_is_known_whatever_the_case_of_their_address(page, coordinator):
    type(coordinator).objects.filter(pk=coordinator.pk).update(email="Cora@harbour.example")
    assert book(page, email="cora@harbour.example").event.attendees.get().user == coordinator


# What they may do


def test_a_closed_page_has_no_place_to_move_to(api, page):
    appointment = book(page)
    change(page, is_active=False)
    address = f"/api/v1/book/appointments/{appointment_token(appointment)}"
    assert api(None).get(f"{address}/slots").json()["slots"] == []
    with pytest.raises(SlotTaken) as refused:
        move_appointment(appointment, starts_at=at(15))
    assert refused.value.extra["slots"] == []
    assert cancel_appointment(appointment).status == Appointment.Status.CANCELLED


def test_a_visitor_cancels_also_where_the_host_may_not_write_any_more(page, agent, coordinator):
    theirs = create_calendar(name="Cora", by=coordinator)
    share = share_calendar(theirs, user=agent, access=Access.WRITE, by=coordinator)
    page.hosts.update(calendar=theirs)
    appointment = book(page)
    unshare_calendar(share, by=coordinator)
    agent.is_active = False
    agent.save()
    assert cancel_appointment(appointment).status == Appointment.Status.CANCELLED
    assert Event.objects.get().is_cancelled
    assert Message.objects.order_by("-pk")[0].subject == "Cancelled: Valuation"


def test_who_may_not_have_the_resource_at_once_is_no_host(page, room, agent, team, manager):
    change(page, resource=room)
    Resource.objects.filter(pk=room.pk).update(bookers=Resource.Bookers.TEAM, team=None)
    page.refresh_from_db()
    assert open_on_monday(page) == []
    with pytest.raises(SlotTaken):
        book(page)
    Resource.objects.filter(pk=room.pk).update(bookers=Resource.Bookers.EVERYONE, needs_approval=True)
    page.refresh_from_db()
    assert open_on_monday(page) == []
    Resource.objects.filter(pk=room.pk).update(bookers=Resource.Bookers.TEAM, team=team)
    page.refresh_from_db()
    assert open_on_monday(page) == ["14:00", "15:00", "16:00", "17:00"]


def test_the_limit_of_a_day_counts_the_pages_days_and_follows_who_moves(page, agent):
    set_hours(agent, weekly=ALWAYS, by=agent)
    change(page, timezone="Asia/Tokyo", daily_limit=1)
    # Tokyo's Tuesday begins at 15:00 in UTC.
    appointment = book(page, at(14))
    assert open_on_monday(page) == [f"{hour}:00" for hour in range(15, 24)]
    assert open_on_monday(page, leaving_out=appointment.event)[0] == "00:00"
    move_appointment(appointment, starts_at=at(15))
    assert open_on_monday(page) == [f"{hour:02}:00" for hour in range(15)]
    book(page, at(14), email="next@example.com")
    with pytest.raises(SlotTaken):
        move_appointment(appointment, starts_at=at(13))
    assert move_appointment(appointment, starts_at=at(23)).starts_at == at(23)


def test_an_hour_that_spring_skips_is_not_offered(page, agent, clock):
    clock.move_to(datetime(2026, 3, 7, tzinfo=UTC))
    set_hours(agent, weekly={6: [(60, 240)]}, by=agent)
    change(page, duration_minutes=30, step_minutes=30)
    night = datetime(2026, 3, 8, tzinfo=UTC)
    found = [f"{offer.starts_at:%H:%M}" for offer in offers(page, night, night + timedelta(days=1))]
    assert found == ["06:00", "06:30", "07:00", "07:30"]
    assert book(page, night.replace(hour=7)).event.starts_at == datetime(2026, 3, 8, 3)  # noqa: DTZ001  local


@pytest.mark.django_db(transaction=True)
def test_of_many_who_move_to_one_slot_or_book_it_one_gets_it(page, in_threads):
    appointments = [book(page, at(14 + number), email=f"v{number}@example.com") for number in range(3)]

    def take(number):
        if number < 3:
            return move_appointment(appointments[number], starts_at=at(17))
        return book(page, at(17), email=f"v{number}@example.com")

    done = in_threads(6, take)
    assert sorted(type(each).__name__ for each in done) == ["Appointment", *["SlotTaken"] * 5]
    assert Appointment.objects.filter(starts_at=at(17)).count() == 1


@pytest.mark.django_db(transaction=True)
def test_hosts_with_each_others_calendars_do_not_wait_for_each_other_for_ever(agent, coordinator, manager, in_threads):
    pages = []
    for number, (host, owner) in enumerate([(agent, coordinator), (coordinator, agent)]):
        calendar = create_calendar(name=f"Of {owner}", conflicts=ConflictPolicy.REFUSE, by=owner)
        share_calendar(calendar, user=host, access=Access.WRITE, by=owner)
        set_hours(host, weekly=ALWAYS, by=host)
        pages.append(
            create_booking_page(
                slug=f"page-{number}", title="Page", timezone="UTC", step_minutes=30,
                hosts=[Host(host, calendar)], by=manager,
            )
        )  # fmt: skip

    def take(number):
        return book(pages[number % 2], at(6 + number), email=f"v{number}@example.com")

    assert [type(each).__name__ for each in in_threads(8, take)] == ["Appointment"] * 8


def test_cancelled_and_moved_at_once_ends_in_one_of_them(page):
    appointment = book(page)
    cancel_appointment(Appointment.objects.get(pk=appointment.pk))
    with pytest.raises(AppointmentOver):
        move_appointment(appointment, starts_at=at(15))


# What programs do that look at links before people do


def test_links_may_be_looked_at_and_are_kept_by_nobody(client, api, page, plan):
    appointment = book(page)
    token = appointment_token(appointment)
    for address in ("/book/valuation", f"/book/appointments/{token}", f"/api/v1/book/appointments/{token}"):
        looked = client.head(address)
        assert (looked.status_code, looked.content) == (200, b"")
    for address in (f"/api/v1/book/appointments/{token}", f"/api/v1/book/appointments/{token}/slots"):
        assert "no-store" in api(None).get(address)["Cache-Control"]
    appointment.refresh_from_db()
    assert appointment.status == Appointment.Status.BOOKED
