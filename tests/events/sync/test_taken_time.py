# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""What falls on taken time outside is a fact: it is taken in, and told of in the run."""

from datetime import datetime, timedelta

import pytest

from estateman.common import clock
from events import services
from events.models import ConflictPolicy, DataSync, Event

TAKEN = datetime(2026, 12, 7, 9)


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


@pytest.fixture(autouse=True)
def refuses(own_calendar, manager, link, time_machine):
    """A calendar that refuses taken time, and a meeting of its owner."""
    time_machine.move_to("2026-12-01T12:00:00Z", tick=True)
    link.integration.grants.update(expires_at=clock.now() + timedelta(hours=1))
    own_calendar.conflicts = ConflictPolicy.REFUSE
    own_calendar.save(update_fields=["conflicts"])
    other = services.create_calendar(name="Other", timezone="America/New_York", by=manager)
    services.create_event(other, title="Meeting", starts_at=TAKEN, by=manager)


def test_a_new_one_stands_here_and_the_run_says_on_what_it_falls(google, sync, standing):
    google.add("Theirs", "2026-12-07T09:00:00-05:00")
    google.add("Free", "2026-12-08T09:00:00-05:00")
    ran = done(sync())
    assert (ran.created_here, ran.failures) == (2, 0)
    (conflict,) = ran.conflicts.all()
    assert (conflict.event, conflict.field, conflict.winner) == (standing()["Theirs"], "taken_time", "remote")
    assert conflict.local == [
        {
            "name": "Maria Manager",
            "title": "Meeting",
            "starts_at": "2026-12-07T14:00:00Z",
            "ends_at": "2026-12-07T15:00:00Z",
        }
    ]
    assert conflict.remote == "2026-12-07T09:00:00"
    assert done(sync()).conflicts.count() == 0


def test_one_that_moves_onto_it_moves_here_and_one_that_is_renamed_is_no_news(google, sync, standing):
    event_id = google.add("Theirs", "2026-12-08T09:00:00-05:00")
    assert done(sync()).conflicts.count() == 0
    zone = {"timeZone": "America/New_York"}
    start, end = ({"dateTime": f"2026-12-07T{hour}:00:00-05:00", **zone} for hour in ("09", "10"))
    google.edit(event_id, start=start, end=end)
    assert done(sync()).conflicts.count() == 1
    assert standing()["Theirs"].starts_at == TAKEN
    google.edit(event_id, summary="Renamed")
    assert done(sync()).conflicts.count() == 0
    assert list(standing()) == ["Renamed"]


def test_one_date_that_moves_onto_it_moves_here(google, sync, standing):
    series = google.add("Series", "2026-12-05T09:00:00-05:00", recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    done(sync())
    zone = {"timeZone": "America/New_York"}
    start, end = ({"dateTime": f"2026-12-07T{hour}:30:00-05:00", **zone} for hour in ("09", "10"))
    google.move_date(series, "2026-12-06T09:00:00-05:00", start=start, end=end)
    assert done(sync()).conflicts.count() == 1
    assert standing()["Series"].overrides.count() == 1


def test_people_are_refused_as_before(plan_mine, google, sync):
    google.add("Theirs", "2026-12-07T09:00:00-05:00")
    done(sync())
    with pytest.raises(services.TimeTaken):
        plan_mine("Ours", starts_at=TAKEN)
    assert not Event.objects.filter(title="Ours").exists()


def test_one_that_moves_onto_time_when_its_room_is_taken_is_told_of_in_each_run_until_it_can(
    google, sync, standing, manager
):
    room = services.create_resource(name="Room", kind="room", timezone="America/New_York", by=manager)
    rival = Event.objects.get(title="Meeting")
    services.book_resource(rival, room, by=manager)
    event_id = google.add("Theirs", "2026-12-08T09:00:00-05:00")
    done(sync())
    services.book_resource(standing()["Theirs"], room, by=manager)
    zone = {"timeZone": "America/New_York"}
    start, end = ({"dateTime": f"2026-12-07T{hour}:00:00-05:00", **zone} for hour in ("09", "10"))
    google.edit(event_id, start=start, end=end)
    google.add("Another", "2026-12-09T09:00:00-05:00")
    for _ in range(2):
        assert sync().error == "Theirs: Room is taken then."
    assert sorted(standing()) == ["Another", "Theirs"]
    services.cancel_event(rival, by=manager)
    done(sync())
    assert standing()["Theirs"].starts_at == TAKEN
    assert done(sync()).changed_here == 0


def test_a_series_with_a_date_apart_becomes_whole_days(google, sync, standing):
    series = google.add("Series", "2026-12-05T09:00:00-05:00", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    zone = {"timeZone": "America/New_York"}
    start, end = ({"dateTime": f"2026-12-06T{hour}:30:00-05:00", **zone} for hour in ("11", "12"))
    google.move_date(series, "2026-12-06T09:00:00-05:00", start=start, end=end)
    done(sync())
    assert standing()["Series"].overrides.count() == 1
    del google.events[f"{series}_20261206T140000Z"]
    google.edit(series, start={"date": "2026-12-05"}, end={"date": "2026-12-06"})
    done(sync())
    assert (standing()["Series"].all_day, standing()["Series"].overrides.count()) == (True, 0)
