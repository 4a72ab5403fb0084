# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Two-way synchronisation with Google, which keeps dates that differ as events of their own."""

from datetime import datetime, timedelta

import pytest

from estateman.common import clock
from events import services
from events.models import CalendarLink, DataSync, Event, EventOverride, LinkedEvent
from events.services import create_calendar
from events.sync import rows
from events.sync.engine import LOST, run
from tests.support.http import Reply

MONDAY = datetime(2031, 3, 3, 9)
TUESDAY, WEDNESDAY = (MONDAY + timedelta(days=day) for day in (1, 2))


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def wrote(google):
    return [asked for asked in google.asked if asked.method != "GET"]


def test_both_sides_get_what_the_other_has_and_then_there_is_quiet(google, sync, plan_mine, standing):
    google.add("Theirs", location="Pier 7", recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20310401T035959Z"])
    plan_mine("Ours", recurrence="FREQ=WEEKLY;BYDAY=MO;UNTIL=20310331T235959")
    first = done(sync())
    assert (first.created_here, first.created_there) == (1, 1)
    theirs, ours = standing()["Theirs"], google.standing()["Ours"]
    assert (theirs.starts_at, theirs.timezone, theirs.location) == (MONDAY, "America/New_York", "Pier 7")
    assert theirs.recurrence == "FREQ=WEEKLY;UNTIL=20310331T235959"
    assert ours["start"] == {"dateTime": "2031-03-03T09:00:00-05:00", "timeZone": "America/New_York"}
    assert ours["recurrence"] == ["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20310401T035959Z"]
    google.asked.clear()
    second = done(sync())
    assert (second.echoes, second.changed_here, second.changed_there) == (1, 0, 0)
    assert wrote(google) == []


def test_lists_are_read_to_their_last_page(google, sync, standing):
    google.page_size = 3
    for number in range(10):
        google.add(f"Theirs {number}")
    assert done(sync()).created_here == 10
    for event_id in list(google.events)[:7]:
        google.edit(event_id, location="Pier 7")
    assert done(sync()).changed_here == 7
    assert len(standing()) == 10


def test_a_token_that_google_forgot_lists_all_and_makes_nothing_twice(google, sync, plan_mine, standing):
    gone = google.add("Gone meanwhile")
    google.add("Theirs")
    plan_mine("Ours")
    done(sync())
    google.delete(gone)
    google.expire_tokens()
    again = done(sync())
    assert (again.is_full, again.created_here, again.created_there, again.deleted_here) == (True, 0, 0, 1)
    assert sorted(standing()) == ["Ours", "Theirs"] == sorted(google.standing())


def test_an_empty_list_takes_nothing_away(google, sync, plan_mine, standing):
    google.add("Theirs")
    plan_mine("Ours")
    done(sync())
    google.events.clear()
    google.expire_tokens()
    assert done(sync()).deleted_here == 0
    assert sorted(standing()) == ["Ours", "Theirs"]


def test_a_date_that_differs_there_differs_here_and_one_cancelled_is_left_out(google, sync, standing):
    series = google.add("Series", recurrence=["RRULE:FREQ=DAILY;COUNT=5"])
    done(sync())
    start = {"dateTime": "2031-03-04T13:00:00-05:00", "timeZone": "America/New_York"}
    end = {"dateTime": "2031-03-04T13:30:00-05:00", "timeZone": "America/New_York"}
    google.move_date(series, "2031-03-04T09:00:00-05:00", start=start, end=end)
    google.move_date(series, "2031-03-05T09:00:00-05:00", status="cancelled")
    done(sync())
    event = standing()["Series"]
    (row,) = event.overrides.all()
    assert row.recurrence_id == TUESDAY
    assert row.patch() == {"starts_at": TUESDAY + timedelta(hours=4), "duration_minutes": 30}
    assert event.exdates == [WEDNESDAY]
    assert done(sync()).changed_there == 0


def test_a_date_changed_here_is_changed_there_and_goes_back_when_it_is_undone(
    google, sync, plan_mine, standing, manager
):
    event = plan_mine("Series", recurrence="FREQ=DAILY;COUNT=5")
    done(sync())
    services.edit_occurrence(
        event, TUESDAY, changes={"title": "Later", "starts_at": TUESDAY + timedelta(hours=1)}, by=manager
    )
    services.cancel_occurrence(Event.objects.get(pk=event.pk), WEDNESDAY, by=manager)
    assert done(sync()).changed_there == 1
    (apart,) = [each for each in google.events.values() if "recurringEventId" in each]
    assert apart["id"].endswith("_20310304T140000Z")
    assert (apart["summary"], apart["start"]["dateTime"]) == ("Later", "2031-03-04T10:00:00-05:00")
    assert any(
        line.startswith("EXDATE;TZID=America/New_York:20310305T090000")
        for line in google.standing()["Series"]["recurrence"]
    )
    services.restore_occurrence(Event.objects.get(pk=event.pk), TUESDAY, by=manager)
    done(sync())
    (apart,) = [each for each in google.events.values() if each.get("recurringEventId")]
    assert (apart["summary"], apart["start"]["dateTime"]) == ("Series", "2031-03-04T09:00:00-05:00")
    assert not EventOverride.objects.exists()
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there) == (0, 0)


def test_nobody_there_is_mailed(google, sync, plan_mine, manager):
    event = plan_mine("Ours")
    done(sync())
    services.edit_event(event, changes={"location": "Pier 7"}, by=manager)
    done(sync())
    assert [asked.query["sendUpdates"] for asked in wrote(google)] == ["none", "none"]


def test_one_that_changed_there_just_before_our_write_is_merged_and_not_overwritten(
    google, sync, plan_mine, standing, manager, monkeypatch
):
    event = plan_mine("Showing")
    done(sync())
    services.edit_event(event, changes={"title": "Ours"}, by=manager)
    event_id = google.standing()["Showing"]["id"]
    listen = google._list

    def list_then_change(query):
        reply = listen(query)
        google.edit(event_id, location="Pier 7")
        return reply

    monkeypatch.setattr(google, "_list", list_then_change)
    done(sync())
    assert google.standing()["Ours"]["location"] == "Pier 7"
    assert standing()["Ours"].location == "Pier 7"


def test_one_that_google_refuses_is_counted_and_stops_no_other(google, sync, plan_mine, link):
    google.refuses = "Bad"
    for title in ("First", "Bad", "Last"):
        plan_mine(title)
    partly = sync()
    assert (partly.status, partly.failures, partly.created_there) == (DataSync.Status.PARTLY, 1, 2)
    assert partly.error.startswith("Bad: 400")
    google.refuses = ""
    assert done(sync()).created_there == 1


def test_an_answer_that_is_lost_makes_nothing_twice(google, sync, plan_mine):
    plan_mine("Ours")
    google.loses_answers = True
    assert sync().status == DataSync.Status.PARTLY
    google.loses_answers = False
    done(sync())
    assert len(google.events) == 1
    assert LinkedEvent.objects.count() == 1


class Killed(BaseException):
    """The process ends here."""


def test_a_process_that_dies_between_the_write_there_and_the_row_here_makes_nothing_twice(
    google, sync, plan_mine, standing, link, monkeypatch
):
    for number in range(5):
        plan_mine(f"Ours {number}")
    google.add("Theirs")
    noted = rows.note
    written: list[object] = []

    def note_and_die(linked, event, remote):
        if len(written) == 3:
            raise Killed
        written.append(noted(linked, event, remote))

    monkeypatch.setattr("events.sync.carrying.note", note_and_die)
    with pytest.raises(Killed):
        sync()
    assert len(google.standing()) == 4
    monkeypatch.setattr("events.sync.carrying.note", noted)
    again = done(sync())
    assert (again.created_here, again.created_there) == (0, 2)
    assert sorted(google.standing()) == sorted(standing()) == [*(f"Ours {number}" for number in range(5)), "Theirs"]
    dead = link.runs.earliest("started_at")
    assert (dead.status, dead.error) == (DataSync.Status.FAILED, LOST)


def test_what_came_from_here_is_not_taken_into_another_calendar(google, sync, plan_mine, connected_to, link, manager):
    plan_mine("Ours")
    google.add("Theirs")
    done(sync())
    another = create_calendar(name="Another", by=manager)
    other = CalendarLink.objects.create(
        calendar=another, user=manager, integration=link.integration, remote_id="holidays", direction="pull"
    )
    pulled = done(run(other))
    assert (pulled.created_here, pulled.echoes) == (1, 1)
    assert [event.title for event in another.events.all()] == ["Theirs"]


def test_linking_the_same_two_again_makes_nothing_twice(google, sync, plan_mine, standing, link):
    plan_mine("Ours")
    google.add("Theirs")
    done(sync())
    integration, remote_id = link.integration, link.remote_id
    link.delete()
    again = CalendarLink.objects.create(
        calendar=link.calendar, user=link.user, integration=integration, remote_id=remote_id
    )
    linked = done(run(again))
    assert (linked.created_here, linked.created_there) == (0, 0)
    assert LinkedEvent.objects.filter(link=again).count() == 2


def test_only_from_there_to_here_writes_nothing_there(google, sync, plan_mine, standing, link):
    CalendarLink.objects.update(direction="pull")
    theirs = google.add("Theirs")
    plan_mine("Ours")
    done(sync())
    google.edit(theirs, summary="Renamed there")
    done(sync())
    assert sorted(standing()) == ["Ours", "Renamed there"]
    assert wrote(google) == []


def test_only_from_here_to_there_undoes_what_is_changed_there(google, sync, plan_mine, standing, link):
    CalendarLink.objects.update(direction="push")
    google.add("Theirs")
    plan_mine("Ours")
    done(sync())
    google.edit(google.standing()["Ours"]["id"], summary="Renamed there")
    done(sync())
    assert sorted(google.standing()) == ["Ours", "Theirs"]
    assert list(standing()) == ["Ours"]


def test_when_google_is_down_the_run_fails_and_comes_again(google, sync, plan_mine, link, monkeypatch):
    plan_mine("Ours")
    monkeypatch.setattr(google, "_list", lambda query: Reply(503))
    failed = sync()
    assert failed.status == DataSync.Status.FAILED
    link.refresh_from_db()
    assert link.last_error
    assert link.next_attempt_at > clock.now()
    monkeypatch.undo()
    assert done(sync()).created_there == 1
    link.refresh_from_db()
    assert link.last_error == ""


def test_a_consent_that_ended_fails_the_run_and_says_so(sync, link):
    link.integration.grants.update(needs_consent=True)
    failed = sync()
    assert failed.status == DataSync.Status.FAILED
    assert "Connect your account" in failed.error


def test_who_may_not_write_here_any_more_synchronises_nothing(google, sync, link, stranger, plan_mine):
    google.add("Theirs")
    CalendarLink.objects.update(user=stranger)
    failed = sync()
    assert failed.status == DataSync.Status.FAILED
    assert "may not write" in failed.error


def test_hostile_events_are_kept_or_counted_and_break_nothing(google, sync, standing):
    google.add("Nul\x00 and half \ud83d" + "x" * 500, description="\x00")
    google.add("Far", "9999-12-31T09:00:00Z")
    google.add("Long", recurrence=["RRULE:FREQ=SECONDLY"])
    google.edit(google.add("Odd"), start=7)
    google.add("Good")
    partly = sync()
    assert (partly.failures, partly.created_here) == (3, 2)
    assert any(title.startswith("Nul and half") and len(title) == 200 for title in standing())
