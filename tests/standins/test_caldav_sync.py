# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Two-way synchronisation with Radicale, as a person with another calendar program sees it."""

import random
from datetime import datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from icalendar import Calendar as ICalendar
from icalendar import Event as VEvent

from estateman.common import clock
from events import services
from events.models import CalendarLink, DataSync, Event, EventOverride
from events.sync.engine import run
from integrations.services import create_integration
from tests.standins.test_caldav import CALENDAR
from tools.throwaway import free_port

MONDAY = datetime(2031, 3, 3, 9)


class Elsewhere:
    """The calendar program of somebody else, on the same server."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Without TLS there is nothing to verify, and one context less to build.
        self.client = httpx.Client(auth=("maria", "any"), trust_env=False, timeout=60, verify=False)  # noqa: S501
        self._ask("MKCALENDAR", "", content=CALENDAR.format(name="Work", component="VEVENT").encode())

    def _ask(self, method, path, **kwargs):
        where = urljoin(self.url, path)
        told = self.client.request(method, where, **kwargs)
        assert told.status_code < 400, (method, where, told.text)
        return told

    def put(self, name, event, *others):
        calendar = ICalendar()
        calendar.add("PRODID", "-//Elsewhere//EN")
        calendar.add("VERSION", "2.0")
        for each in (event, *others):
            calendar.add_component(each)
        calendar.add_missing_timezones()
        self._ask("PUT", name, content=calendar.to_ical(), headers={"Content-Type": "text/calendar"})

    def add(self, title, *, start=MONDAY, zone="America/New_York", rule=""):
        event = vevent(title.encode().hex(), title, start, zone)
        if rule:
            event.add("RRULE", dict(part.split("=") for part in rule.split(";")))
        self.put(f"{title.encode().hex()}.ics", event)

    def objects(self):
        """All that the collection holds, by path."""
        asked = (
            '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
            "<d:prop><c:calendar-data/></d:prop>"
            '<c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>'
        )
        told = fromstring(self._ask("REPORT", "", content=asked.encode(), headers={"Depth": "1"}).content)
        data = "{urn:ietf:params:xml:ns:caldav}calendar-data"
        return {
            each.findtext("{DAV:}href"): ICalendar.from_ical(next(each.iter(data)).text or "")
            for each in told.iter("{DAV:}response")
        }

    def events(self):
        """The masters by title; two of one title fail."""
        found = [
            (path, each)
            for path, one in self.objects().items()
            for each in one.walk("VEVENT")
            if "RECURRENCE-ID" not in each
        ]
        by_title = {str(each["SUMMARY"]): (path, each) for path, each in found}
        assert len(by_title) == len(found)
        return by_title

    def change(self, title, act):
        path, _ = self.events()[title]
        calendar = self.objects()[path]
        act(next(each for each in calendar.walk("VEVENT") if "RECURRENCE-ID" not in each), calendar)
        self._ask("PUT", path, content=calendar.to_ical(), headers={"Content-Type": "text/calendar"})

    def remove(self, title):
        self._ask("DELETE", self.events()[title][0])


def vevent(uid, title, start, zone="America/New_York", minutes=60):
    event = VEvent()
    event.add("UID", uid)
    event.add("SUMMARY", title)
    event.add("DTSTAMP", clock.now())
    event.add("DTSTART", start.replace(tzinfo=ZoneInfo(zone)))
    event.add("DTEND", (start + timedelta(minutes=minutes)).replace(tzinfo=ZoneInfo(zone)))
    return event


@pytest.fixture
def elsewhere(radicale):
    return Elsewhere(f"{radicale.url}/maria/work/")


@pytest.fixture
def calendar(manager):
    return services.create_calendar(name="Maria", timezone="America/New_York", by=manager)


@pytest.fixture
def link(radicale, elsewhere, calendar, manager):
    integration = create_integration(
        provider="caldav",
        name="Radicale",
        config={"url": radicale.url, "username": "maria"},
        credentials={"password": "any-password-0815"},
        calls_per_minute=60_000,
        by=manager,
    )
    return CalendarLink.objects.create(
        calendar=calendar, user=manager, integration=integration, remote_id=elsewhere.url
    )


@pytest.fixture
def plan(calendar, manager):
    def make(title, *, start=MONDAY, **fields):
        return services.create_event(calendar, by=manager, title=title, starts_at=start, **fields)

    return make


@pytest.fixture
def sync(link):
    def make_equal():
        link.refresh_from_db()
        done = run(link)
        assert done.status == DataSync.Status.DONE, done.error
        return done

    return make_equal


@pytest.fixture
def retitled(plan, sync, manager):
    """``retitled("Showing", "Ours")``: on both sides under the first title, and here under the second since."""

    def make(title, then):
        event = plan(title)
        sync()
        services.edit_event(event, changes={"title": then}, by=manager)

    return make


def standing(calendar):
    return {event.title: event for event in Event.objects.filter(calendar=calendar).not_cancelled().with_series()}


def test_what_stands_on_either_side_stands_on_both_and_the_next_run_finds_nothing(elsewhere, calendar, plan, sync):
    elsewhere.add("Théâtre, 7; noon", rule="FREQ=WEEKLY;BYDAY=MO;COUNT=5")
    plan("Showing", location="12 Quay Street", description="Bring\nthe keys", recurrence="FREQ=DAILY;COUNT=3")
    first = sync()
    assert (first.created_here, first.created_there, first.is_full) == (1, 1, True)
    taken_in = standing(calendar)["Théâtre, 7; noon"]
    assert (taken_in.starts_at, taken_in.timezone, taken_in.duration_minutes) == (MONDAY, "America/New_York", 60)
    assert taken_in.recurrence == "FREQ=WEEKLY;BYDAY=MO;COUNT=5"
    _, there = elsewhere.events()["Showing"]
    assert str(there["LOCATION"]) == "12 Quay Street"
    assert str(there["DESCRIPTION"]) == "Bring\nthe keys"
    assert there["DTSTART"].dt.isoformat() == "2031-03-03T09:00:00-05:00"
    second = sync()
    assert second.is_full is False
    assert (second.created_here, second.changed_here, second.created_there, second.changed_there) == (0, 0, 0, 0)
    assert (second.echoes, sync().echoes) == (1, 0)


def test_different_fields_changed_on_both_sides_are_both_kept(elsewhere, calendar, plan, sync, manager):
    event = plan("Showing")
    sync()
    services.edit_event(event, changes={"title": "Second showing"}, by=manager)
    elsewhere.change("Showing", lambda each, _: each.add("LOCATION", "Pier 7"))
    assert sync().conflicts.count() == 0
    assert standing(calendar)["Second showing"].location == "Pier 7"
    assert str(elsewhere.events()["Second showing"][1]["LOCATION"]) == "Pier 7"


@pytest.mark.parametrize(("winner", "kept"), [("local", "Ours"), ("remote", "Theirs"), ("newest", "Theirs")])
def test_the_same_field_goes_to_the_winner_and_is_noted(elsewhere, calendar, sync, retitled, winner, kept):
    CalendarLink.objects.update(winner=winner)
    retitled("Showing", "Ours")

    def rename(each, _):
        each["SUMMARY"] = "Theirs"
        each["LAST-MODIFIED"].dt = clock.now() + timedelta(hours=1)

    elsewhere.change("Showing", rename)
    (conflict,) = sync().conflicts.all()
    assert (conflict.field, conflict.local, conflict.remote) == ("title", "Ours", "Theirs")
    assert list(standing(calendar)) == [kept] == list(elsewhere.events())


def test_what_is_deleted_on_one_side_is_on_the_other(elsewhere, calendar, plan, sync, manager):
    event = plan("Ours")
    elsewhere.add("Theirs")
    sync()
    services.cancel_event(event, by=manager)
    elsewhere.remove("Theirs")
    done = sync()
    assert (done.deleted_here, done.deleted_there) == (1, 1)
    assert not standing(calendar)
    assert not elsewhere.events()


def test_what_changed_on_the_other_side_outlives_a_deletion(elsewhere, calendar, plan, sync, manager):
    for title in ("Deleted here", "Deleted there"):
        plan(title)
    sync()
    services.cancel_event(standing(calendar)["Deleted here"], by=manager)
    elsewhere.change("Deleted here", lambda each, _: each.add("LOCATION", "Pier 7"))
    elsewhere.remove("Deleted there")
    services.edit_event(standing(calendar)["Deleted there"], changes={"location": "Pier 8"}, by=manager)
    assert {each.winner for each in sync().conflicts.all()} == {"local", "remote"}
    assert {event.title: event.location for event in standing(calendar).values()} == {
        "Deleted here": "Pier 7",
        "Deleted there": "Pier 8",
    }
    assert sorted(elsewhere.events()) == ["Deleted here", "Deleted there"]
    sync()
    assert len(standing(calendar)) == len(elsewhere.events()) == 2


def test_single_dates_that_differ_go_both_ways(elsewhere, calendar, plan, sync, manager):
    event = plan("Series", recurrence="FREQ=DAILY;COUNT=6")
    second, third, fourth = (MONDAY + timedelta(days=day) for day in (1, 2, 3))
    at_eleven = second + timedelta(hours=2)
    services.edit_occurrence(event, second, changes={"starts_at": at_eleven, "title": "Later"}, by=manager)
    services.edit_event(Event.objects.get(pk=event.pk), changes={"exdates": [third]}, by=manager)
    sync()
    path, master = elsewhere.events()["Series"]
    (apart,) = [each for each in elsewhere.objects()[path].walk("VEVENT") if "RECURRENCE-ID" in each]
    assert (str(apart["SUMMARY"]), apart["DTSTART"].dt.hour) == ("Later", 11)
    assert master["EXDATE"].dts[0].dt.day == third.day

    def move(each, whole):
        moved = vevent(str(each["UID"]), "Series", fourth + timedelta(hours=5))
        moved.add("RECURRENCE-ID", each["DTSTART"].dt + timedelta(days=3))
        whole.add_component(moved)

    elsewhere.change("Series", move)
    sync()
    rows = {row.recurrence_id: row.patch() for row in EventOverride.objects.filter(event=event)}
    assert rows == {
        second: {"starts_at": second + timedelta(hours=2), "title": "Later"},
        fourth: {"starts_at": fourth + timedelta(hours=5)},
    }
    assert standing(calendar)["Series"].exdates == [third]
    assert (sync().changed_there, sync().changed_here) == (0, 0)


def test_a_date_cancelled_there_that_is_brought_back_here_and_differs_takes_place_there(
    elsewhere, calendar, sync, manager
):
    elsewhere.add("Series", rule="FREQ=DAILY;COUNT=4")
    second = MONDAY + timedelta(days=1)

    def cancel(each, whole):
        off = vevent(str(each["UID"]), "Series", second)
        off.add("RECURRENCE-ID", each["DTSTART"].dt + timedelta(days=1))
        off.add("STATUS", "CANCELLED")
        whole.add_component(off)

    elsewhere.change("Series", cancel)
    sync()
    event = services.restore_occurrence(standing(calendar)["Series"], second, by=manager)
    services.edit_occurrence(event, second, changes={"title": "Again"}, by=manager)
    sync()
    path, _ = elsewhere.events()["Series"]
    (apart,) = [each for each in elsewhere.objects()[path].walk("VEVENT") if "RECURRENCE-ID" in each]
    assert (str(apart["SUMMARY"]), apart.get("STATUS")) == ("Again", None)


def test_alarms_and_guests_that_others_put_there_stay(elsewhere, plan, sync, manager, calendar):
    elsewhere.add("Theirs")
    elsewhere.change("Theirs", lambda each, _: each.add("ATTENDEE", "mailto:buyer@example.com"))
    sync()
    services.edit_event(standing(calendar)["Theirs"], changes={"title": "Renamed"}, by=manager)
    sync()
    assert elsewhere.events()["Renamed"][1]["ATTENDEE"] == "mailto:buyer@example.com"


def test_what_is_marked_private_says_no_more_here_than_when_and_keeps_its_words(elsewhere, calendar, sync, manager):
    elsewhere.add("Dentist", rule="FREQ=DAILY;COUNT=5")
    elsewhere.change("Dentist", lambda each, _: each.add("CLASS", "PRIVATE"))
    sync()
    event = services.edit_event(standing(calendar)["Private"], changes={"title": "Away"}, by=manager)
    second = MONDAY + timedelta(days=1)
    at_eleven = second + timedelta(hours=2)
    services.edit_occurrence(event, second, changes={"starts_at": at_eleven}, by=manager)
    sync()
    path, _ = elsewhere.events()["Dentist"]
    both = elsewhere.objects()[path].walk("VEVENT")
    assert [(str(each["SUMMARY"]), str(each["CLASS"])) for each in both] == [("Dentist", "PRIVATE")] * 2
    assert (sync().changed_there, sync().changed_here) == (0, 0)


def test_whole_days_stay_whole_days(elsewhere, calendar, plan, sync):
    plan("Open day", start=datetime(2031, 3, 3), duration_minutes=2 * 1440, all_day=True)
    theirs = VEvent()
    theirs.add("UID", "holiday")
    theirs.add("SUMMARY", "Holiday")
    theirs.add("DTSTART", datetime(2031, 3, 4).date())
    elsewhere.put("holiday.ics", theirs)
    sync()
    holiday = standing(calendar)["Holiday"]
    assert (holiday.all_day, holiday.starts_at, holiday.duration_minutes) == (True, datetime(2031, 3, 4), 1440)
    _, open_day = elsewhere.events()["Open day"]
    assert (str(open_day["DTSTART"].dt), str(open_day["DTEND"].dt)) == ("2031-03-03", "2031-03-05")
    assert sync().changed_there == 0


def test_summer_time_is_known_to_whoever_reads_what_the_server_kept_of_the_zone(elsewhere, plan, sync):
    """Radicale keeps one date of a list; taking summer for winter, it refuses a rule that ends with its first date."""
    last_day = datetime(2031, 4, 14, 19, 15)
    plan("Until today", start=last_day, timezone="Europe/Berlin", recurrence="FREQ=DAILY;UNTIL=20310414T191500")
    sync()
    path, _ = elsewhere.events()["Until today"]
    (zone,) = elsewhere.objects()[path].walk("VTIMEZONE")
    assert zone.to_tz(lookup_tzid=False).utcoffset(last_day) == timedelta(hours=2)


def test_a_sync_token_that_the_server_forgot_lists_all_and_makes_nothing_twice(elsewhere, calendar, plan, sync, link):
    plan("Ours")
    elsewhere.add("Theirs")
    sync()
    CalendarLink.objects.update(cursor='{"token": "http://radicale.org/ns/sync/0000"}')
    elsewhere.remove("Theirs")
    done = sync()
    assert (done.is_full, done.deleted_here, done.created_here, done.created_there) == (True, 1, 0, 0)
    assert list(standing(calendar)) == ["Ours"] == list(elsewhere.events())


def test_one_that_cannot_be_kept_here_is_counted_and_stops_no_other(elsewhere, calendar, link):
    for number in range(3):
        elsewhere.add(f"Good {number}")
    elsewhere.add("Hourly", rule="FREQ=HOURLY;COUNT=3")
    done = run(link)
    assert (done.status, done.failures, done.created_here) == (DataSync.Status.PARTLY, 1, 3)
    assert "Hourly" in done.error
    link.refresh_from_db()
    assert link.cursor


def test_a_server_that_is_not_there_fails_the_run_and_is_asked_later(elsewhere, link, manager):
    link.integration.config["url"] = f"http://127.0.0.1:{free_port()}"
    link.integration.save()
    link.remote_id = f"{link.integration.config['url']}/maria/work/"
    link.save()
    done = run(link)
    assert (done.status, "No connection" in done.error) == (DataSync.Status.FAILED, True)
    link.refresh_from_db()
    assert link.next_attempt_at > clock.now()


@pytest.mark.timeout(900)
def test_five_hundred_events_changed_on_both_sides_end_equal_and_none_is_there_twice(
    elsewhere, calendar, plan, sync, manager
):
    chance = random.Random(11)
    zones = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
    for number in range(250):
        start = MONDAY + timedelta(days=chance.randrange(200), minutes=15 * chance.randrange(40))
        rule = chance.choice(["", "", "FREQ=WEEKLY;COUNT=8", "FREQ=MONTHLY;COUNT=5"])
        plan(f"ours {number}", start=start, timezone=chance.choice(zones), recurrence=rule)
        elsewhere.add(f"theirs {number}", start=start, zone=chance.choice(zones), rule=rule)
    sync()
    assert len(standing(calendar)) == len(elsewhere.objects()) == 500
    for _ in range(3):
        _change_many(chance, elsewhere, calendar, plan, manager)
        sync()
        ended = sync()
        assert not any((ended.created_here, ended.created_there, ended.changed_here, ended.changed_there))
        here, there = standing(calendar), elsewhere.events()
        assert {title: _said(event) for title, event in here.items()} == {
            title: _told(each) for title, (_, each) in there.items()
        }
    assert Event.objects.filter(calendar=calendar).not_cancelled().count() == len(there)


def _change_many(chance, elsewhere, calendar, plan, manager):
    here = standing(calendar)
    for title in chance.sample(sorted(here), 40):
        _change_here(chance, here[title], manager)
    there = elsewhere.events()
    for title in chance.sample(sorted(there), 40):
        _change_there(chance, elsewhere, *there[title])
    for number in range(5):
        plan(f"late ours {chance.random()}")
        elsewhere.add(f"late theirs {number} {chance.random()}")


def _change_here(chance, event, manager):
    fate = chance.choice(["location", "move", "cancel"])
    if fate == "cancel":
        services.cancel_event(event, by=manager)
    elif fate == "move":
        later = event.starts_at + timedelta(hours=1)
        services.edit_event(event, changes={"starts_at": later}, by=manager, version=event.version)
    else:
        services.edit_event(event, changes={"location": f"Pier {chance.randrange(99)}"}, by=manager)


def _change_there(chance, elsewhere, path, each):
    fate = chance.choice(["description", "move", "remove"])
    if fate == "remove":
        elsewhere._ask("DELETE", path)
        return
    if fate == "move":
        shift = timedelta(hours=2)
        each["DTSTART"].dt, each["DTEND"].dt = each["DTSTART"].dt + shift, each["DTEND"].dt + shift
    else:
        each.pop("DESCRIPTION", None)
        each.add("DESCRIPTION", f"Call {chance.randrange(99)}")
    each["LAST-MODIFIED" if "LAST-MODIFIED" in each else "DTSTAMP"].dt = clock.now()
    elsewhere.put(path, each)


def _said(event):
    return (
        event.starts_at,
        event.timezone,
        event.duration_minutes,
        event.location,
        event.description,
        bool(event.recurrence),
    )


def _told(each):
    start, end = each["DTSTART"].dt, each["DTEND"].dt
    minutes = (end.replace(tzinfo=None) - start.replace(tzinfo=None)) // timedelta(minutes=1)
    texts = tuple(str(each.get(name, "")) for name in ("LOCATION", "DESCRIPTION"))
    return (start.replace(tzinfo=None), str(start.tzinfo), minutes, *texts, "RRULE" in each)
