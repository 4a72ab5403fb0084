"""The days on which a recurring task is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.recurring import Rule, later

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
UNITS = st.sampled_from(["day", "week", "month", "year"])


def days(rule, count):
    found = [rule.anchor_on, *(rule.next_due(number, settled_on=date(2026, 1, 1)) for number in range(1, count))]
    return [day and day.isoformat() for day in found]


def test_the_31st_comes_back_after_the_months_that_lack_it():
    rule = Rule(every=1, unit="month", anchor_on=date(2026, 1, 31))
    assert days(rule, 5) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert days(Rule(every=1, unit="month", anchor_on=date(2027, 12, 31)), 3)[-1] == "2028-02-29"


def test_a_leap_day_comes_back_every_fourth_year():
    rule = Rule(every=1, unit="year", anchor_on=date(2028, 2, 29))
    assert days(rule, 5) == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


@pytest.mark.parametrize(
    ("every", "unit", "third"),
    [
        (1, "day", "2026-05-06"),
        (10, "day", "2026-05-24"),
        (2, "week", "2026-06-01"),
        (6, "month", "2027-05-04"),
        (2, "year", "2030-05-04"),
    ],
)
def test_so_many_of_a_unit_lie_between_one_and_the_next(every, unit, third):
    assert days(Rule(every=every, unit=unit, anchor_on=date(2026, 5, 4)), 3)[-1] == third


def test_counted_from_completion_it_is_so_long_after_the_one_before_was_done():
    rule = Rule(every=1, unit="month", anchor_on=date(2026, 1, 31), from_completion=True)
    assert rule.next_due(3, settled_on=date(2026, 2, 28)) == date(2026, 3, 28)
    assert rule.next_due(4, settled_on=date(2026, 8, 31)) == date(2026, 9, 30)


def test_it_ends_after_so_many_times_or_with_its_last_day():
    thrice = Rule(every=1, unit="week", anchor_on=date(2026, 5, 4), times=3)
    assert days(thrice, 4) == ["2026-05-04", "2026-05-11", "2026-05-18", None]
    until = Rule(every=1, unit="week", anchor_on=date(2026, 5, 4), until=date(2026, 5, 18))
    assert days(until, 4) == ["2026-05-04", "2026-05-11", "2026-05-18", None]


def test_it_ends_with_the_calendar():
    assert Rule(every=1000, unit="year", anchor_on=date(2026, 5, 4)).next_due(9, settled_on=date(2026, 5, 4)) is None
    with pytest.raises(OverflowError):
        later(date(9999, 12, 31), 1, "day")
    with pytest.raises(OverflowError):
        later(date(9999, 12, 31), 1, "month")


@given(DAYS, st.integers(1, 1000), UNITS, st.integers(1, 200))
def test_each_one_is_later_than_the_one_before(anchor, every, unit, number):
    rule = Rule(every=every, unit=unit, anchor_on=anchor)
    one, other = (rule.next_due(each, settled_on=anchor) for each in (number, number + 1))
    assert one is None or one > anchor
    assert other is None or (one is not None and other > one)


@given(DAYS, st.integers(0, 500))
def test_a_month_is_clamped_to_its_last_day_and_no_further(day, months):
    there = later(day, months, "month")
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day == day.day or (there.day < day.day and (there + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(1, 100), st.integers(1, 12))
def test_a_year_is_twelve_months(day, count, every):
    assert later(day, count * every, "year") == later(day, 12 * count * every, "month")
