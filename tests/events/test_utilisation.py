"""Booked time over bookable time, on cases counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from events.availability import Hours, subtracted, working
from events.utilisation import utilisation

HOUR = timedelta(hours=1)


def span(start, end, day=2):
    return datetime(2026, 3, day, start, tzinfo=UTC), datetime(2026, 3, day, end, tzinfo=UTC)


WINDOW = span(8, 20)


@pytest.mark.parametrize(
    ("booked", "bookable", "units", "hours"),
    [
        ([span(9, 12)], [span(9, 17)], 1, (3, 8)),
        ([span(9, 12), span(9, 12)], [span(9, 17)], 2, (6, 16)),
        # What lies outside the hours or the window counts on neither side.
        ([span(7, 10), span(16, 22)], [span(9, 17)], 1, (2, 8)),
        ([span(6, 9)], [span(0, 23)], 1, (1, 12)),
        # Over a break in the hours.
        ([span(11, 14)], [span(9, 12), span(13, 17)], 1, (2, 7)),
        ([], [span(9, 17)], 1, (0, 8)),
        ([span(9, 12, day=3)], [span(9, 17)], 1, (0, 8)),
    ],
)
def test_booked_over_bookable(booked, bookable, units, hours):
    found = utilisation(booked, bookable, WINDOW, units=units)
    assert (found.booked, found.bookable) == (hours[0] * HOUR, hours[1] * HOUR)
    assert found.ratio == hours[0] / hours[1]


def test_where_nothing_can_be_booked_there_is_no_ratio():
    assert utilisation([span(9, 12)], [], WINDOW).ratio is None


def test_a_week_of_hours_with_a_blackout_taken_out():
    """Mon to Fri nine to five is 40 hours; a blackout takes Tuesday's 8; booked are 4 on Monday and 2 on Tuesday."""
    week = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    bookable = subtracted(working(Hours("UTC"), *week), [span(0, 23, day=3)])
    found = utilisation([span(9, 13), span(10, 12, day=3)], bookable, week)
    assert (found.booked, found.bookable, found.ratio) == (4 * HOUR, 32 * HOUR, 0.125)


def test_a_night_that_gains_an_hour_can_be_booked_for_an_hour_more():
    night = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)
    bookable = working(Hours("America/New_York", {6: [(0, 240)]}), *night)
    assert utilisation([], bookable, night).bookable == 5 * HOUR
