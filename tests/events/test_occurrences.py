# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""From local starts to instants: the nights in which clocks change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.recurrence import (
    Series,
    bounds,
    find_occurrence,
    instant,
    next_occurrence,
    occurrences,
    parse_rule,
    span,
)


def series(start, zone, text="", *, minutes=60, **dates):
    local = datetime.fromisoformat(start)
    rule = parse_rule(text) if text else None
    last = bounds(rule, local).last if rule else None
    return Series(local, zone, minutes, rule, last, **dates)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(found, start, end):
    return occurrences(found, utc(start), utc(end))


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30"),  # skipped: the offset from before
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),  # twice: the first
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45"),  # half an hour of summer time
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T04:00"),  # a midnight that does not exist
        ("Europe/London", "2026-03-29T09:00", "2026-03-29T08:00"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T19:00"),  # a day that does not exist
        ("Pacific/Apia", "2011-12-31T09:00", "2011-12-30T19:00"),
    ],
)
def test_the_known_answers_of_changing_clocks(zone, local, expected):
    assert instant(datetime.fromisoformat(local), zone) == utc(expected)


@pytest.mark.parametrize(("month", "before", "after"), [(3, 14, 13), (10, 13, 14)])
def test_nine_in_new_york_stays_nine_over_march_and_november(month, before, after):
    weekly = series(f"2026-{month:02}-02T09:00", "America/New_York", "FREQ=WEEKLY;BYDAY=MO")
    found = between(weekly, f"2026-{month:02}-01T00:00", f"2026-{month + 1:02}-20T00:00")
    assert {each.local_starts_at.time().isoformat() for each in found} == {"09:00:00"}
    assert (found[0].starts_at.hour, found[-1].starts_at.hour) == (before, after)


def test_monday_evening_in_new_york_stays_monday_although_it_is_tuesday_in_utc():
    found = between(
        series("2026-03-02T20:00", "America/New_York", "FREQ=WEEKLY;BYDAY=MO"), "2026-03-01T00:00", "2026-04-01T00:00"
    )
    assert {each.local_starts_at.weekday() for each in found} == {0}
    assert [each.starts_at.day for each in found] == [3, 10, 17, 24, 31]


def test_a_skipped_start_shows_what_the_clock_shows_and_keeps_its_key_and_length():
    occurrence = span(datetime(2026, 3, 8, 2, 30), "America/New_York", 30)
    assert occurrence.recurrence_id == datetime(2026, 3, 8, 2, 30)
    assert occurrence.local_starts_at == datetime(2026, 3, 8, 3, 30)
    assert occurrence.ends_at - occurrence.starts_at == timedelta(minutes=30)


def test_three_hours_on_the_wall_are_four_when_the_night_gains_one():
    occurrence = span(datetime(2026, 11, 1, 0, 30), "America/New_York", 180)
    assert occurrence.ends_at - occurrence.starts_at == timedelta(hours=4)


def test_a_day_that_a_zone_left_out_is_not_told_twice():
    daily = series("2011-12-28T09:00", "Pacific/Apia", "FREQ=DAILY;COUNT=5")
    found = between(daily, "2011-12-27T00:00", "2012-01-10T00:00")
    assert [each.recurrence_id.day for each in found] == [28, 29, 30, 1]


def test_exdates_and_rdates_are_local_and_may_lie_beyond_a_change_of_clocks():
    weekly = series(
        "2026-03-02T00:00",
        "America/New_York",
        "FREQ=WEEKLY;COUNT=3",
        exdates=frozenset([datetime(2026, 3, 9)]),
        rdates=(datetime(2026, 3, 11), datetime(2026, 3, 16)),
    )
    found = between(weekly, "2026-03-01T00:00", "2026-04-01T00:00")
    assert [each.recurrence_id.day for each in found] == [2, 11, 16]


def test_an_exdate_takes_out_an_added_date_too():
    single = series(
        "2026-03-02T09:00", "UTC", rdates=(datetime(2026, 3, 5, 9),), exdates=frozenset([datetime(2026, 3, 5, 9)])
    )
    assert [each.recurrence_id.day for each in between(single, "2026-03-01T00:00", "2026-04-01T00:00")] == [2]


def test_count_counts_the_dates_that_were_taken_out():
    weekly = series("2026-03-02T09:00", "UTC", "FREQ=DAILY;COUNT=3", exdates=frozenset([datetime(2026, 3, 3, 9)]))
    assert [each.recurrence_id.day for each in between(weekly, "2026-01-01T00:00", "2027-01-01T00:00")] == [2, 4]


def test_a_window_holds_what_touches_it_but_not_what_only_borders_on_it():
    single = series("2026-03-02T09:00", "UTC")
    assert between(single, "2026-03-02T09:59", "2026-03-02T10:30")
    assert not between(single, "2026-03-02T10:00", "2026-03-02T11:00")
    assert not between(single, "2026-03-02T08:00", "2026-03-02T09:00")


def test_a_week_long_event_is_found_in_its_middle():
    week = series("2026-03-02T00:00", "America/New_York", minutes=7 * 24 * 60)
    assert between(week, "2026-03-05T00:00", "2026-03-05T01:00")


def test_the_next_occurrence_is_found_however_far_it_is():
    leap_days = series("2024-02-29T09:00", "UTC", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    following = next_occurrence(leap_days, utc("2025-01-01T00:00"))
    assert following is not None
    assert following.starts_at == utc("2028-02-29T09:00")
    assert next_occurrence(series("2024-02-29T09:00", "UTC"), utc("2025-01-01T00:00")) is None


def test_an_occurrence_is_found_by_its_key_also_where_clocks_skip_it():
    daily = series("2026-03-07T02:30", "America/New_York", "FREQ=DAILY;COUNT=3")
    skipped = find_occurrence(daily, datetime(2026, 3, 8, 2, 30))
    assert skipped is not None
    assert skipped.starts_at == utc("2026-03-08T07:30")
    assert find_occurrence(daily, datetime(2026, 3, 8, 3, 30)) is None


zones = st.sampled_from(
    ["America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "UTC"]
)


@settings(max_examples=300, deadline=None)
@given(zones, st.datetimes(datetime(2009, 1, 1), datetime(2028, 1, 1)), st.integers(1, 3 * 24 * 60))
def test_whatever_the_clocks_do_an_event_ends_after_it_begins(zone, local, minutes):
    occurrence = span(local.replace(microsecond=0), zone, minutes)
    assert occurrence.ends_at > occurrence.starts_at


@settings(max_examples=200, deadline=None)
@given(zones, st.datetimes(datetime(2009, 1, 1), datetime(2013, 1, 1)), st.integers(0, 2000), st.integers(1, 60))
def test_a_window_is_the_same_piece_of_the_whole_wherever_it_is_cut(zone, local, days_on, length):
    daily = Series(local.replace(microsecond=0), zone, 90, parse_rule("FREQ=DAILY"))
    begin = instant(daily.starts_at, zone)
    start = begin + timedelta(days=days_on)
    end = start + timedelta(days=length)
    whole = occurrences(daily, begin, end)
    assert occurrences(daily, start, end) == [each for each in whole if each.ends_at > start]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("key", [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)])
def test_at_the_ends_of_the_calendar_nothing_takes_place(zone, key):
    for rule in (None, parse_rule("FREQ=WEEKLY")):
        assert find_occurrence(Series(datetime(2026, 3, 2, 9), zone, 60, rule), key) is None
