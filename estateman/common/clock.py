"""Time as people live it: instants are UTC, a person's day is the day in their zone."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils import timezone


def now() -> datetime:
    """This instant, aware, in UTC."""
    return timezone.now()


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day that ``instant`` falls on for someone living in the IANA ``zone``."""
    return instant.astimezone(ZoneInfo(zone)).date()


def validate_zone(name: str) -> None:
    """Field validator: raises ValidationError unless ``name`` is an IANA time zone."""
    if name not in _zones():
        raise ValidationError(f"{name} is not a known time zone, like America/New_York.", code="unknown_timezone")


@cache
def _zones() -> frozenset[str]:
    """Found by reading through the whole database of zones, so once."""
    return frozenset(available_timezones())
