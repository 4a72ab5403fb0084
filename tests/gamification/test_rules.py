"""Periods, caps and crossings, for all dates and counts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.rules import (
    BEGINNING,
    Deed,
    PeriodKind,
    counts,
    fits_cap,
    lost,
    period_start,
    period_starts,
    reached,
)

dates = st.dates(min_value=date(1970, 1, 5), max_value=date(2200, 12, 31))
totals = st.integers(min_value=0, max_value=40)


@dataclass(frozen=True)
class Step:
    threshold: int


ladders = st.sets(st.integers(min_value=1, max_value=40)).map(lambda s: [Step(t) for t in s])


def test_the_periods_of_a_sunday_in_may():
    assert period_starts(date(2026, 5, 10)) == {
        PeriodKind.ALL: BEGINNING,
        PeriodKind.YEAR: date(2026, 1, 1),
        PeriodKind.QUARTER: date(2026, 4, 1),
        PeriodKind.MONTH: date(2026, 5, 1),
        PeriodKind.WEEK: date(2026, 5, 4),
        PeriodKind.DAY: date(2026, 5, 10),
    }


@given(dates)
def test_a_period_starts_no_later_than_its_day_and_with_itself(day):
    for kind, start in period_starts(day).items():
        assert start <= day
        assert period_start(kind, start) == start


@given(dates)
def test_a_day_and_the_next_share_a_period_unless_the_next_one_opens_it(day):
    following = day + timedelta(days=1)
    for kind in PeriodKind:
        same = period_start(kind, day) == period_start(kind, following)
        assert same != (period_start(kind, following) == following)


@given(dates)
def test_weeks_start_on_mondays_and_quarters_in_their_first_months(day):
    assert period_start(PeriodKind.WEEK, day).weekday() == 0
    assert period_start(PeriodKind.QUARTER, day).month in {1, 4, 7, 10}


@given(ladders, totals, totals)
def test_what_a_count_reaches_it_loses_on_the_way_back(levels, low, high):
    low, high = sorted((low, high))
    assert reached(levels, before=low, after=high) == lost(levels, before=high, after=low)[::-1]
    assert reached(levels, before=high, after=low) == []


@given(ladders, st.lists(totals))
def test_whatever_way_a_count_goes_the_levels_held_are_those_it_covers(levels, path):
    held: set[Step] = set()
    for before, after in zip([0, *path], path, strict=False):
        new = reached(levels, before=before, after=after)
        assert held.isdisjoint(new)
        held = (held | set(new)) - set(lost(levels, before=before, after=after))
    assert held == {level for level in levels if level.threshold <= (path or [0])[-1]}


@given(ladders, totals, totals)
def test_levels_are_reached_from_the_lowest_up(levels, before, after):
    thresholds = [level.threshold for level in reached(levels, before=before, after=after)]
    assert thresholds == sorted(thresholds)


@given(totals, st.integers(min_value=1, max_value=9), st.none() | totals)
def test_a_cap_is_never_exceeded_and_none_never_refuses(counted, quantity, cap):
    fits = fits_cap(counted, quantity, cap)
    assert fits == (cap is None or counted + quantity <= cap)


@pytest.mark.parametrize(
    ("conditions", "details", "met"),
    [
        ({}, {"on_time": None}, True),
        ({"on_time": True}, {"on_time": True, "task_id": 7}, True),
        ({"on_time": True}, {"on_time": False}, False),
        ({"on_time": True}, {"on_time": None}, False),
        ({"on_time": True}, {"on_time": 1}, False),
        ({"on_time": True}, {}, False),
        ({"kind": "sale", "on_time": True}, {"kind": "sale", "on_time": True}, True),
        ({"kind": "sale", "on_time": True}, {"kind": "let", "on_time": True}, False),
    ],
)
def test_all_conditions_must_be_met(conditions, details, met):
    assert counts(conditions, details) is met


def test_a_deed_counts_for_at_least_one():
    with pytest.raises(ValueError, match="at least one"):
        Deed(kind="k", source="s", key="1", title="", occurred_at=datetime.now(UTC), quantity=0)
