"""Cutting time at midnight, where the person was."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.timesheets import Days, Seconds, Spent, by_day, seconds_within, split, week_of

# Half-hour changes, days that never were, midnights that never struck, and ordinary ones.
ODD = (
    "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "America/St_Johns", "Africa/Cairo", "Asia/Beirut",
    "America/Scoresbysund", "Africa/Casablanca", "Antarctica/Troll", "America/New_York", "Australia/Sydney", "UTC",
)  # fmt: skip
ZONES = st.sampled_from(ODD) | st.sampled_from(sorted(available_timezones()))
STARTS = st.integers(946_684_800, 2_100_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
LENGTHS = st.integers(0, 6 * 86400) | st.integers(0, 3 * 3600)


@given(STARTS, LENGTHS, ZONES)
def test_the_parts_are_the_whole_and_each_lies_on_one_day(start, seconds, zone):
    end = start + timedelta(seconds=seconds)
    parts = split(start, end, zone)
    assert sum(part.seconds for part in parts) == seconds
    assert [part.start for part in parts] == [start, *(part.end for part in parts)][: len(parts)]
    for part in parts:
        first, last = (at.astimezone(ZoneInfo(zone)) for at in (part.start, part.end - timedelta(seconds=1)))
        assert part.start < part.end
        assert first.date() == last.date() == part.on
    assert all(one.on != other.on for one, other in pairwise(parts))


@given(STARTS, LENGTHS, ZONES, st.integers(-9, 9), st.integers(0, 9))
def test_what_lies_within_days_is_never_more_than_there_is(start, seconds, zone, offset, length):
    first = (start + timedelta(days=offset)).date()
    days = Days(first, first + timedelta(days=length))
    spent = Spent("photos", start, start + timedelta(seconds=seconds), zone)
    within = seconds_within(spent, days)
    assert 0 <= within <= seconds
    assert within == sum(each.total for each in by_day([spent], days).get("photos", {}).values())
    if spent.end <= days.begin or spent.start >= days.over:
        assert within == 0


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Sydney", date(2026, 4, 5), 25),
        ("Australia/Sydney", date(2026, 10, 4), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # its midnight never strikes
        ("Pacific/Apia", date(2011, 12, 30), 0),  # there was no such day
        ("Europe/Berlin", date(2026, 6, 1), 24),
    ],
)
def test_a_day_has_the_hours_that_its_zone_gives_it(zone, day, hours):
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    spent = Spent("photos", noon - timedelta(days=3), noon + timedelta(days=3), zone)
    assert seconds_within(spent, Days(day, day)) == hours * 3600


def test_a_night_is_cut_where_the_person_was():
    start, end = datetime(2026, 5, 4, 13, tzinfo=UTC), datetime(2026, 5, 4, 15, 30, tzinfo=UTC)
    sydney = split(start, end, "Australia/Sydney")
    assert [(part.on, part.seconds) for part in sydney] == [(date(2026, 5, 4), 3600), (date(2026, 5, 5), 5400)]
    assert [(part.on, part.seconds) for part in split(start, end, "America/New_York")] == [(date(2026, 5, 4), 9000)]


def test_seconds_are_summed_by_key_and_day_and_so_are_the_billable_ones():
    start = datetime(2026, 5, 4, 20, tzinfo=UTC)
    entries = [
        Spent("photos", start, start + timedelta(hours=6), "UTC", is_billable=True),
        Spent("photos", start + timedelta(hours=6), start + timedelta(hours=7), "UTC"),
        Spent("sign", start, start, "UTC"),
    ]
    monday, tuesday = date(2026, 5, 4), date(2026, 5, 5)
    assert by_day(entries, Days(monday, tuesday)) == {
        "photos": {monday: Seconds(4 * 3600, 4 * 3600), tuesday: Seconds(3 * 3600, 2 * 3600)}
    }
    assert by_day(entries, Days(tuesday, tuesday)) == {"photos": {tuesday: Seconds(3 * 3600, 2 * 3600)}}


def test_a_week_runs_from_monday_to_sunday():
    assert week_of(date(2026, 11, 29)) == Days(date(2026, 11, 23), date(2026, 11, 29))
    assert [day.isoformat() for day in week_of(date(2026, 11, 23))][-1] == "2026-11-29"
