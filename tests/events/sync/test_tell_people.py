# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""What is moved or cancelled elsewhere is told to those who were invited here, as if the link's user had done it."""

from datetime import datetime, timedelta

import icalendar
import pytest

from events import services
from events.models import DataSync
from integrations.models import Message
from notifications.models import Category, Notification

MONDAY = datetime(2031, 3, 3, 9)
BUYER = "buyer@example.com"


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def at(hour, day=3):
    return {"dateTime": f"2031-03-{day:02}T{hour:02}:00:00-05:00", "timeZone": "America/New_York"}


@pytest.fixture
def told(settle):
    """``told(user)``: the titles in their inbox about events, since they were last asked for."""

    def titles(user):
        settle()
        rows = Notification.objects.filter(user=user, category=Category.EVENTS).order_by("seq")
        said = list(rows.values_list("title", flat=True))
        rows.delete()
        return said

    return titles


@pytest.fixture
def letters():
    """Subjects, methods and SEQUENCEs of what guests were mailed since they were last asked for."""

    def since():
        rows = Message.objects.order_by("pk")
        said = []
        for letter in rows:
            calendar = icalendar.Calendar.from_ical(letter.calendar)
            said.append((letter.to, letter.subject, calendar["METHOD"], calendar.events[0]["SEQUENCE"]))
        rows.delete()
        return said

    return since


@pytest.fixture
def ours(plan_mine, coordinator, sync, google, told, letters):
    """An event planned here, with a colleague and a guest who know of it; its id at Google."""
    plan_mine("Showing", attendees=[coordinator, BUYER])
    done(sync())
    told(coordinator)
    letters()
    return google.standing()["Showing"]["id"]


def test_of_a_move_both_are_told(google, sync, ours, told, letters, coordinator):
    google.edit(ours, start=at(11), end=at(12), location="Pier 7")
    done(sync())
    assert told(coordinator) == ["Showing was moved"]
    assert letters() == [(BUYER, "Changed: Showing", "REQUEST", 1)]
    done(sync())
    assert (told(coordinator), letters()) == ([], [])


def test_of_a_cancellation_both_are_told(google, sync, ours, told, letters, coordinator):
    google.delete(ours)
    assert done(sync()).deleted_here == 1
    assert told(coordinator) == ["Showing was cancelled"]
    assert letters() == [(BUYER, "Cancelled: Showing", "CANCEL", 1)]


def test_guests_of_what_was_taken_in_are_told_too_and_those_invited_there_are_not(
    google, sync, standing, letters, manager
):
    theirs = google.add("Theirs", attendees=[{"email": "elsewhere@example.com"}])
    done(sync())
    services.invite(standing()["Theirs"], attendees=[BUYER], by=manager)
    letters()
    google.edit(theirs, start=at(11), end=at(12))
    done(sync())
    assert letters() == [(BUYER, "Changed: Theirs", "REQUEST", 1)]


def test_whoever_moved_it_there_is_told_nothing(google, sync, ours, told, manager):
    google.edit(ours, start=at(11), end=at(12))
    done(sync())
    assert told(manager) == []


def test_guests_are_told_once_however_much_changed_and_not_of_what_is_nothing_to_them(google, sync, plan_mine, letters):
    plan_mine("Series", attendees=[BUYER], recurrence="FREQ=DAILY;COUNT=5")
    done(sync())
    letters()
    series = google.standing()["Series"]["id"]
    google.edit(series, summary="Renamed")
    google.move_date(series, at(9, 4)["dateTime"], summary="Renamed", start=at(11, 4), end=at(12, 4))
    google.move_date(series, at(9, 5)["dateTime"], summary="Renamed", start=at(12, 5), end=at(13, 5))
    done(sync())
    assert letters() == [(BUYER, "Changed: Renamed", "REQUEST", 2)]
    google.edit(series, transparency="transparent")
    assert done(sync()).changed_here == 1
    assert letters() == []


def test_what_was_moved_here_is_told_once_and_not_again_by_the_run(google, sync, ours, standing, letters, manager):
    services.edit_event(standing()["Showing"], changes={"starts_at": MONDAY + timedelta(hours=2)}, by=manager)
    assert len(letters()) == 1
    done(sync())
    done(sync())
    assert letters() == []
