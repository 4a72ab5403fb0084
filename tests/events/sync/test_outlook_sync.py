# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Two-way synchronisation with Outlook, in the shapes that Graph tells events in."""

from datetime import date, datetime, timedelta

import pytest

from estateman.common import clock
from events import services
from events.models import CalendarLink, DataSync, Event
from integrations.providers._events import Unkeepable
from integrations.providers.outlook.patterns import recurrence, rule

MONDAY = datetime(2027, 3, 1, 9)
TUESDAY, WEDNESDAY = (MONDAY + timedelta(days=day) for day in (1, 2))


@pytest.fixture(autouse=True)
def now(time_machine):
    """Within sight of the dates below."""
    time_machine.move_to("2026-12-01T12:00:00Z", tick=True)


@pytest.fixture
def link(graph, connected_to, own_calendar, manager):
    return CalendarLink.objects.create(
        calendar=own_calendar, user=manager, integration=connected_to("outlook", graph.config), remote_id="cal1"
    )


def done(run_of):
    assert run_of.status == DataSync.Status.DONE, run_of.error
    return run_of


def wrote(graph):
    return [asked for asked in graph.asked if asked.method != "GET"]


def test_both_sides_get_what_the_other_has_and_then_there_is_quiet(graph, sync, plan_mine, standing):
    graph.add("Theirs", "2027-03-01T09:00:00", location={"displayName": "Pier 7"}, body={"content": "Keys\r\n"})
    plan_mine("Ours", starts_at=MONDAY, description="Bring\nthem", recurrence="FREQ=WEEKLY;BYDAY=MO;COUNT=3")
    first = done(sync())
    assert (first.created_here, first.created_there) == (1, 1)
    theirs, ours = standing()["Theirs"], graph.standing()["Ours"]
    assert (theirs.starts_at, theirs.timezone, theirs.location) == (MONDAY, "America/New_York", "Pier 7")
    assert theirs.description == "Keys"
    assert ours["start"] == {"dateTime": "2027-03-01T14:00:00.0000000", "timeZone": "UTC"}
    assert ours["recurrence"]["pattern"]["daysOfWeek"] == ["monday"]
    assert ours["recurrence"]["range"]["numberOfOccurrences"] == 3
    graph.asked.clear()
    second = done(sync())
    assert (second.echoes, second.changed_here, second.changed_there) == (1, 0, 0)
    assert wrote(graph) == []


def test_pages_are_followed_and_a_cursor_that_is_gone_lists_all(graph, sync, standing):
    graph.page_size = 2
    ids = [graph.add(f"Theirs {number}", "2027-03-01T09:00:00") for number in range(5)]
    assert done(sync()).created_here == 5
    graph.delete(ids[0])
    graph.expire_deltas()
    again = done(sync())
    assert (again.is_full, again.created_here, again.deleted_here) == (True, 0, 1)
    assert len(standing()) == 4


def test_what_left_the_window_is_kept_and_what_was_deleted_is_not(graph, sync, standing):
    kept, gone = (graph.add(title, "2027-03-01T09:00:00") for title in ("Kept", "Gone"))
    done(sync())
    graph.delete(gone)
    told = graph._told
    graph._touch(kept)
    graph._told = lambda event_id, **how: (
        [{"id": event_id, "@removed": {"reason": "changed"}}] if event_id == kept else told(event_id, **how)
    )
    assert done(sync()).deleted_here == 1
    assert list(standing()) == ["Kept"]


def test_the_window_is_moved_along_in_time(graph, sync, link, time_machine):
    graph.add("Theirs", "2027-03-01T09:00:00")
    done(sync())
    assert done(sync()).is_full is False
    time_machine.move_to("2028-01-15T12:00:00Z", tick=True)
    link.integration.grants.update(expires_at=clock.now() + timedelta(hours=1))
    assert done(sync()).is_full is True


def test_dates_that_differ_go_both_ways(graph, sync, plan_mine, standing, manager):
    event = plan_mine("Series", starts_at=MONDAY, recurrence="FREQ=DAILY;COUNT=5")
    services.edit_occurrence(event, TUESDAY, changes={"title": "Later"}, by=manager)
    services.cancel_occurrence(Event.objects.get(pk=event.pk), WEDNESDAY, by=manager)
    done(sync())
    series = graph.standing()["Series"]["id"]
    assert graph.apart[series, "2027-03-02"]["subject"] == "Later"
    assert graph.cancelled[series] == ["2027-03-03"]
    graph.change_date(
        series,
        date(2027, 3, 4),
        subject="Series",
        body={"content": ""},
        start={"dateTime": "2027-03-04T11:00:00", "timeZone": "America/New_York"},
        end={"dateTime": "2027-03-04T12:00:00", "timeZone": "America/New_York"},
    )
    assert done(sync()).changed_here == 1
    rows = {row.recurrence_id: row.patch() for row in standing()["Series"].overrides.all()}
    assert rows == {
        TUESDAY: {"title": "Later"},
        MONDAY + timedelta(days=3): {"starts_at": MONDAY + timedelta(days=3, hours=2)},
    }
    quiet = done(sync())
    assert (quiet.changed_here, quiet.changed_there) == (0, 0)


def test_both_sides_changed_are_merged_at_the_right_etag(graph, sync, plan_mine, standing, manager):
    event = plan_mine("Showing", starts_at=MONDAY)
    done(sync())
    services.edit_event(event, changes={"title": "Ours"}, by=manager)
    graph.edit(graph.standing()["Showing"]["id"], location={"displayName": "Pier 7"})
    done(sync())
    assert graph.standing()["Ours"]["location"]["displayName"] == "Pier 7"
    assert standing()["Ours"].location == "Pier 7"


def test_what_others_are_invited_to_is_not_written_there_as_outlook_would_mail_them(graph, sync, standing, manager):
    graph.add("Theirs", "2027-03-01T09:00:00", attendees=[{"emailAddress": {"address": "buyer@example.com"}}])
    done(sync())
    graph.asked.clear()
    services.edit_event(standing()["Theirs"], changes={"title": "Renamed"}, by=manager)
    partly = sync()
    assert (partly.failures, wrote(graph)) == (1, [])
    assert "would mail those who are invited" in partly.error


def test_what_is_changed_there_comes_here_though_ours_is_refused_and_ours_is_kept(graph, sync, standing, manager):
    """An invitation renamed here, which is then moved by whoever invited us."""
    guests = [{"emailAddress": {"address": "buyer@example.com"}}]
    series = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "numbered", "numberOfOccurrences": 5}}
    theirs = graph.add("Theirs", "2027-03-01T09:00:00", attendees=guests, recurrence=series)
    done(sync())
    event = standing()["Theirs"]
    services.edit_event(event, changes={"title": "Renamed"}, by=manager)
    services.edit_occurrence(Event.objects.get(pk=event.pk), TUESDAY, changes={"title": "Ours"}, by=manager)
    assert sync().failures == 1
    graph.edit(theirs, location={"displayName": "Pier 7"}, isAllDay=False)
    graph.change_date(theirs, WEDNESDAY.date(), subject="Theirs, later", body={"content": ""})
    graph.apart[theirs, "2027-03-03"] |= {
        "start": {"dateTime": "2027-03-03T15:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2027-03-03T16:00:00", "timeZone": "UTC"},
        "location": {"displayName": "Pier 7"},
    }
    partly = sync()
    assert (partly.status, partly.changed_here) == (DataSync.Status.PARTLY, 1)
    event = standing()["Renamed"]
    assert event.location == "Pier 7"
    rows = {row.recurrence_id: row.patch() for row in event.overrides.all()}
    assert rows[TUESDAY] == {"title": "Ours"}
    assert rows[WEDNESDAY]["starts_at"] == WEDNESDAY + timedelta(hours=1)
    graph.events[theirs]["attendees"] = []
    written = done(sync())
    assert (written.changed_here, written.changed_there, written.conflicts.count()) == (0, 1, 0)
    assert graph.standing()["Renamed"]["location"]["displayName"] == "Pier 7"
    assert graph.apart[theirs, "2027-03-02"]["subject"] == "Ours"


@pytest.mark.parametrize("sensitivity", ["personal", "private", "confidential"])
def test_what_is_marked_private_there_says_no_more_than_when_and_keeps_its_words(
    graph, sync, standing, manager, sensitivity
):
    words = {"body": {"content": "A root canal"}, "location": {"displayName": "Harley Street"}}
    series = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "numbered", "numberOfOccurrences": 5}}
    theirs = graph.add("Dentist", "2027-03-01T09:00:00", sensitivity=sensitivity, recurrence=series, **words)
    done(sync())
    event = standing()["Private"]
    assert (event.starts_at, event.description, event.location) == (MONDAY, "", "")
    event = services.edit_event(event, changes={"title": "Away", "duration_minutes": 90}, by=manager)
    services.edit_occurrence(event, TUESDAY, changes={"starts_at": TUESDAY + timedelta(hours=2)}, by=manager)
    done(sync())
    there = graph.events[theirs]
    assert there["end"]["dateTime"] == "2027-03-01T15:30:00.0000000"
    assert {name: there[name] for name in ("subject", *words)} == {"subject": "Dentist", **words}
    date = graph.apart[theirs, "2027-03-02"]
    assert date["start"]["dateTime"] == "2027-03-02T16:00:00.0000000"
    assert not {"subject", *words} & date.keys()


def test_what_a_list_does_not_say_is_open_is_asked_for_by_itself(graph, sync, standing):
    told = graph._told
    graph._told = lambda event_id, **how: [
        {name: value for name, value in each.items() if name != "sensitivity"} for each in told(event_id, **how)
    ]
    graph.add("Dentist", "2027-03-01T09:00:00", sensitivity="private")
    done(sync())
    assert list(standing()) == ["Private"]


def test_what_outlook_has_no_words_for_is_counted_and_stops_no_other(graph, sync, plan_mine):
    plan_mine("Odd", starts_at=MONDAY, rdates=[TUESDAY])
    plan_mine("Good", starts_at=MONDAY)
    partly = sync()
    assert (partly.failures, partly.created_there) == (1, 1)
    assert "cannot add single dates" in partly.error


def test_made_once_however_often_it_is_asked_for(graph, sync, plan_mine, link):
    plan_mine("Ours", starts_at=MONDAY)
    done(sync())
    link.linked_events.all().delete()
    CalendarLink.objects.update(cursor="")
    graph_list = graph._told
    graph._told = lambda event_id, **how: []  # as if the list lagged behind
    done(sync())
    graph._told = graph_list
    assert len(graph.events) == 1
    assert link.linked_events.count() == 1


def test_linked_anew_what_lies_beyond_the_window_is_known_again_and_says_what_it_says_here(
    graph, sync, plan_mine, link, manager
):
    beyond = MONDAY.replace(year=2030)
    lone = plan_mine("Far", starts_at=beyond)
    series = plan_mine("Series", starts_at=beyond, recurrence="FREQ=DAILY;COUNT=3")
    done(sync())
    ids = {title: each["id"] for title, each in graph.standing().items()}
    CalendarLink.objects.all().delete()
    services.edit_event(lone, changes={"title": "Renamed", "starts_at": beyond + timedelta(hours=1)}, by=manager)
    link.pk = None
    link.save()
    done(sync())
    there = graph.standing()
    assert {title: each["id"] for title, each in there.items()} == {"Renamed": ids["Far"], "Series": ids["Series"]}
    assert there["Renamed"]["start"]["dateTime"] == "2030-03-01T15:00:00.0000000"
    services.cancel_event(Event.objects.get(pk=series.pk), by=manager)
    assert done(sync()).deleted_there == 1
    assert list(graph.standing()) == ["Renamed"]


def test_linked_anew_what_was_made_there_and_went_beyond_the_window_is_known_again(
    graph, sync, standing, link, manager
):
    graph.add("Theirs", "2027-03-01T09:00:00")
    done(sync())
    services.edit_event(standing()["Theirs"], changes={"starts_at": MONDAY.replace(year=2030)}, by=manager)
    done(sync())
    CalendarLink.objects.all().delete()
    link.pk, link.cursor = None, ""
    link.save()
    done(sync())
    assert [each["subject"] for each in graph.events.values()] == ["Theirs"]


def test_linked_anew_what_outlook_does_not_let_us_write_is_not_made_there_once_more(
    graph, sync, standing, link, manager
):
    graph.add("Theirs", "2027-03-01T09:00:00", attendees=[{"emailAddress": {"address": "buyer@example.com"}}])
    done(sync())
    CalendarLink.objects.all().delete()
    services.edit_event(standing()["Theirs"], changes={"title": "Renamed"}, by=manager)
    link.pk, link.winner = None, CalendarLink.Winner.LOCAL
    link.save()
    for _ in range(2):
        assert "would mail" in sync().error
    assert [each["subject"] for each in graph.events.values()] == ["Theirs"]
    assert list(standing()) == ["Renamed"]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=2;COUNT=5",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE;WKST=SU;UNTIL=20270401",
        "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR",
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;INTERVAL=1;BYMONTH=3;BYMONTHDAY=1",
        "FREQ=YEARLY;INTERVAL=1;BYMONTH=11;BYDAY=4TH;COUNT=3",
    ],
)
def test_rules_go_there_and_come_back_as_they_were(text):
    assert rule(recurrence(text, MONDAY, "America/New_York")) == text


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,3MO",
        "FREQ=MONTHLY;BYDAY=5FR",
        "FREQ=MONTHLY;BYDAY=FR",
        "FREQ=YEARLY;BYMONTH=3,9",
        "FREQ=DAILY;BYDAY=MO",
    ],
)
def test_rules_without_words_there_are_refused(text):
    with pytest.raises(Unkeepable):
        recurrence(text, MONDAY, "America/New_York")
