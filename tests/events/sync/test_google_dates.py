# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Series that are split here, at Google."""

from datetime import datetime, timedelta

from events import services
from events.models import DataSync, Event
from events.recurrence import occurrences

MONDAY = datetime(2031, 3, 3, 9)


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def test_a_series_split_here_is_two_there_and_stands_still_then(google, sync, plan_mine, standing, manager):
    event = plan_mine("Series", recurrence="FREQ=DAILY;COUNT=6")
    second, fourth, fifth = (MONDAY + timedelta(days=day) for day in (1, 3, 4))
    services.edit_occurrence(event, second, changes={"title": "Second"}, by=manager)
    services.edit_occurrence(Event.objects.get(pk=event.pk), fifth, changes={"title": "Fifth"}, by=manager)
    done(sync())
    event, at_eleven = Event.objects.get(pk=event.pk), fourth + timedelta(hours=2)
    services.edit_following(event, fourth, changes={"title": "Later", "starts_at": at_eleven}, by=manager)
    ran = done(sync())
    assert (ran.created_there, ran.created_here, ran.deleted_here) == (1, 0, 0)
    there = google.standing()
    assert there["Series"]["recurrence"] == ["RRULE:FREQ=DAILY;COUNT=3"]
    assert there["Later"]["start"]["dateTime"] == "2031-03-06T11:00:00-05:00"
    apart = {each["summary"]: each for each in google.events.values() if each.get("recurringEventId")}
    assert apart["Second"]["recurringEventId"] == there["Series"]["id"]
    assert there["Later"]["id"] in {
        each["recurringEventId"] for each in google.events.values() if each.get("summary") == "Fifth"
    }
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there, quiet.created_here, quiet.created_there) == (0, 0, 0, 0)
    assert sorted(standing()) == ["Later", "Series"]
    total = sum(
        len(list(occurrences(each.series(), each.first_utc - timedelta(days=1), each.first_utc + timedelta(days=30))))
        for each in standing().values()
    )
    assert total == 6
