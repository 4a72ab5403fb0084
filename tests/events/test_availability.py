"""Working time and intervals: known days on which clocks change, and a minute by minute judge."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.availability import Hours, clashes, clipped, merged, shared, subtracted, working

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ORIGIN = datetime(2026, 3, 2, tzinfo=UTC)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plain(intervals):
    return [(f"{since:%d %H:%M}", f"{until:%d %H:%M}") for since, until in intervals]


def every_day(*spans, timezone="America/New_York"):
    return Hours(timezone, dict.fromkeys(range(7), spans))


def hours_on(day, *spans, timezone="America/New_York"):
    """In UTC, on one local day."""
    zone = ZoneInfo(timezone)
    start, end = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + DAY))
    return plain(working(every_day(*spans, timezone=timezone), start.astimezone(UTC), end.astimezone(UTC)))


def test_whose_hours_nobody_set_works_from_nine_to_five_on_weekdays():
    week = working(Hours("America/New_York"), utc("2026-03-02"), utc("2026-03-09"))
    assert [f"{since:%a %H:%M}" for since, _ in week] == [f"{day} 14:00" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    assert {until - since for since, until in week} == {timedelta(hours=8)}


def test_nine_stays_nine_when_clocks_change():
    assert hours_on(date(2026, 3, 6), (540, 1020)) == [("06 14:00", "06 22:00")]
    assert hours_on(date(2026, 3, 9), (540, 1020)) == [("09 13:00", "09 21:00")]


def test_the_hour_that_spring_skips_is_nobodys():
    assert hours_on(date(2026, 3, 8), (120, 180)) == []
    assert hours_on(date(2026, 3, 8), (90, 150)) == [("08 06:30", "08 07:00")]
    assert hours_on(date(2026, 3, 8), (0, 1440)) == [("08 05:00", "09 04:00")]


def test_the_hour_that_autumn_repeats_counts_twice():
    assert hours_on(date(2026, 11, 1), (60, 120)) == [("01 05:00", "01 07:00")]
    assert hours_on(date(2026, 11, 1), (60, 90)) == [("01 05:00", "01 05:30"), ("01 06:00", "01 06:30")]


def test_a_midnight_that_does_not_exist_and_a_day_that_was_left_out():
    assert hours_on(date(2026, 9, 6), (0, 120), timezone="America/Santiago") == [("06 04:00", "06 05:00")]
    assert working(every_day((0, 1440), timezone="Pacific/Apia"), utc("2011-12-29"), utc("2012-01-01")) == [
        (utc("2011-12-29"), utc("2012-01-01"))
    ]
    left_out = Hours("Pacific/Apia", {}, differing={date(2011, 12, 30): [(0, 1440)]})
    assert working(left_out, utc("2011-12-28"), utc("2012-01-02")) == []


def test_a_shift_over_midnight_is_one_interval():
    night = Hours("UTC", {0: [(1320, 1440)], 1: [(0, 360)]})
    assert plain(working(night, utc("2026-03-02"), utc("2026-03-05"))) == [("02 22:00", "03 06:00")]


def test_days_that_differ_and_days_off():
    hours = Hours(
        "UTC",
        differing={date(2026, 3, 3): [(600, 720)], date(2026, 3, 7): [(0, 60)], date(2026, 3, 5): [(0, 60)]},
        off=[(date(2026, 3, 4), date(2026, 3, 6))],
    )
    assert plain(working(hours, utc("2026-03-02"), utc("2026-03-09"))) == [
        ("02 09:00", "02 17:00"),
        ("03 10:00", "03 12:00"),
        ("07 00:00", "07 01:00"),
    ]


def random_hours(chosen, timezone):
    def spans():
        edges = sorted(chosen.sample(range(0, 1441, 5), 2 * chosen.randint(0, 3)))
        return list(zip(edges[::2], edges[1::2], strict=True))

    return Hours(timezone, {day: spans() for day in range(7) if chosen.random() < 0.8})


@pytest.mark.parametrize(
    ("timezone", "start"),
    [
        ("America/New_York", "2026-03-07T11:00"),
        ("America/New_York", "2026-10-31T11:00"),
        ("Australia/Lord_Howe", "2026-10-03T05:00"),
        ("America/Santiago", "2026-04-04T05:00"),
        ("America/Santiago", "2026-09-05T05:00"),
        ("Europe/London", "2026-10-24T05:00"),
        ("Asia/Kathmandu", "2026-06-01T05:00"),
        ("Pacific/Apia", "2011-12-28T05:00"),
        ("Africa/Casablanca", "2026-02-14T05:00"),
    ],
)
def test_it_is_working_time_just_when_the_clock_shows_so(timezone, start):
    chosen, zone, start = random.Random(f"{timezone}{start}"), ZoneInfo(timezone), utc(start)
    end = start + 2 * DAY
    for _ in range(12):
        hours = random_hours(chosen, timezone)
        found = working(hours, start, end)
        told = {start + number * MINUTE for number in range(2 * 1440) if shows(hours, start + number * MINUTE, zone)}
        assert {
            since + number * MINUTE for since, until in found for number in range((until - since) // MINUTE)
        } == told
        assert found == merged(found)


def shows(hours, moment, zone):
    local = moment.astimezone(zone)
    return any(since <= local.hour * 60 + local.minute < until for since, until in hours.on(local.date()))


def random_intervals(chosen, count=6):
    starts = [(chosen.randint(0, 60), chosen.randint(-2, 15)) for _ in range(chosen.randint(0, count))]
    return [(ORIGIN + start * MINUTE, ORIGIN + (start + length) * MINUTE) for start, length in starts]


def minutes(intervals):
    return {
        number
        for number in range(-5, 90)
        if any(since <= ORIGIN + number * MINUTE < until for since, until in intervals)
    }


@pytest.mark.parametrize("seed", range(200))
def test_joining_cutting_and_subtracting_are_what_they_are_of_sets_of_minutes(seed):
    chosen = random.Random(seed)
    ones, others = random_intervals(chosen), random_intervals(chosen)
    assert minutes(merged(ones)) == minutes(ones)
    assert all(sooner[1] < later[0] for sooner, later in zip(merged(ones), merged(ones)[1:], strict=False))
    assert minutes(subtracted(ones, others)) == minutes(ones) - minutes(others)
    start, end = ORIGIN + 10 * MINUTE, ORIGIN + 40 * MINUTE
    assert minutes(clipped(ones, start, end)) == minutes(ones) & set(range(10, 40))


@pytest.mark.parametrize("seed", range(200))
def test_what_overlaps_is_found_in_pairs_and_in_groups(seed):
    chosen = random.Random(seed)
    ones, others = (sorted(each for each in random_intervals(chosen, 9) if each[0] < each[1]) for _ in range(2))
    assert shared(ones, others) == [
        (one, other)
        for one, (start, end) in enumerate(ones)
        for other, (since, until) in enumerate(others)
        if since < end and until > start
    ]
    grouped = {index for group in clashes(ones) for index in group}
    assert grouped == {one for one, other in shared(ones, ones) if one != other}
    assert all(len(group) > 1 for group in clashes(ones))
