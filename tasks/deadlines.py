"""When the deadline of a contract has passed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

END_OF_DAY = time(23, 59, 59)


def deadline_instant(on: date, until: time | None, zone: str) -> datetime:
    """When it is ``until`` on the day ``on`` in the IANA ``zone``, in UTC; without a time the last second of the day.

    A time that spring skips counts as the hour after it; of one that autumn has twice, the first: whoever keeps to
    that is in time either way.
    """
    local = datetime.combine(on, (until or END_OF_DAY).replace(fold=0), ZoneInfo(zone))
    return local.astimezone(UTC)
