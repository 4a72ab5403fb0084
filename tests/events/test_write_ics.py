# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Events as iCalendar: another parser reads them, and expands them to the same instants as we do."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from events.ics import About, Entry, EntryOverride, Person, read_ics, write_feed, write_message
from events.recurrence import Moved, Series, bounds, occurrences, parse_rule

NEW_YORK = "America/New_York"
OFFICE = About("Harbour, sales", NEW_YORK, "#2563eb")
WEEKLY = Entry(
    "weekly@estateman",
    "Open house",
    datetime(2026, 3, 2, 9),
    NEW_YORK,
    60,
    sequence=3,
    recurrence="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260501T235959",
    exdates=(datetime(2026, 3, 16, 9),),
    rdates=(datetime(2026, 3, 18, 14),),
    overrides=(EntryOverride(datetime(2026, 3, 23, 9), datetime(2026, 3, 24, 10), 90, "Moved", "", "Elsewhere"),),
)


def feed(*entries: Entry) -> Any:
    return icalendar.Calendar.from_ical(write_feed(OFFICE, entries))


def instants(calendar: Any, until: datetime) -> list[datetime]:
    """What a calendar program makes of the file: python-dateutil expands, RECURRENCE-ID replaces."""
    found: dict[datetime, datetime] = {}
    for event in calendar.events:
        start = event["DTSTART"].dt
        if "RECURRENCE-ID" in event:
            found[event["RECURRENCE-ID"].dt.astimezone(UTC)] = start.astimezone(UTC)
            continue
        zone = start.tzinfo
        local = start.replace(tzinfo=None)
        dates = [local]
        if "RRULE" in event:
            rule = event["RRULE"].to_ical().decode()
            ends = event["RRULE"].get("UNTIL")
            rule = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL"))
            dates = list(rrulestr(rule, dtstart=local).xafter(local, count=3000, inc=True))
            dates = [each for each in dates if not ends or each.replace(tzinfo=zone).astimezone(UTC) <= ends[0]]
        added = event.get("RDATE")
        dates += [each.dt.replace(tzinfo=None) for each in added.dts] if added else []
        left_out = event.get("EXDATE")
        gone = {each.dt.replace(tzinfo=None) for each in left_out.dts} if left_out else set()
        for each in dates:
            if each not in gone:
                moment = each.replace(tzinfo=zone).astimezone(UTC)
                found.setdefault(moment, moment)
    return sorted(moment for moment in found.values() if moment < until)


def ours(entry: Entry, until: datetime) -> list[datetime]:
    rule = parse_rule(entry.recurrence) if entry.recurrence else None
    series = Series(
        entry.starts_at,
        entry.timezone,
        entry.duration_minutes,
        rule,
        bounds(rule, entry.starts_at).last if rule else None,
        frozenset(entry.exdates),
        entry.rdates,
        {
            each.recurrence_id: Moved(
                each.starts_at or each.recurrence_id, each.duration_minutes or entry.duration_minutes
            )
            for each in entry.overrides
        },
    )
    return [
        each.starts_at
        for each in occurrences(series, datetime(2020, 1, 1, tzinfo=UTC), until)
        if each.starts_at < until
    ]


def test_a_series_expands_elsewhere_to_the_same_instants():
    until = datetime(2027, 1, 1, tzinfo=UTC)
    found = ours(WEEKLY, until)
    assert len(found) == 9
    assert instants(feed(WEEKLY), until) == found


@pytest.mark.parametrize(
    ("until", "written"),
    [
        ("20260309T090000", "20260309T130000Z"),  # summer time began the day before
        ("20260309", "20260309T130000Z"),
        ("20260309T085959", "20260308T130000Z"),  # the last that may be is the day before's
        ("20261207T090000", "20261207T140000Z"),
    ],
)
def test_the_end_of_a_rule_is_told_in_utc(until, written):
    entry = Entry("u@x", "Daily", datetime(2026, 3, 2, 9), NEW_YORK, 60, recurrence=f"FREQ=DAILY;UNTIL={until}")
    assert f"UNTIL={written}".encode() in write_feed(OFFICE, [entry])


def test_whole_days_are_dates():
    entry = Entry(
        "fair@estateman",
        "Fair",
        datetime(2026, 3, 2),
        NEW_YORK,
        2880,
        all_day=True,
        recurrence="FREQ=MONTHLY;UNTIL=20260601",
        exdates=(datetime(2026, 4, 2),),
        is_busy=False,
    )
    (event,) = feed(entry).events
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 3, 2), date(2026, 3, 4))
    assert event["EXDATE"].dts[0].dt == date(2026, 4, 2)
    assert event["EXDATE"].params["VALUE"] == "DATE"
    assert event["RRULE"]["UNTIL"] == [date(2026, 6, 1)]
    assert event["TRANSP"] == "TRANSPARENT"


def test_a_date_that_differs_is_a_component_of_its_own():
    series, date_ = feed(WEEKLY).events
    assert date_["UID"] == series["UID"] == "weekly@estateman"
    assert date_["RECURRENCE-ID"].dt == datetime(2026, 3, 23, 9, tzinfo=ZoneInfo(NEW_YORK))
    assert (date_["SUMMARY"], date_["LOCATION"]) == ("Moved", "Elsewhere")
    assert date_.duration == timedelta(minutes=90)
    assert (series["SEQUENCE"], series["STATUS"]) == (3, "CONFIRMED")


def test_the_zones_that_are_used_come_along():
    berlin = Entry("b@x", "Call", datetime(2026, 3, 2, 9), "Europe/Berlin", 30)
    utc = Entry("c@x", "Call", datetime(2026, 3, 2, 9), "UTC", 30)
    calendar = feed(WEEKLY, berlin, utc)
    assert {zone["TZID"] for zone in calendar.timezones} == {NEW_YORK, "Europe/Berlin"}
    assert b"DTSTART:20260302T090000Z" in calendar.to_ical()


@pytest.mark.parametrize("zone", [NEW_YORK, "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Tokyo"])
@pytest.mark.parametrize("year", [2005, 2026])
def test_a_zone_is_laid_down_as_it_is(zone, year):
    calendar = feed(Entry("z@x", "Call", datetime(year, 3, 2, 9), zone, 30))
    told: Any = tzical(StringIO(calendar.timezones[0].to_ical().decode())).get()
    for hours in range(0, 6 * 365 * 24, 7):
        local = datetime(year, 1, 1) + timedelta(hours=hours)
        assert told.utcoffset(local) == ZoneInfo(zone).utcoffset(local), local


def test_a_zone_is_laid_down_from_where_the_first_date_was_moved_to():
    moved = EntryOverride(datetime(2027, 1, 4, 9), datetime(2026, 10, 5, 9))
    series = Entry("y@x", "Call", datetime(2027, 1, 4, 9), NEW_YORK, 60, recurrence="FREQ=WEEKLY", overrides=(moved,))
    told: Any = tzical(StringIO(feed(series).timezones[0].to_ical().decode())).get()
    assert told.utcoffset(datetime(2026, 10, 5, 9)) == timedelta(hours=-4)


def test_a_zone_that_keeps_a_rule_is_told_by_it():
    parts = feed(WEEKLY).timezones[0].subcomponents
    rules = [part["RRULE"].to_ical() for part in parts if "RRULE" in part]
    assert rules == [b"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", b"FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"]


def test_a_feed_says_what_calendar_programs_look_for():
    calendar = feed(WEEKLY)
    assert (calendar["X-WR-CALNAME"], calendar["X-WR-TIMEZONE"]) == ("Harbour, sales", NEW_YORK)
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert calendar.refresh_interval == timedelta(hours=1)
    assert calendar["METHOD"] == "PUBLISH"


def test_long_and_awkward_words_come_back_as_they_were():
    title, text = 'Öffnung, "früh"; a\\b: c', "ü" * 300 + "\nSecond line; with, all\\n of it"
    written = write_feed(OFFICE, [Entry("a@x", title, datetime(2026, 3, 2, 9), NEW_YORK, 60, description=text)])
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    event: Any = icalendar.Calendar.from_ical(written).events[0]
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (title, text)


def test_words_cannot_add_lines():
    entry = Entry("a@x", "A\r\nATTENDEE:mailto:x@y.z\x00", datetime(2026, 3, 2, 9), NEW_YORK, 60)
    (event,) = feed(entry).events
    assert "ATTENDEE" not in event
    organiser = Person("a@b.c", 'Al "X"\r\nATTENDEE:mailto:x@y.z')
    message = icalendar.Calendar.from_ical(write_message("REQUEST", entry, organiser=organiser, attendees=[]))
    assert "ATTENDEE" not in message.events[0]


def test_an_invitation_names_who_asks_and_who_is_asked():
    alex, buyer = (
        Person("alex@harbour.example", "Alex"),
        Person("buyer@example.com", "Bö", "TENTATIVE", is_required=False),
    )
    written = write_message("REQUEST", WEEKLY, organiser=alex, attendees=[alex, buyer], url="https://x.example/i/1")
    calendar: Any = icalendar.Calendar.from_ical(written)
    assert calendar["METHOD"] == "REQUEST"
    for event in calendar.events:
        assert event["ORGANIZER"] == "mailto:alex@harbour.example"
        asked = event["ATTENDEE"][1]
        assert asked == "mailto:buyer@example.com"
        assert (asked.params["PARTSTAT"], asked.params["ROLE"], asked.params["CN"]) == (
            "TENTATIVE",
            "OPT-PARTICIPANT",
            "Bö",
        )


RULES = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=40",
        "FREQ=DAILY;INTERVAL=3;UNTIL=20261120T120000",
        "FREQ=WEEKLY;BYDAY=MO,SU;COUNT=60",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=SU;UNTIL=20270101",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=20",
        "FREQ=MONTHLY;BYMONTHDAY=31,-2",
        "FREQ=YEARLY;BYMONTH=3,11;BYDAY=1SU;COUNT=9",
    ]
)
ZONES = st.sampled_from([NEW_YORK, "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Tokyo", "UTC"])


@st.composite
def entries(draw):
    """A series that starts on a date its rule names, with dates taken out, added and moved."""
    start = datetime(2026, 1, 1, draw(st.integers(0, 23)), draw(st.sampled_from([0, 30]))) + timedelta(
        days=draw(st.integers(0, 300))
    )
    rule = parse_rule(draw(RULES))
    try:
        start = bounds(rule, start).first
    except ValueError:
        start = bounds(rule, start.replace(month=1, day=1)).first
    zone = draw(ZONES)
    days = draw(st.lists(st.integers(1, 400), max_size=6, unique=True))
    keys = [start + timedelta(days=day) for day in days]
    minutes = draw(st.integers(1, 600))
    overrides = [EntryOverride(key, key + timedelta(hours=3), minutes + 1, title="Moved") for key in keys[4:]]
    return Entry(
        "u@estateman",
        draw(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40)),
        start,
        zone,
        minutes,
        description=draw(st.text(st.characters(exclude_categories=("C", "Z")), max_size=200)),
        recurrence=rule.text,
        exdates=tuple(sorted(keys[:2])),
        rdates=tuple(sorted(key + timedelta(minutes=7) for key in keys[2:4])),
        overrides=tuple(sorted(overrides, key=lambda each: each.recurrence_id)),
    )


@given(entries())
def test_what_is_written_is_read_again(entry):
    found = read_ics(write_feed(OFFICE, [entry]), zone=NEW_YORK)
    assert found.refused == ()
    (again,) = found.entries
    for name in ("title", "description", "starts_at", "timezone", "duration_minutes", "exdates", "rdates", "overrides"):
        assert getattr(again, name) == getattr(entry, name), name
    until = datetime(2028, 1, 1, tzinfo=UTC)
    assert ours(again, until) == ours(entry, until)
