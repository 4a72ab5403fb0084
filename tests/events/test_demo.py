"""The demo agency's calendars."""

from datetime import UTC, date, datetime

import pytest

from estateman.people.models import OfficeRole, Team, TeamMembership, User
from events.agenda import agenda
from events.demo import load_events, load_link
from events.models import Attendance, Blackout, DataSync, Event, ReminderDelivery, Resource, ResourceBooking
from integrations.demo import load_integrations

KEYS = (
    *("admin", "manager", "marketing", "coordinator1", "coordinator2", "assistant1", "assistant2"),
    *(f"agent{number}" for number in range(1, 6)),
)
MEMBERS = {
    "harbour": ["agent1", "agent2", "agent3", "coordinator1", "assistant1"],
    "hill": ["agent4", "agent5", "coordinator2", "assistant2"],
    "lettings": ["agent3", "agent5", "coordinator2", "marketing"],
}


@pytest.fixture
def office(db):
    role = {"manager": OfficeRole.MANAGER}
    staff = {
        key: User.objects.create(email=f"{key}@demo.example", name=key, role=role.get(key, OfficeRole.AGENT))
        for key in KEYS
    }
    teams = {key: Team.objects.create(name=key) for key in MEMBERS}
    for key, members in MEMBERS.items():
        TeamMembership.objects.bulk_create(TeamMembership(team=teams[key], user=staff[name]) for name in members)
    return {"staff": staff, "teams": teams}


@pytest.mark.parametrize("day", range(23, 30))
def test_on_any_day_of_the_week_the_demo_loads_and_agent1_has_something_on(office, clock, day):
    clock.move_to(datetime(2026, 11, day, 12, tzinfo=UTC))
    today = date(2026, 11, day)
    load_events(**office, today=today)
    assert any(item.resources for item in agenda(office["staff"]["agent1"], day=today))
    assert ResourceBooking.objects.exists()
    assert ReminderDelivery.objects.exists()


def test_the_demo_loads_only_once(office):
    load_events(**office, today=date(2026, 11, 23))
    number = Event.objects.count()
    load_events(**office, today=date(2026, 11, 23))
    assert Event.objects.count() == number


def test_somebody_was_missing_at_each_meeting_so_far(office, clock):
    clock.move_to(datetime(2026, 11, 26, 12, tzinfo=UTC))
    load_events(**office, today=date(2026, 11, 26))
    absent = Attendance.objects.filter(status=Attendance.Status.ABSENT)
    assert [f"{row.recurrence_id:%m-%d}" for row in absent.order_by("recurrence_id")] == [
        "11-02", "11-09", "11-16", "11-23",
    ]  # fmt: skip
    assert len({row.attendee for row in absent}) == 4
    assert Attendance.objects.filter(status=Attendance.Status.PRESENT).count() == 4 * 3


def test_the_demo_has_requests_to_decide_units_a_buffer_and_a_blackout(office):
    load_events(**office, today=date(2026, 11, 23))
    asked = ResourceBooking.objects.requested()
    assert list(asked.values_list("resource__name", flat=True).distinct()) == ["Boardroom"]
    assert asked.count() == 2
    assert set(ResourceBooking.objects.filter(resource__name="Lockboxes").values_list("unit", flat=True)) == {1, 2}
    assert Resource.objects.filter(buffer_after_minutes__gt=0, blackouts=None).exists()
    assert Blackout.objects.get().resource.name == "Signs van"


def test_the_demo_keeps_one_calendar_the_same_as_the_sandbox_and_shows_two_runs(office):
    load_link(by=office["staff"]["manager"])
    assert not DataSync.objects.exists()
    load_integrations(staff=office["staff"])
    load_events(**office, today=date(2026, 11, 23))
    for _ in range(2):
        load_link(by=office["staff"]["manager"])
    second, first = DataSync.objects.all()
    assert {first.status, second.status} == {DataSync.Status.DONE}
    assert (first.created_there, second.created_there) == (
        Event.objects.filter(calendar=first.link.calendar).count(),
        0,
    )
