"""The deadline of a contract: a day, perhaps a time, in a zone."""

from datetime import UTC, date, datetime, time

import pytest

from tasks.deadlines import deadline_instant

DENVER, NEW_YORK = "America/Denver", "America/New_York"


@pytest.mark.parametrize(
    ("on", "until", "zone", "instant"),
    [
        (date(2026, 5, 4), time(17), NEW_YORK, datetime(2026, 5, 4, 21, tzinfo=UTC)),
        (date(2026, 5, 4), None, DENVER, datetime(2026, 5, 5, 5, 59, 59, tzinfo=UTC)),
        (date(2026, 1, 4), None, DENVER, datetime(2026, 1, 5, 6, 59, 59, tzinfo=UTC)),
        # Spring skips 02:00 to 03:00 on this day.
        (date(2026, 3, 8), time(2, 30), NEW_YORK, datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # Autumn has 01:30 twice on this one.
        (date(2026, 11, 1), time(1, 30), NEW_YORK, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(1, 30, fold=1), NEW_YORK, datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 11, 1), None, NEW_YORK, datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)),
    ],
)
def test_it_ends_when_that_time_has_come_in_its_zone(on, until, zone, instant):
    assert deadline_instant(on, until, zone) == instant
