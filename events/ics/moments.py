"""When something in an iCalendar file is: a day, or a time on some clock."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from events.recurrence import instant

EARLIEST, LATEST = 1970, 2199
OUT_OF_RANGE = f"Dates lie between {EARLIEST} and {LATEST}."


class Unkeepable(ValueError):
    """This event cannot be kept; the message is for the person."""


@dataclass(frozen=True)
class Moment:
    """A date, or a wall-clock time in a zone; without one it is on the clock of whatever it belongs to.

    ``is_utc`` is whether it was written so.
    """

    local: datetime
    zone: str
    is_date: bool = False
    is_utc: bool = False

    def within(self, zone: str) -> datetime:
        """Its wall-clock time in ``zone``."""
        if self.is_date or self.zone in {"", zone}:
            return self.local
        shown = instant(self.local, self.zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        return in_range(shown)

    def day_within(self, zone: str) -> datetime:
        """Its day in ``zone``; midnight in UTC is how some programs write a day."""
        is_day = self.is_utc and self.local.time() == time.min
        return datetime.combine(self.local if is_day else self.within(zone), time.min)


def in_range(local: datetime) -> datetime:
    """``local`` itself. Raises Unkeepable."""
    if not EARLIEST <= local.year <= LATEST:
        raise Unkeepable(OUT_OF_RANGE)
    return local
