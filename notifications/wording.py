"""How notifications say days, times and spans. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def day(iso: str) -> str:
    """``2026-12-03`` as "Thursday 3 December"."""
    on = date.fromisoformat(iso)
    return f"{on:%A} {on.day} {on:%B}"


def moment(iso: str, zone: str) -> str:
    """An instant as it is lived in ``zone``: "Thursday 3 December, 3:00 PM (New York)"."""
    at = datetime.fromisoformat(iso).astimezone(ZoneInfo(zone))
    time = f"{at:%I:%M %p}".lstrip("0")
    return f"{day(at.date().isoformat())}, {time} ({zone.rpartition('/')[2].replace('_', ' ')})"


def lead_time(minutes: int) -> str:
    """How far ahead something is: "now", "in 15 minutes", "in 1 h 30 min", "in 2 days"."""
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if minutes == 0:
        return "now"
    if days and not hours and not rest:
        return f"in {counted(days, 'day')}"
    if not rest:
        return f"in {counted(minutes // 60, 'hour')}"
    return f"in {minutes // 60} h {rest} min" if minutes > 60 else f"in {counted(minutes, 'minute')}"


def counted(number: int, word: str) -> str:
    """ "1 day", "2 days"."""
    return f"{number} {word}{'s' * (number != 1)}"
