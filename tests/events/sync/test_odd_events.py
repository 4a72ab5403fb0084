"""Events as other programs write them: without an end, without a title, in zones that nobody knows."""

from events.models import CalendarLink, DataSync
from tests.support.http import Reply


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def test_a_calendar_that_shows_only_when_it_is_busy_takes_no_title_away(google, sync, standing, monkeypatch):
    event_id = google.add("Theirs")
    done(sync())
    hidden = {name: value for name, value in google.events[event_id].items() if name != "summary"}
    google.expire_tokens()
    answer = {"kind": "calendar#events", "accessRole": "freeBusyReader", "items": [hidden | {"etag": '"9"'}]}
    monkeypatch.setattr(google, "_list", lambda query: Reply(200, answer | {"nextSyncToken": "9"}))
    failed = sync()
    assert (failed.status, "when it is busy" in failed.error) == (DataSync.Status.FAILED, True)
    assert list(standing()) == ["Theirs"]


def test_a_whole_day_without_an_end_lasts_a_day_here_and_stays_as_it_is_there(google, sync, standing):
    day = {"date": "2031-03-03"}
    event_id = google.add("Holiday")
    google.edit(event_id, start=day, end=day)
    assert done(sync()).created_here == 1
    event = standing()["Holiday"]
    assert (event.all_day, event.duration_minutes) == (True, 1440)
    assert done(sync()).changed_there == 0
    assert google.events[event_id]["end"] == day


def test_a_time_without_an_end_lasts_a_minute_here_and_stays_as_it_is_there(google, sync, standing):
    event_id = google.add("Call")
    google.edit(event_id, end=google.events[event_id]["start"])
    assert done(sync()).created_here == 1
    assert standing()["Call"].duration_minutes == 1
    assert done(sync()).changed_there == 0


def test_a_zone_that_nobody_knows_is_the_calendars_own(google, sync, standing):
    start, end = ({"dateTime": f"2031-03-03T{hour}:00:00Z", "timeZone": "Nowhere/City"} for hour in ("14", "15"))
    google.edit(google.add("Theirs"), start=start, end=end)
    done(sync())
    event = standing()["Theirs"]
    assert (event.timezone, event.starts_at.hour) == ("America/New_York", 9)


HOURLY, DAILY = ["RRULE:FREQ=HOURLY"], ["RRULE:FREQ=DAILY;COUNT=3"]


def test_one_that_cannot_be_kept_any_more_is_named_in_each_run_and_not_asked_for_until_it_can(google, sync, standing):
    event_id = google.add("Series", "2031-03-03T09:00:00-05:00", recurrence=DAILY)
    done(sync())
    google.edit(event_id, recurrence=HOURLY)
    first = sync()
    assert (first.status, first.failures, first.error[:8]) == (DataSync.Status.PARTLY, 1, "Series: ")
    google.asked.clear()
    again = sync()
    assert (again.status, again.failures, again.error) == (DataSync.Status.PARTLY, 1, first.error)
    assert not [asked for asked in google.asked if event_id in asked.path]
    google.edit(event_id, recurrence=["RRULE:FREQ=DAILY;COUNT=4"])
    done(sync())
    assert standing()["Series"].recurrence == "FREQ=DAILY;COUNT=4"
    done(sync())


def test_one_that_is_again_what_it_was_is_no_refusal_any_more(google, sync):
    event_id = google.add("Series", "2031-03-03T09:00:00-05:00", recurrence=DAILY)
    done(sync())
    etag = google.events[event_id]["etag"]
    google.edit(event_id, recurrence=HOURLY)
    assert sync().failures == 1
    google.edit(event_id, recurrence=DAILY)
    google.events[event_id]["etag"] = etag
    done(sync())


def test_one_that_was_never_the_same_on_both_sides_is_named_in_each_run(google, sync, link):
    event_id = google.add("Theirs")
    done(sync())
    link.linked_events.all().delete()
    CalendarLink.objects.update(winner=CalendarLink.Winner.REMOTE)
    google.edit(event_id, recurrence=HOURLY)
    errors = {line for _ in range(4) for line in sync().error.splitlines()}
    assert [error[:8] for error in errors] == ["Theirs: "]
