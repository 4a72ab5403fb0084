"""What the calendar providers have in common: local times, the zones' names, rules and clean text."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

MIDNIGHT = time(0)
DAY_MINUTES = 24 * 60
LONGEST_ID = 500
_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?", re.IGNORECASE)


class Unkeepable(Exception):
    """An event that can't be kept here; the message says why."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_name(name: str) -> str:
    """The IANA zone that ``name`` means, be it Microsoft's, or an IANA name behind a maker's own prefix; else empty."""
    parts = name.strip().strip("/").split("/")
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    known = next((tail for tail in tails if tail in _zones()), "")
    return known or WINDOWS_TO_OLSON.get(name.strip(), "")


def local_of(moment: datetime, zone: str) -> datetime:
    """What the wall clock in ``zone`` shows at ``moment``; a time without a zone is local already."""
    shown = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
    return shown.replace(tzinfo=None, microsecond=0, fold=0)


def instant_of(local: datetime, zone: str) -> datetime:
    """The instant in UTC; of a time that comes twice in autumn the first."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def midnight(day: date) -> datetime:
    """The local start of a whole day."""
    return datetime.combine(day, MIDNIGHT)


def whole_minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def local_until(rule: str, zone: str, *, all_day: bool) -> str:
    """``rule`` with its UNTIL as local time; of whole days, as a date."""

    def local(match: re.Match[str]) -> str:
        day, clock, is_utc = match.groups()
        if all_day or clock is None:
            return f"UNTIL={day}"
        read = datetime.strptime(f"{day}{clock}", "%Y%m%d%H%M%S")  # noqa: DTZ007  given its zone below
        shown = local_of(read.replace(tzinfo=UTC), zone) if is_utc else read
        return f"UNTIL={shown:%Y%m%dT%H%M%S}"

    try:
        return _UNTIL.sub(local, rule)
    except (ValueError, OverflowError):
        raise Unkeepable("Its rule ends at a time that there is not.") from None


def utc_until(rule: str, zone: str, *, all_day: bool) -> str:
    """``rule`` with its local UNTIL as RFC 5545 wants it beside a start with a zone: in UTC; of whole days, a date."""

    def utc(match: re.Match[str]) -> str:
        day, clock, _ = match.groups()
        if all_day:
            return f"UNTIL={day}"
        local = datetime.strptime(f"{day}{clock or '235959'}", "%Y%m%d%H%M%S")  # noqa: DTZ007  given its zone below
        return f"UNTIL={instant_of(local, zone):%Y%m%dT%H%M%SZ}"

    return _UNTIL.sub(utc, rule)


def clean(value: Any) -> str:
    """A text that every database keeps: nothing for what is none, without NUL and halves of characters."""
    text = value if isinstance(value, str) else ""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()
