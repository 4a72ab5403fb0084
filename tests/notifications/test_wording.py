"""Days, times and spans in words."""

import pytest

from notifications import wording


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "now"),
        (1, "in 1 minute"),
        (15, "in 15 minutes"),
        (60, "in 1 hour"),
        (90, "in 1 h 30 min"),
        (120, "in 2 hours"),
        (1440, "in 1 day"),
        (2880, "in 2 days"),
        (1500, "in 25 hours"),
        (1441, "in 24 h 1 min"),
    ],
)
def test_a_lead_time(minutes, words):
    assert wording.lead_time(minutes) == words


def test_a_day():
    assert wording.day("2026-12-03") == "Thursday 3 December"


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        ("2026-03-08T06:59:00Z", "America/New_York", "Sunday 8 March, 1:59 AM (New York)"),
        ("2026-03-08T07:00:00Z", "America/New_York", "Sunday 8 March, 3:00 AM (New York)"),
        ("2026-12-31T23:30:00Z", "Asia/Tokyo", "Friday 1 January, 8:30 AM (Tokyo)"),
    ],
)
def test_a_moment_is_told_as_it_is_lived(instant, zone, words):
    assert wording.moment(instant, zone) == words
