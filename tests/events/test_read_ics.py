# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""iCalendar as Google, Microsoft and Apple write it, and as nobody should."""

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.ics import Malformed, Refused, read_ics
from events.recurrence import parse_rule

NEW_YORK = "America/New_York"


def file(*lines: str, head: tuple[str, ...] = ()) -> bytes:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *head, *lines, "END:VCALENDAR", ""]
    ).encode()


def event(*lines: str, uid: str = "1@x") -> list[str]:
    return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"]


def only(*lines: str, head: tuple[str, ...] = (), zone: str = NEW_YORK):
    found = read_ics(file(*event(*lines), head=head), zone=zone)
    assert found.refused == ()
    (entry,) = found.entries
    return entry


def refused(*lines: str) -> str:
    found = read_ics(file(*event(*lines)), zone=NEW_YORK)
    assert found.entries == ()
    (problem,) = found.refused
    assert problem.uid == "1@x"
    return problem.why


GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Alex
X-WR-TIMEZONE:America/New_York
BEGIN:VTIMEZONE
TZID:America/New_York
X-LIC-LOCATION:America/New_York
BEGIN:DAYLIGHT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20260302T090000
DTEND;TZID=America/New_York:20260302T100000
RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260501T035959Z;BYDAY=MO
EXDATE;TZID=America/New_York:20260316T090000
DTSTAMP:20261120T083000Z
ORGANIZER;CN=Alex:mailto:alex@example.com
UID:abc123@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Bo: B";X
 -NUM-GUESTS=0:mailto:bo@example.com
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Open house\\, Quay
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-P0DT0H30M0S
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20260324T103000
DTEND;TZID=America/New_York:20260324T113000
RECURRENCE-ID;TZID=America/New_York:20260323T090000
UID:abc123@google.com
SUMMARY:Open house\\, Quay
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20260330T090000
DTEND;TZID=America/New_York:20260330T100000
RECURRENCE-ID;TZID=America/New_York:20260330T090000
UID:abc123@google.com
SUMMARY:Open house\\, Quay
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
DTSTART:20260310T183000Z
DTEND:20260310T191500Z
UID:one@google.com
SUMMARY:Call
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VTODO
UID:todo@google.com
SUMMARY:Milk
END:VTODO
END:VCALENDAR
"""


def test_googles_file():
    found = read_ics(GOOGLE.encode(), zone=NEW_YORK)
    series, call = found.entries
    assert (series.title, series.starts_at, series.timezone, series.duration_minutes) == (
        "Open house, Quay",
        datetime(2026, 3, 2, 9),
        NEW_YORK,
        60,
    )
    assert "UNTIL=20260430T235959" in series.recurrence
    assert series.exdates == (datetime(2026, 3, 16, 9), datetime(2026, 3, 30, 9))
    (moved,) = series.overrides
    assert (moved.recurrence_id, moved.starts_at) == (datetime(2026, 3, 23, 9), datetime(2026, 3, 24, 10, 30))
    assert (moved.title, moved.duration_minutes) == (None, None)
    # A single event in UTC is told on the calendar's own clock.
    assert (call.starts_at, call.timezone, call.duration_minutes) == (datetime(2026, 3, 10, 14, 30), NEW_YORK, 45)
    assert not call.is_busy
    assert [(each.uid, each.why) for each in found.refused] == [("todo@google.com", "It is no event.")]


OUTLOOK_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Customized Time Zone",
    "BEGIN:STANDARD",
    "DTSTART:16010101T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:16010101T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
)


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("America/New_York", NEW_YORK),
        ("america/new_york", NEW_YORK),
        ("Eastern Standard Time", NEW_YORK),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/London", "Europe/London"),
        ("/mozilla.org/20070129_1/Europe/Paris", "Europe/Paris"),
    ],
)
def test_zones_by_all_their_names(tzid, zone):
    entry = only(f'DTSTART;TZID="{tzid}":20260702T090000', "SUMMARY:x")
    assert (entry.timezone, entry.starts_at) == (zone, datetime(2026, 7, 2, 9))


def test_a_zone_that_the_file_itself_lays_down_is_known_by_its_rules():
    lines = ("DTSTART;TZID=Customized Time Zone:20260702T090000", "SUMMARY:x")
    assert only(*lines, head=OUTLOOK_ZONE, zone="Europe/Vienna").timezone == "Europe/Vienna"
    found = only(*lines, head=OUTLOOK_ZONE, zone=NEW_YORK).timezone
    assert found in {"Europe/Berlin", "Europe/Budapest", "Europe/Warsaw", "Europe/Paris"}


def test_a_zone_of_todays_rules_is_known_for_older_series_too():
    """Programs that know one rule write it for all years: in 2005 no zone kept that of today."""
    zone = (
        *("BEGIN:VTIMEZONE", "TZID:(UTC-06:00) Central Time (US & Canada)"),
        *("BEGIN:STANDARD", "DTSTART:16010101T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0600"),
        *("RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "END:STANDARD"),
        *("BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:-0600", "TZOFFSETTO:-0500"),
        *("RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"),
    )
    start = 'DTSTART;TZID="(UTC-06:00) Central Time (US & Canada)":20050302T090000'
    entry = only(start, "RRULE:FREQ=WEEKLY", head=zone)
    assert (entry.timezone, entry.starts_at) == ("America/Chicago", datetime(2005, 3, 2, 9))


def test_a_zone_that_nobody_knows_is_told():
    assert (
        refused("DTSTART;TZID=Mars/Olympus:20260702T090000", "SUMMARY:x") == "The time zone Mars/Olympus is not known."
    )


def test_times_without_a_zone_are_the_calendars():
    entry = only("DTSTART:20260302T090000", "DURATION:PT1H30M", "SUMMARY:x")
    assert (entry.timezone, entry.duration_minutes) == (NEW_YORK, 90)


def test_what_names_no_zone_beside_a_start_in_one_is_on_its_clock():
    lines = [
        *event(
            *("DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND:20260302T100000", "RRULE:FREQ=DAILY;COUNT=9"),
            *("EXDATE:20260304T090000", "RDATE:20260320T090000"),
        ),
        *event("RECURRENCE-ID:20260305T090000", "DTSTART:20260305T110000", "DTEND:20260305T120000"),
    ]
    (entry,) = read_ics(file(*lines), zone=NEW_YORK).entries
    assert (entry.timezone, entry.duration_minutes) == ("Europe/Berlin", 60)
    assert (entry.exdates, entry.rdates) == ((datetime(2026, 3, 4, 9),), (datetime(2026, 3, 20, 9),))
    (moved,) = entry.overrides
    assert (moved.recurrence_id, moved.starts_at) == (datetime(2026, 3, 5, 9), datetime(2026, 3, 5, 11))


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("20261101T053000Z", "DTEND:20261101T063000Z", ("UTC", datetime(2026, 11, 1, 5, 30), 60)),
        ("20261101T063000Z", "DTEND:20261101T070000Z", ("UTC", datetime(2026, 11, 1, 6, 30), 30)),
        ("20261101T043000Z", "DURATION:PT4H", (NEW_YORK, datetime(2026, 11, 1, 0, 30), 180)),
        ("20260308T053000Z", "DURATION:PT4H", (NEW_YORK, datetime(2026, 3, 8, 0, 30), 300)),
    ],
)
def test_what_is_told_in_utc_keeps_its_instants_also_where_the_clock_shows_an_hour_twice(start, end, wanted):
    entry = only(f"DTSTART:{start}", end)
    assert (entry.timezone, entry.starts_at, entry.duration_minutes) == wanted


@pytest.mark.parametrize("zone", [NEW_YORK, "Europe/Berlin", "Australia/Sydney"])
@pytest.mark.parametrize("until", ["20260310", "20260310T000000Z", "20260310T235959Z", "20260310T000000"])
def test_whole_days_whose_dates_are_written_as_midnight_in_utc(zone, until):
    start = ("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303")
    entry = only(*start, f"RRULE:FREQ=DAILY;UNTIL={until}", "EXDATE:20260305T000000Z", zone=zone)
    last = parse_rule(entry.recurrence).until
    assert last is not None
    assert last.date() == date(2026, 3, 10)
    assert entry.exdates == (datetime(2026, 3, 5),)


def test_apples_whole_days():
    entry = only(
        "DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260305", "SUMMARY:Fair", "RRULE:FREQ=YEARLY;UNTIL=20300302"
    )
    assert (entry.all_day, entry.starts_at, entry.duration_minutes) == (True, datetime(2026, 3, 2), 3 * 1440)
    assert only("DTSTART;VALUE=DATE:20260302", "SUMMARY:x").duration_minutes == 1440


def test_a_series_in_utc_stays_in_utc():
    entry = only("DTSTART:20260302T140000Z", "DTEND:20260302T150000Z", "SUMMARY:x", "RRULE:FREQ=DAILY;COUNT=3")
    assert (entry.timezone, entry.starts_at) == ("UTC", datetime(2026, 3, 2, 14))


def test_an_end_in_another_zone_is_told_on_the_clock_of_the_start():
    entry = only(
        "DTSTART;TZID=America/New_York:20260302T090000", "DTEND;TZID=Europe/London:20260302T160000", "SUMMARY:x"
    )
    assert entry.duration_minutes == 120


def test_a_date_left_out_by_its_day_alone():
    entry = only(
        "DTSTART;TZID=America/New_York:20260302T090000",
        "RRULE:FREQ=DAILY;COUNT=5",
        "EXDATE;VALUE=DATE:20260303",
        "SUMMARY:x",
    )
    assert entry.exdates == (datetime(2026, 3, 3, 9),)


def test_a_start_that_the_rule_does_not_name_is_a_date_all_the_same():
    entry = only("DTSTART;TZID=America/New_York:20260303T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "SUMMARY:x")
    assert (entry.starts_at, entry.rdates) == (datetime(2026, 3, 9, 9), (datetime(2026, 3, 3, 9),))


def test_the_latest_of_two_states_counts():
    old = event("DTSTART:20260302T090000", "SUMMARY:Old", "SEQUENCE:1")
    new = event("DTSTART:20260302T100000", "SUMMARY:New", "SEQUENCE:2")
    (entry,) = read_ics(file(*new, *old), zone=NEW_YORK).entries
    assert entry.title == "New"


def test_one_date_that_somebody_was_invited_to_alone_is_an_event():
    entry = only("DTSTART:20260302T090000", "RECURRENCE-ID:20260302T080000", "SUMMARY:Meeting")
    assert (entry.title, entry.recurrence) == ("Meeting", "")


def test_what_is_sent_to_cancel_is_cancelled_whatever_its_status():
    entry = only("DTSTART:20260302T090000", head=("METHOD:CANCEL",))
    assert entry.status == "cancelled"


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD"])
def test_what_is_said_of_an_event_is_none(method):
    found = read_ics(file(*event("DTSTART:20260302T090000"), head=(f"METHOD:{method}",)), zone=NEW_YORK)
    assert found.entries == ()
    assert found.refused == (Refused("1@x", "It is no event."),)


def test_names_of_programs_own_may_hold_points_and_underscores():
    assert only("DTSTART:20260302T090000", "X-OUR_OWN:1", "item1.X-ABLABEL:x").starts_at == datetime(2026, 3, 2, 9)


def test_words_are_made_to_fit():
    entry = only("DTSTART:20260302T090000", f"SUMMARY:{'x' * 300}", "LOCATION:a\\nb\x07", "DESCRIPTION:one\\ntwo")
    assert len(entry.title) == 200
    assert (entry.location, entry.description) == ("a\nb", "one\ntwo")
    assert only("DTSTART:20260302T090000").title == "Untitled"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["SUMMARY:x"], "It has no start"),
        (["DTSTART:20260302"], None),
        (["DTSTART:2026-03-02"], "is no date and no time"),
        (["DTSTART:20261332T090000"], "is no date and no time"),
        (["DTSTART:00010101T000000"], "between 1970 and 2199"),
        (["DTSTART:20260302T090000", "DURATION:soon"], "is no duration"),
        (["DTSTART:20260302T090000", "RRULE:FREQ=SECONDLY"], "DAILY, WEEKLY, MONTHLY or YEARLY"),
        (["DTSTART:20260302T090000", "RRULE:FREQ=DAILY;BYHOUR=9,10"], "BYHOUR is not possible"),
        (["DTSTART:20260302T090000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], "names no date"),
        (["DTSTART:20260302T090000", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "follows one rule"),
        (["DTSTART:20260302T090000", "RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"], "follows one rule"),
        (["DTSTART:20260302T090000", "RDATE;VALUE=PERIOD:20260303T090000/PT1H"], "periods"),
    ],
)
def test_what_cannot_be_kept_is_told_by_event(lines, why):
    if why is None:
        assert only(*lines).all_day
    else:
        assert why in refused(*lines)


def test_changes_from_a_date_on_are_refused():
    lines = [
        *event("DTSTART:20260302T090000", "RRULE:FREQ=DAILY"),
        *event("DTSTART:20260305T100000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260305T090000"),
    ]
    (problem,) = read_ics(file(*lines), zone=NEW_YORK).refused
    assert "RANGE" in problem.why


@pytest.mark.parametrize(
    ("content", "number", "why"),
    [
        (b"", 1, "BEGIN:VCALENDAR"),
        (b"hello", 1, "not of the form"),
        (b"<html>\n</html>", 1, "not of the form"),
        (b"BEGIN:VEVENT\nEND:VEVENT", 1, "BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\n", 2, "ends before VCALENDAR"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR", 4, "VEVENT of line 2 must end first"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY hello\nEND:VEVENT\nEND:VCALENDAR", 3, "not of the form"),
        (b'BEGIN:VCALENDAR\nX:1\n folded\nSUMMARY;CN="x:1\nEND:VCALENDAR', 4, "not of the form"),
        (b"BEGIN:VCALENDAR\nX:\xff\xfe\nEND:VCALENDAR", 2, "UTF-8"),
        (b"END:VCALENDAR", 1, "BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 50, 11, "too deeply"),
    ],
)
def test_a_malformed_file_is_refused_with_the_line(content, number, why):
    with pytest.raises(Malformed, match=why) as caught:
        read_ics(content, zone=NEW_YORK)
    assert caught.value.number == number
    assert str(caught.value).startswith(f"Line {number}: ")


def test_too_many_events_are_refused():
    lines = [line for number in range(1001) for line in event("DTSTART:20260302T090000", uid=f"{number}@x")]
    with pytest.raises(Malformed, match="At most 1000 events"):
        read_ics(file(*lines), zone=NEW_YORK)


def test_marks_and_folds_of_all_kinds():
    content = b"\xef\xbb\xbf" + file(*event("DTSTART:20260302T090000", "SUMMARY:Caf\u00e9")).replace(b"\r\n", b"\n")
    folded = content.replace("é".encode(), b"\xc3\n \xa9")
    assert read_ics(folded, zone=NEW_YORK).entries[0].title == "Café"


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"BEGIN:VCALENDAR\n{text}\nEND:VCALENDAR".encode())
)
def test_no_file_breaks_the_reader(content):
    with suppress(Malformed):
        read_ics(content, zone=NEW_YORK)


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60)
NAMES = st.sampled_from(
    ["DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "SUMMARY", "SEQUENCE", "TZOFFSETTO"]
)
WRITTEN = st.sampled_from(
    [
        "20260302T090000",
        "20260302",
        "99991231T235959Z",
        "00010101T000000Z",
        "FREQ=DAILY;COUNT=2",
        "P99999999999D",
        "-PT5M",
        "2",
        "99999999999999999999",
    ]
)


@given(
    st.lists(st.tuples(NAMES, WRITTEN | VALUES), max_size=8),
    st.sampled_from(["", ";TZID=Europe/London", ";VALUE=DATE", ";TZID=x"]),
)
def test_no_event_breaks_the_reader(properties, parameters):
    lines = [f"{name}{parameters}:{value}" for name, value in properties]
    zone = ["BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", *lines, "END:STANDARD", "END:VTIMEZONE"]
    read_ics(file(*zone, *event(*lines)), zone=NEW_YORK)
