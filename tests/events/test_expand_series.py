# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Series with dates that were moved, left out and added; and series cut in two."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.recurrence import (
    Moved,
    RuleInvalid,
    Series,
    bounds,
    find_occurrence,
    first_key,
    instant,
    local_starts,
    next_occurrence,
    occurrences,
    parse_rule,
    span,
    split,
)
from tests.events.test_expand_rules import rules

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "UTC")
YEARS = timedelta(days=1500)


def series_of(text, start, zone="America/New_York", minutes=60, **dates):
    rule = parse_rule(text)
    limits = bounds(rule, start)
    return Series(limits.first, zone, minutes, rule, limits.last, **dates)


def keys_of(series, until):
    """Every date by its key, the plain way."""
    start, last = series.starts_at, min(until, series.last or until)
    ruled = local_starts(series.rule, start, after=start, until=last) if series.rule else [start]
    written = [local for local in series.rdates if local <= until]
    return sorted({*ruled, *written} - series.exdates)


def by_definition(series, until):
    """All occurrences up to the local ``until``: each instant once by the earlier name, and then those that moved."""
    named: dict[datetime, datetime] = {}
    for key in keys_of(series, until):
        named.setdefault(instant(key, series.timezone), key)
    found = []
    for key in named.values():
        place = series.moved.get(key, Moved(key, series.duration_minutes))
        found.append(replace(span(place.starts_at, series.timezone, place.duration_minutes), recurrence_id=key))
    return sorted(found, key=lambda each: (each.starts_at, each.recurrence_id))


@st.composite
def whole_series(draw):
    """A random rule with dates left out, added and moved, in a zone whose clocks change."""
    start = draw(st.datetimes(datetime(2009, 1, 1), datetime(2013, 1, 1))).replace(microsecond=0)
    if draw(st.booleans()):
        start = start.replace(
            hour=draw(st.sampled_from([0, 1, 2])), minute=draw(st.sampled_from([0, 15, 30])), second=0
        )
    text = draw(rules()) + draw(st.sampled_from(["", "", ";COUNT=20", ";UNTIL=20140101"]))
    minutes = draw(st.sampled_from([15, 60, 600, 3 * 1440]))
    try:
        plain = series_of(text, start, draw(st.sampled_from(ZONES)), minutes)
    except RuleInvalid:
        return None
    near = plain.starts_at + timedelta(days=900)
    known = keys_of(plain, near)[:60]
    dates = st.sampled_from(known) if known else st.nothing()
    offsets = st.integers(-40 * 1440, 40 * 1440).map(lambda number: timedelta(minutes=number))
    far = st.sampled_from([timedelta(days=-3000), timedelta(days=3000), timedelta(0), timedelta(days=7)])
    moves = draw(st.dictionaries(dates, st.tuples(offsets | far, st.sampled_from([15, 60, 4 * 1440])), max_size=4))
    added = draw(st.lists(st.tuples(dates, offsets), max_size=3))
    return replace(
        plain,
        exdates=frozenset(draw(st.lists(dates, max_size=4))),
        rdates=tuple({date + offset for date, offset in added}),
        moved={date: Moved(date + offset, length) for date, (offset, length) in moves.items()},
    )


@settings(max_examples=1000, deadline=None)
@given(whole_series(), st.integers(-40, 1200), st.integers(1, 200))
def test_a_window_shows_just_what_the_whole_series_has_there(series, days_on, length):
    if series is None:
        return
    start = instant(series.starts_at, series.timezone) + timedelta(days=days_on)
    end = start + timedelta(days=length)
    whole = by_definition(series, series.starts_at + YEARS)
    touching = [each for each in whole if each.starts_at < end and each.ends_at > start]
    assert occurrences(series, start, end) == touching
    for each in touching:
        assert find_occurrence(series, each.recurrence_id) == each
    assert max(Counter(each.recurrence_id for each in whole).values(), default=1) == 1


@settings(max_examples=250, deadline=None)
@given(whole_series(), st.integers(-40, 1200))
def test_the_next_occurrence_is_the_first_that_begins_later(series, days_on):
    if series is None:
        return
    after = instant(series.starts_at, series.timezone) + timedelta(days=days_on)
    later = [each for each in by_definition(series, series.starts_at + YEARS) if each.starts_at > after]
    if later and later[0].starts_at - after < timedelta(days=900):
        assert next_occurrence(series, after) == later[0]


@settings(max_examples=250, deadline=None)
@given(whole_series(), st.data())
def test_two_parts_of_a_series_have_the_dates_of_the_whole(series, data):
    if series is None or not (keys := keys_of(series, series.starts_at + timedelta(days=900))):
        return
    assert first_key(series) == keys[0]
    at = data.draw(st.sampled_from(keys))
    if at == keys[0]:
        return
    before, after = split(series, at)
    far = series.starts_at + YEARS
    assert keys_of(before, far) == [key for key in keys_of(series, far) if key < at]
    assert keys_of(after, far) == [key for key in keys_of(series, far) if key >= at]
    known = {*keys_of(series, far)}
    assert {key: place for part in (before, after) for key, place in part.moved.items() if key in known} == {
        key: place for key, place in series.moved.items() if key in known
    }
    if series.rule.count:
        assert sum(part.rule.count or 0 for part in (before, after) if part.rule) == series.rule.count


@pytest.mark.parametrize("zone", ZONES)
def test_instants_about_a_change_of_clocks_are_those_of_the_zone(zone):
    for hours in range(24 * 366 * 4):
        local = datetime(2010, 1, 1, 0, 30) + timedelta(hours=hours)
        assert instant(local, zone) == local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), local


def test_a_moved_date_does_not_come_twice_over_a_change_of_clocks():
    weekly = series_of("FREQ=WEEKLY;BYDAY=SU", datetime(2026, 3, 1, 1, 30))
    moved = replace(weekly, moved={datetime(2026, 3, 8, 1, 30): Moved(datetime(2026, 3, 8, 2, 30), 60)})
    found = occurrences(moved, datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC))
    assert [(each.recurrence_id, each.starts_at) for each in found] == [
        (datetime(2026, 3, 8, 1, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        (datetime(2026, 3, 15, 1, 30), datetime(2026, 3, 15, 5, 30, tzinfo=UTC)),
    ]


def test_a_date_left_out_is_not_moved_either():
    weekly = series_of("FREQ=WEEKLY;COUNT=2", datetime(2026, 3, 2, 9), exdates=frozenset([datetime(2026, 3, 9, 9)]))
    moved = replace(weekly, moved={datetime(2026, 3, 9, 9): Moved(datetime(2026, 3, 10, 9), 60)})
    found = occurrences(moved, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert [each.recurrence_id.day for each in found] == [2]
    assert find_occurrence(moved, datetime(2026, 3, 9, 9)) is None


def test_a_series_with_all_dates_left_out_has_no_first():
    daily = series_of("FREQ=DAILY;COUNT=2", datetime(2026, 3, 2, 9))
    assert first_key(replace(daily, exdates=frozenset([datetime(2026, 3, 2, 9), datetime(2026, 3, 3, 9)]))) is None


def test_nothing_is_cut_where_one_side_is_empty():
    daily = series_of("FREQ=DAILY;COUNT=2", datetime(2026, 3, 2, 9))
    for at in (datetime(2026, 3, 2, 9), datetime(2026, 3, 4, 9)):
        with pytest.raises(ValueError, match="Nothing of the series"):
            split(daily, at)


NASTY = [
    "FREQ=SECONDLY",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30,31,-30,-31",
    "FREQ=MONTHLY;BYMONTH=2,4,6,9,11;BYMONTHDAY=31",
    "FREQ=DAILY;BYDAY=MO;BYMONTH=1;COUNT=3660",
    "FREQ=DAILY;INTERVAL=2;BYMONTH=1;BYMONTHDAY=31;COUNT=3660",
    "FREQ=DAILY;BYMONTHDAY=31;BYSETPOS=2",
    "FREQ=DAILY;INTERVAL=999;BYMONTHDAY=31;BYMONTH=2",
    "FREQ=WEEKLY;BYDAY=MO;BYMONTH=2;COUNT=3660",
    "FREQ=WEEKLY;INTERVAL=999;COUNT=3660",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
    "FREQ=YEARLY;BYDAY=MO,TU;BYSETPOS=366",
    "FREQ=YEARLY;BYDAY=53MO;BYMONTH=1",
    "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6",
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;COUNT=3660",
    "FREQ=YEARLY;BYYEARDAY=366;COUNT=3660",
    "FREQ=YEARLY;BYYEARDAY=1,-1;BYSETPOS=3",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTHDAY=1",
    "FREQ=YEARLY;BYWEEKNO=1,2,3,4;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTH=12;BYSETPOS=8",
]


@pytest.mark.parametrize("text", NASTY)
def test_a_rule_that_would_run_away_is_refused_in_milliseconds(text):
    def spent():
        parse_rule.cache_clear()
        began = process_time()
        with pytest.raises(RuleInvalid):
            bounds(parse_rule(text), datetime(2026, 3, 2, 9))
        return process_time() - began

    assert min(spent() for _ in range(3)) < 0.1
