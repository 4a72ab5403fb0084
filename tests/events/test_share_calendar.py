# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Who may look into a calendar, and how far."""

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.common import rooms
from estateman.people.models import TeamMembership
from events.models import Access, Event
from events.services import (
    CalendarInUse,
    archive_calendar,
    cancel_event,
    change_calendar,
    create_calendar,
    create_event,
    invite,
    share_calendar,
    unshare_calendar,
)

pytestmark = pytest.mark.usefixtures("clock")


def test_a_calendar_is_its_owners_and_the_leaders(calendar, agent, coordinator, manager, admin_user):
    assert [calendar.access_of(who) for who in (agent, coordinator, manager, admin_user)] == [4, 0, 4, 4]


def test_a_teams_calendar_is_managed_by_its_lead_and_written_by_its_members(
    team_calendar, agent, coordinator, manager, stranger
):
    assert [team_calendar.access_of(who) for who in (agent, coordinator, manager, stranger)] == [4, 3, 4, 0]


@pytest.mark.parametrize("access", list(Access))
def test_a_share_gives_what_it_says(calendar, agent, stranger, access):
    share_calendar(calendar, user=stranger, access=access, by=agent)
    assert calendar.access_of(stranger) == access


def test_the_highest_of_several_grants_counts(calendar, agent, coordinator, team):
    share_calendar(calendar, user=coordinator, access=Access.FREE_BUSY, by=agent)
    share = share_calendar(calendar, team=team, access=Access.WRITE, by=agent)
    assert calendar.access_of(coordinator) == Access.WRITE
    unshare_calendar(share, by=agent)
    assert calendar.access_of(coordinator) == Access.FREE_BUSY


def test_sharing_again_changes_the_share(calendar, agent, stranger):
    share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    share_calendar(calendar, user=stranger, access=Access.MANAGE, by=agent)
    assert calendar.shares.count() == 1
    assert calendar.access_of(stranger) == Access.MANAGE


def test_whoever_leaves_the_team_loses_its_calendar(team_calendar, team, coordinator):
    TeamMembership.objects.filter(team=team, user=coordinator).delete()
    assert team_calendar.access_of(coordinator) == 0


def test_only_a_manager_of_the_calendar_shares_and_changes_it(calendar, agent, stranger, coordinator):
    share_calendar(calendar, user=stranger, access=Access.WRITE, by=agent)
    for act in (
        lambda: share_calendar(calendar, user=coordinator, access=Access.READ, by=stranger),
        lambda: change_calendar(calendar, changes={"name": "Mine"}, by=stranger),
        lambda: archive_calendar(calendar, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_nothing_is_shared_with_somebody_who_left(calendar, agent, stranger):
    stranger.is_active = False
    with pytest.raises(ValidationError):
        share_calendar(calendar, user=stranger, access=Access.READ, by=agent)


def test_a_teams_calendar_is_opened_by_its_lead(team, coordinator, agent):
    with pytest.raises(PermissionDenied):
        create_calendar(name="Team", team=team, by=coordinator)
    assert create_calendar(name="Team", team=team, by=agent).owner is None


@pytest.mark.parametrize("fields", [{"timezone": "Mars/Olympus"}, {"color": "red"}, {"name": ""}])
def test_an_impossible_calendar_is_refused(agent, fields):
    with pytest.raises(ValidationError):
        create_calendar(**{"name": "Alex", **fields}, by=agent)


def test_a_calendar_is_put_away_when_nothing_in_it_is_to_come(calendar, plan, agent):
    plan("2026-02-02T09:00")
    event = plan("2026-03-02T09:00")
    with pytest.raises(CalendarInUse) as refused:
        archive_calendar(calendar, by=agent)
    assert refused.value.extra == {"events": [event.pk]}
    cancel_event(event, by=agent)
    archive_calendar(calendar, by=agent)
    assert not Event.objects.visible_to(agent).exists()
    with pytest.raises(PermissionDenied):
        create_event(calendar, title="Late", starts_at=datetime(2026, 3, 2, 9), by=agent)


def test_a_calendar_is_put_away_on_a_leap_day_too(calendar, agent, clock):
    clock.move_to("2028-02-29T12:00:00Z")
    archive_calendar(calendar, by=agent)
    assert calendar.is_archived


def test_a_calendar_reminds_once_at_each_time(calendar, agent):
    with pytest.raises(ValidationError) as refused:
        change_calendar(calendar, changes={"reminder_minutes": [30, 30]}, by=agent)
    assert refused.value.message_dict == {"reminder_minutes": ["Name each time once."]}
    with pytest.raises(ValidationError):
        create_calendar(name="Second", reminder_minutes=[30, 30], by=agent)


def test_with_whom_a_calendar_is_shared_is_not_told_to_those_who_read_it(api, calendar, agent, stranger, coordinator):
    share_calendar(calendar, user=stranger, access=Access.READ, by=agent)
    address = f"/api/v1/calendars/{calendar.pk}/shares?user="
    answers = {api(stranger).delete(f"{address}{user.pk}").status_code for user in (stranger, coordinator)}
    assert answers == {403}


def test_the_room_of_a_calendar_is_open_to_its_readers(calendar, agent, stranger, coordinator):
    room = rooms.room_of(calendar)
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    share_calendar(calendar, user=coordinator, access=Access.READ, by=agent)
    assert [rooms.may_enter(who, room) for who in (agent, coordinator, stranger)] == [True, True, False]
    assert room in rooms.rooms_of(agent)
    assert room not in rooms.rooms_of(stranger)


def test_events_are_visible_to_readers_and_to_those_invited(plan, calendar, agent, stranger, coordinator):
    event = plan("2026-03-02T09:00")
    share_calendar(calendar, user=stranger, access=Access.FREE_BUSY, by=agent)
    assert not Event.objects.visible_to(stranger).exists()
    invite(event, attendees=[coordinator], by=agent)
    assert Event.objects.visible_to(coordinator).get() == event
