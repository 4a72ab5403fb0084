# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""What its owner marked private elsewhere takes its time here and says no more, and its words there stay theirs."""

from datetime import datetime, timedelta

import pytest
from django.core.serializers import serialize

from estateman.activity.models import Activity
from events import services
from events.models import CalendarLink, DataSync, Event, EventOverride, LinkedEvent, SyncConflict
from integrations.models import IntegrationLog

MONDAY = datetime(2031, 3, 3, 9)
TUESDAY = MONDAY + timedelta(days=1)
WORDS = {"summary": "Dentist", "description": "A root canal", "location": "Harley Street"}


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def everything_kept():
    """All that the database holds of events and what happened to them."""
    return "".join(
        serialize("json", model.objects.all())
        for model in (Event, EventOverride, LinkedEvent, DataSync, SyncConflict, Activity, IntegrationLog)
    )


def words_of(event):
    return (event.title, event.description, event.location)


def words_there(google, event_id):
    return {name: google.events[event_id].get(name) for name in WORDS}


@pytest.mark.parametrize("visibility", ["private", "confidential"])
def test_it_takes_its_time_and_its_words_never_enter_the_house(google, sync, standing, visibility):
    google.add(**{"title": "", **WORDS}, visibility=visibility)
    done(sync())
    event = standing()["Private"]
    assert words_of(event) == ("Private", "", "")
    assert (event.starts_at, event.is_busy) == (MONDAY, True)
    kept = everything_kept()
    assert not [word for word in WORDS.values() if word in kept]
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there) == (0, 0)


def test_what_is_moved_and_renamed_here_moves_there_and_keeps_its_words(google, sync, standing, manager):
    theirs = google.add(**{"title": "", **WORDS}, visibility="private")
    done(sync())
    services.edit_event(
        standing()["Private"],
        changes={"title": "Maria is away", "location": "Out", "starts_at": MONDAY + timedelta(hours=2)},
        by=manager,
    )
    done(sync())
    assert google.events[theirs]["start"]["dateTime"] == "2031-03-03T11:00:00-05:00"
    assert words_there(google, theirs) == WORDS
    google.edit(theirs, summary="Dentist, again")
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there) == (0, 0)
    assert list(standing()) == ["Maria is away"]


def test_a_date_of_it_is_moved_here_and_keeps_its_words_there(google, sync, standing, manager):
    series = google.add(**{"title": "", **WORDS}, visibility="private", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    done(sync())
    services.edit_occurrence(
        standing()["Private"], TUESDAY, changes={"starts_at": TUESDAY + timedelta(hours=2)}, by=manager
    )
    done(sync())
    date = google.events[f"{series}_20310304T140000Z"]
    assert date["start"]["dateTime"] == "2031-03-04T11:00:00-05:00"
    assert not WORDS.keys() & date.keys()


def test_one_date_marked_private_hides_the_words_of_all(google, sync, standing):
    series = google.add("Clinic", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    moved = {"dateTime": "2031-03-04T11:00:00-05:00"}
    until = {"dateTime": "2031-03-04T12:00:00-05:00"}
    google.move_date(series, "2031-03-04T09:00:00-05:00", **WORDS, visibility="private", start=moved, end=until)
    done(sync())
    event = standing()["Private"]
    assert [row.patch() for row in event.overrides.all()] == [{"starts_at": TUESDAY + timedelta(hours=2)}]
    assert "Clinic" not in everything_kept()


def test_its_words_go_when_it_is_marked_and_come_back_when_it_is_open_again(google, sync, standing):
    theirs = google.add(**{"title": "", **WORDS})
    done(sync())
    assert words_of(standing()["Dentist"]) == ("Dentist", "A root canal", "Harley Street")
    google.edit(theirs, visibility="private")
    done(sync())
    assert words_of(standing()["Private"]) == ("Private", "", "")
    google.edit(theirs, visibility="default")
    done(sync())
    assert words_of(standing()["Dentist"]) == ("Dentist", "A root canal", "Harley Street")
    assert words_there(google, theirs) == WORDS


def test_what_was_planned_here_keeps_its_words_and_takes_none(google, sync, plan_mine, standing, manager):
    event = plan_mine("Showing", location="Pier 7", recurrence="FREQ=DAILY;COUNT=3")
    services.edit_occurrence(event, TUESDAY, changes={"title": "Second showing"}, by=manager)
    done(sync())
    ours = google.standing()["Showing"]["id"]
    google.edit(ours, visibility="private")
    done(sync())
    google.edit(ours, summary="With the mayor")
    done(sync())
    event = standing()["Showing"]
    assert (event.location, [row.patch() for row in event.overrides.all()]) == ("Pier 7", [{"title": "Second showing"}])
    assert google.events[ours]["summary"] == "With the mayor"
    assert "mayor" not in everything_kept()


def test_its_words_are_not_written_over_where_all_else_is(google, link, sync, plan_mine, standing, manager):
    CalendarLink.objects.filter(pk=link.pk).update(direction=CalendarLink.Direction.PUSH)
    plan_mine("Showing")
    done(sync())
    ours = google.standing()["Showing"]["id"]
    google.edit(ours, visibility="private", summary="With the mayor")
    done(sync())
    services.edit_event(
        standing()["Showing"], changes={"title": "Viewing", "starts_at": MONDAY + timedelta(hours=2)}, by=manager
    )
    done(sync())
    assert google.events[ours]["start"]["dateTime"] == "2031-03-03T11:00:00-05:00"
    assert google.events[ours]["summary"] == "With the mayor"
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there) == (0, 0)
