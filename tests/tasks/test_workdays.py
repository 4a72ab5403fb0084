"""Counting working days, held against walking through them one by one."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tasks.workdays import WEEKDAYS, Workdays, closed_on

DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
SATURDAY = date(2026, 5, 9)


@st.composite
def calendars(draw):
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    closed = draw(st.sets(st.dates(date(2024, 12, 1), date(2031, 3, 1)), max_size=60))
    return Workdays(frozenset(weekdays), frozenset(closed))


def walk(calendar, day, step):
    while not calendar.is_workday(day):
        day += timedelta(days=step)
    return day


@given(calendars(), DAYS, st.integers(-300, 300))
def test_working_days_are_counted_one_by_one(calendar, origin, offset):
    day = walk(calendar, origin, 1)
    step = 1 if offset >= 0 else -1
    for _ in range(abs(offset)):
        day = walk(calendar, day + timedelta(days=step), step)
    assert calendar.shift(origin, offset) == day


@given(calendars(), DAYS, st.integers(-3, 200))
def test_working_days_between_are_counted_one_by_one(calendar, first, days):
    counted = sum(calendar.is_workday(first + timedelta(days=each)) for each in range(days + 1))
    assert calendar.between(first, first + timedelta(days=days)) == counted


@given(calendars(), DAYS)
def test_a_number_and_its_day_belong_together(calendar, day):
    assert calendar.day(calendar.number(day)) == walk(calendar, day, 1)


@given(calendars(), DAYS, st.integers(1, 60))
def test_the_last_day_of_a_duration_gives_the_duration_back(calendar, starts_on, duration):
    assert calendar.duration_of(starts_on, calendar.last_day(starts_on, duration)) == duration


@given(calendars(), DAYS, st.integers(1, 60))
def test_the_first_day_of_a_duration_is_a_duration_before_its_last(calendar, due_on, duration):
    assume(calendar.is_workday(due_on))
    assert calendar.last_day(calendar.first_day(due_on, duration), duration) == due_on


def test_a_closed_day_is_not_counted():
    calendar = closed_on([date(2026, 5, 25)])
    assert calendar.shift(date(2026, 5, 22), 1) == date(2026, 5, 26)
    assert not calendar.is_workday(date(2026, 5, 25))


def test_a_plan_from_a_saturday_starts_on_monday_and_finishes_inclusively():
    days = [WEEKDAYS.days_of(date(2026, 5, 2), start, finish) for start, finish in ((0, 5), (5, 6), (5, 5))]
    assert days == [
        (date(2026, 5, 4), date(2026, 5, 8)),
        (date(2026, 5, 11), date(2026, 5, 11)),
        (date(2026, 5, 11), date(2026, 5, 11)),
    ]


def test_a_task_on_a_saturday_works_that_saturday():
    assert WEEKDAYS.last_day(SATURDAY, 1) == SATURDAY
    assert WEEKDAYS.last_day(SATURDAY, 2) == date(2026, 5, 11)


@pytest.mark.parametrize("number", [-(10**9), 10**9])
def test_no_calendar_goes_on_for_ever(number):
    with pytest.raises(OverflowError):
        WEEKDAYS.day(number)


@pytest.mark.parametrize(
    ("starts_on", "due_on", "duration", "keep_due", "expected"),
    [
        (None, date(2026, 5, 8), 3, True, (date(2026, 5, 8), 3)),
        (date(2026, 5, 4), None, 3, False, (date(2026, 5, 6), 3)),
        (date(2026, 5, 4), None, 3, True, (None, 3)),
        (date(2026, 5, 4), date(2026, 5, 8), 1, True, (date(2026, 5, 8), 5)),
        (date(2026, 5, 4), date(2026, 5, 8), 2, False, (date(2026, 5, 5), 2)),
        (date(2026, 5, 4), date(2026, 5, 4), 0, True, (date(2026, 5, 4), 0)),
    ],
)
def test_dates_and_duration_are_made_to_fit(starts_on, due_on, duration, keep_due, expected):
    assert WEEKDAYS.fit_dates(starts_on, due_on, duration, keep_due=keep_due) == expected
