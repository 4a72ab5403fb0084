"""The demo agency's calendars, resources and events, all dated relative to ``today``."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from estateman.common import clock
from estateman.people.models import Team, User
from events.models import Access, Attendance, Calendar, CalendarLink, Event, Resource
from events.recurrence import occurrences
from events.services import (
    Host,
    ReminderWish,
    add_blackout,
    add_time_off,
    book_resources,
    create_booking_page,
    create_calendar,
    create_event,
    create_resource,
    record_attendance,
    rsvp,
    set_hours,
    set_reminders,
    share_calendar,
)
from events.services.links import link_calendar, sync_now
from integrations.models import Integration, Status

ZONE = "America/New_York"
TEAM_CALENDARS = {
    "harbour": ("Harbour sales", "#0f766e"),
    "hill": ("Hill sales", "#b45309"),
    "lettings": ("Lettings", "#7c3aed"),
}
OWN_COLORS = ("#2563eb", "#be185d", "#0891b2", "#65a30d", "#9333ea")
RESOURCES: dict[str, dict[str, Any]] = {
    "room": {"name": "Viewing room", "kind": "room", "capacity": 8, "features": ["screen", "coffee", "step-free"]},
    "meeting": {
        "name": "Harbour meeting room", "kind": "room", "capacity": 14, "features": ["screen", "video"],
        "buffer_after_minutes": 15, "release_after_minutes": 20,
    },
    "van": {"name": "Signs van", "kind": "vehicle", "capacity": 3, "features": ["tow bar"]},
    "keys_quay": {"name": "Keys: 12 Quay Street", "kind": "key"},
    "keys_mill": {"name": "Keys: The Old Mill", "kind": "key"},
    "lockboxes": {"name": "Lockboxes", "kind": "equipment", "units": 6},
    "suite": {
        "name": "Boardroom", "kind": "room", "capacity": 20, "features": ["screen", "video", "catering"],
        "needs_approval": True, "bookable_hours": {str(weekday): [[8 * 60, 18 * 60]] for weekday in range(5)},
    },
    "drone": {"name": "Camera drone", "kind": "equipment", "features": ["4k", "spare battery"]},
}  # fmt: skip
Staff = dict[str, User]


@transaction.atomic
def load_events(*, staff: Staff, teams: dict[str, Team], today: date) -> None:
    """Fill the calendars through the services; when they were filled before, nothing happens."""
    if Resource.objects.filter(name=RESOURCES["room"]["name"]).exists():
        return
    resources = {
        key: create_resource(location="Harbour office", timezone=ZONE, by=staff["manager"], **what)
        for key, what in RESOURCES.items()
    }
    create_calendar(
        name="Public holidays", color="#64748b", office=True, holidays_of="US-NY", timezone=ZONE, by=staff["manager"]
    )
    _close_the_office(today, by=staff["manager"])
    shared = _open_team_calendars(staff, teams)
    agents = [key for key in staff if key.startswith("agent")]
    own = {key: _open_own_calendar(staff[key], color) for key, color in zip(agents, cycle(OWN_COLORS), strict=False)}
    share_calendar(own["agent1"], user=staff["assistant1"], access=Access.WRITE, by=staff["agent1"])
    share_calendar(own["agent2"], team=teams["harbour"], access=Access.FREE_BUSY, by=staff["agent2"])
    _plan_the_weeks(staff, shared, resources, today)
    _plan_today(staff, own, resources, today)
    _plan_ahead(staff, shared, own, resources, today)
    _open_for_visitors(staff, own, today)
    _ask_and_close(staff, own, resources, today)


def _close_the_office(today: date, *, by: User) -> None:
    """On New Year's Day, Thanksgiving and Christmas, of the many public holidays."""
    closed = create_calendar(
        name="Office closed", color="#475569", office=True, closes_office=True, timezone=ZONE, by=by
    )
    first = date(today.year - 1, 1, 1)
    for day in ("BYMONTH=1;BYMONTHDAY=1", "BYMONTH=11;BYDAY=4TH", "BYMONTH=12;BYMONTHDAY=25"):
        recurrence = f"FREQ=YEARLY;{day}"
        _plan(closed, "Office closed", first, "00:00", 1440, all_day=True, is_busy=False, recurrence=recurrence, by=by)


def load_link(*, by: User) -> None:
    """One team's calendar is carried over to the sandbox, which keeps nothing; two runs are over.

    Calls the sandbox: not inside a transaction. Loading it again changes nothing.
    """
    calendar = Calendar.objects.filter(name=TEAM_CALENDARS["harbour"][0], archived_at=None).first()
    usable = Integration.objects.existing().exclude(status=Status.DISABLED)
    sandbox = usable.filter(provider="sandbox_calendar").first()
    if calendar and sandbox and not calendar.links.exists():
        link = link_calendar(calendar, sandbox, remote_id="showings", direction=CalendarLink.Direction.PUSH, by=by)
        for _ in range(2):
            sync_now(link, by=by)


def _open_team_calendars(staff: Staff, teams: dict[str, Team]) -> dict[str, Calendar]:
    return {
        key: create_calendar(name=name, color=color, timezone=ZONE, team=teams[key], by=staff["manager"])
        for key, (name, color) in TEAM_CALENDARS.items()
    }


def _open_own_calendar(person: User, color: str) -> Calendar:
    return create_calendar(name=person.name, timezone=ZONE, color=color, reminder_minutes=[30], by=person)


def _plan_the_weeks(staff: Staff, shared: dict[str, Calendar], resources: dict[str, Resource], today: date) -> None:
    """What repeats: meetings and viewings, begun a few weeks ago."""
    monday = today - timedelta(days=today.weekday() + 21)
    manager = staff["manager"]
    meeting = _plan(
        shared["harbour"], "Monday team meeting", monday, "09:00", 45, recurrence="FREQ=WEEKLY;BYDAY=MO", by=manager,
        attendees=[staff["agent1"], staff["agent2"], staff["agent3"], staff["coordinator1"]],
    )  # fmt: skip
    _remind_and_book(meeting, [15], [resources["meeting"]], by=manager)
    for key in ("agent1", "coordinator1"):
        rsvp(meeting, status="accepted", by=staff[key])
    _note_who_came(meeting, by=manager)
    viewing = _plan(
        shared["harbour"], "Viewings: 12 Quay Street", monday + timedelta(days=5), "10:00", 120,
        recurrence="FREQ=WEEKLY;BYDAY=SA;COUNT=16", location="12 Quay Street", by=staff["agent1"],
        attendees=[staff["assistant1"]],
    )  # fmt: skip
    _remind_and_book(viewing, [60, 1440], [resources["keys_quay"], resources["room"]], by=staff["agent1"])
    midweek = _plan(
        shared["hill"], "Showing: The Old Mill", monday + timedelta(days=2), "17:30", 60,
        recurrence="FREQ=WEEKLY;BYDAY=WE;COUNT=12", location="The Old Mill, Hill Road", by=staff["agent4"],
    )  # fmt: skip
    _remind_and_book(midweek, [45], [resources["keys_mill"]], by=staff["agent4"])
    review = _plan(
        shared["lettings"], "Lettings review", monday, "16:00", 60, recurrence="FREQ=MONTHLY;BYDAY=-1FR", by=manager
    )
    _remind_and_book(review, [30], [resources["meeting"]], by=manager)


def _note_who_came(meeting: Event, *, by: User) -> None:
    """To each one so far came all but one, and not always the same."""
    people = list(meeting.attendees.order_by("pk"))
    held = occurrences(meeting.series(), meeting.first_utc, clock.now())
    for missing, occurrence in zip(cycle(people), held, strict=False):
        for person in people:
            status = Attendance.Status.ABSENT if person == missing else Attendance.Status.PRESENT
            record_attendance(meeting, recurrence_id=occurrence.recurrence_id, attendee=person, status=status, by=by)


def _plan_today(staff: Staff, own: dict[str, Calendar], resources: dict[str, Resource], today: date) -> None:
    """So that "my day" is never empty."""
    agent1, agent2 = staff["agent1"], staff["agent2"]
    call = _plan(own["agent1"], "Call the Okonkwos about their offer", today, "11:30", 30, by=agent1)
    _remind_and_book(call, [10], [], by=agent1)
    listing = _plan(
        own["agent1"], "Listing appointment: 4 Ferry Lane", today, "15:00", 60, location="4 Ferry Lane", by=agent1,
        attendees=[staff["assistant1"], "seller@example.com"],
    )  # fmt: skip
    _remind_and_book(listing, [30], [resources["drone"]], by=agent1)
    signs = _plan(own["agent2"], "Put up the signs", today, "13:00", 90, by=agent2, attendees=[staff["assistant2"]])
    _remind_and_book(signs, [30], [resources["van"]], by=agent2)


def _plan_ahead(
    staff: Staff, shared: dict[str, Calendar], own: dict[str, Calendar], resources: dict[str, Resource], today: date
) -> None:
    """Open houses, photographs and a day out."""
    sunday = today + timedelta(days=(6 - today.weekday()) or 7)
    house = _plan(
        shared["hill"], "Open house: The Old Mill", sunday, "13:00", 180, location="The Old Mill, Hill Road",
        capacity=40, by=staff["agent5"], attendees=[staff["agent4"], staff["assistant2"]],
    )  # fmt: skip
    _remind_and_book(house, [120], [resources["keys_mill"], resources["van"]], by=staff["agent5"])
    photos = _plan(
        own["agent3"], "Photographs from the air: 9 Harbour Row", today + timedelta(days=2), "09:30", 75,
        by=staff["agent3"], attendees=[staff["marketing"]],
    )  # fmt: skip
    _remind_and_book(photos, [60], [resources["drone"]], by=staff["agent3"])
    fair = today + timedelta(days=12)
    _plan(shared["lettings"], "Landlords' fair", fair, "00:00", 1440, all_day=True, by=staff["manager"])


def _open_for_visitors(staff: Staff, own: dict[str, Calendar], today: date) -> None:
    """Agents' hours, a week off, and the page on which sellers book a valuation with either of two."""
    early, late = [(8 * 60, 12 * 60), (13 * 60, 16 * 60)], [(11 * 60, 19 * 60)]
    for key, spans in (("agent1", early), ("agent2", late), ("agent4", late)):
        set_hours(staff[key], weekly=dict.fromkeys(range(5), spans), by=staff[key])
    away = today + timedelta(days=21 - today.weekday())
    add_time_off(
        staff["agent3"], starts_on=away, ends_on=away + timedelta(days=4), reason="Holiday", by=staff["agent3"]
    )
    create_booking_page(
        slug="valuation",
        title="A valuation of your home",
        description="An agent comes to you, looks around, and tells you what it could sell for.",
        timezone=ZONE,
        duration_minutes=45,
        buffer_before_minutes=15,
        buffer_after_minutes=15,
        daily_limit=4,
        hosts=[Host(staff[key], own[key]) for key in ("agent1", "agent2")],
        by=staff["manager"],
    )


def _ask_and_close(staff: Staff, own: dict[str, Calendar], resources: dict[str, Resource], today: date) -> None:
    """Two who ask for the boardroom at one time, lockboxes on loan, and a van in the garage."""
    monday = today + timedelta(days=7 - today.weekday())
    for key, title in (("agent4", "Offers: The Old Mill"), ("agent5", "Signing: 3 Mill Lane")):
        event = _plan(own[key], title, monday + timedelta(days=3), "14:00", 90, by=staff[key])
        book_resources(event, [resources["suite"], resources["lockboxes"]], by=staff[key])
    garage = datetime.combine(monday + timedelta(days=1), time(8), ZoneInfo(ZONE))
    add_blackout(
        resources["van"],
        starts_at=garage,
        ends_at=garage + timedelta(hours=9),
        reason="Inspection at the garage",
        by=staff["manager"],
    )


def _plan(calendar: Calendar, title: str, day: date, at: str, minutes: int, **fields: Any) -> Event:
    start = datetime.combine(day, time.fromisoformat(at))
    return create_event(calendar, title=title, starts_at=start, duration_minutes=minutes, **fields)


def _remind_and_book(event: Event, minutes: Sequence[int], resources: Sequence[Resource], *, by: User) -> None:
    set_reminders(event, [ReminderWish(before) for before in minutes], by=by)
    if resources:
        book_resources(event, resources, by=by)
