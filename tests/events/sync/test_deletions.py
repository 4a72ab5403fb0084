"""What is deleted, moved and brought back on either side: nothing is lost, and nothing stands twice."""

import pytest

from events import services
from events.models import CalendarLink, DataSync, Event
from events.sync.engine import run


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def brought_back(google, event_id, new_id):
    """As some servers do it: the same event, our stamp in it, under another id."""
    google.add("Again")
    there = google.events.pop(next(reversed(google.events)))
    google._keep({**there, **google.events[event_id], "id": new_id, "status": "confirmed"})


@pytest.mark.parametrize("deleted", ["here", "there"])
def test_what_is_brought_back_there_under_another_id_is_brought_back_here(
    google, sync, plan_mine, standing, manager, deleted
):
    event = plan_mine("Ours")
    done(sync())
    event_id = google.standing()["Ours"]["id"]
    if deleted == "here":
        services.cancel_event(event, by=manager)
    else:
        google.delete(event_id)
    done(sync())
    assert not standing()
    brought_back(google, event_id, "another")
    done(sync())
    assert list(standing()) == ["Ours"] == list(google.standing())
    quiet = done(sync())
    assert (quiet.created_here, quiet.created_there, quiet.deleted_there) == (0, 0, 0)


def test_what_has_another_id_there_since_the_last_run_is_the_same_event_here(google, sync, plan_mine, standing):
    event = plan_mine("Ours")
    theirs = google.add("Theirs", iCalUID="theirs@elsewhere")
    done(sync())
    known = {title: each.pk for title, each in standing().items()}
    for number, event_id in enumerate((google.standing()["Ours"]["id"], theirs)):
        brought_back(google, event_id, f"another{number}")
        google.delete(event_id)
    ran = done(sync())
    assert (ran.created_here, ran.deleted_here, ran.created_there, ran.deleted_there) == (0, 0, 0, 0)
    assert {title: each.pk for title, each in standing().items()} == known
    assert known["Ours"] == event.pk
    assert sorted(google.standing()) == ["Ours", "Theirs"]


def test_linked_anew_after_one_outlived_its_deletion_nothing_stands_twice(
    google, sync, plan_mine, standing, link, manager
):
    plan_mine("Ours")
    google.add("Theirs")
    done(sync())
    for title in ("Ours", "Theirs"):
        services.cancel_event(standing()[title], by=manager)
        google.edit(google.standing()[title]["id"], location="Pier 7")
    assert done(sync()).created_here == 2
    link.delete()
    again = CalendarLink.objects.create(
        calendar=link.calendar, user=link.user, integration=link.integration, remote_id=link.remote_id
    )
    before = set(google.events)
    anew = done(run(again))
    assert (anew.created_here, anew.created_there, anew.deleted_there) == (0, 0, 0)
    assert set(google.events) == before
    assert sorted(standing()) == ["Ours", "Theirs"] == sorted(google.standing())


def test_a_copy_made_there_of_one_of_ours_is_an_event_of_its_own(google, sync, plan_mine, standing, link):
    plan_mine("Ours")
    done(sync())
    ours = google.standing()["Ours"]
    google._keep({**ours, "id": "copy", "iCalUID": "copy@google.com", "summary": "Copy"})
    assert done(sync()).created_here == 1
    assert sorted(standing()) == ["Copy", "Ours"] == sorted(google.standing())
    link.delete()
    google.events = dict(reversed(google.events.items()))
    again = CalendarLink.objects.create(
        calendar=link.calendar, user=link.user, integration=link.integration, remote_id=link.remote_id
    )
    anew = done(run(again))
    assert (anew.created_here, anew.created_there) == (0, 0)


def test_a_date_that_differed_and_is_left_out_here_does_not_go_on_there(google, sync, plan_mine, manager):
    event = plan_mine("Series", recurrence="FREQ=DAILY;COUNT=5")
    second = event.starts_at.replace(day=4)
    services.edit_occurrence(event, second, changes={"title": "Later"}, by=manager)
    done(sync())
    (apart,) = [each for each in google.events.values() if each.get("recurringEventId")]
    assert apart["status"] == "confirmed"
    services.cancel_occurrence(Event.objects.get(pk=event.pk), second, by=manager)
    done(sync())
    assert google.events[apart["id"]]["status"] == "cancelled"
    assert Event.objects.get(pk=event.pk).exdates == [second]
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there) == (0, 0)


def test_a_date_that_differed_and_is_cancelled_there_is_left_out_here(google, sync, standing):
    series = google.add("Series", recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    start = {"dateTime": "2031-03-04T13:00:00-05:00", "timeZone": "America/New_York"}
    end = {"dateTime": "2031-03-04T13:30:00-05:00", "timeZone": "America/New_York"}
    google.move_date(series, "2031-03-04T09:00:00-05:00", start=start, end=end)
    done(sync())
    google.move_date(series, "2031-03-04T09:00:00-05:00", status="cancelled")
    done(sync())
    event = standing()["Series"]
    assert [each.day for each in event.exdates] == [4]
    assert not event.overrides.exists()
