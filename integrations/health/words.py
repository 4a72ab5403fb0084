"""How the reasons say numbers, spans and moments. Pure; moments are UTC, since everybody reads the same sentence."""

from datetime import UTC, datetime, timedelta


def counted(number: int, one: str, many: str = "") -> str:
    """``1 failure``, ``3 failures``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def span(length: timedelta) -> str:
    """Its largest unit: ``40 s``, ``12 min``, ``3 h``, ``2 days``."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"


def day(at: datetime) -> str:
    """``28 November``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B}"


def moment(at: datetime, now: datetime) -> str:
    """``14:03 UTC``, with the day where it is not today."""
    utc = at.astimezone(UTC)
    today = utc.date() == now.astimezone(UTC).date()
    return f"{utc:%H:%M} UTC" if today else f"{utc:%H:%M} UTC on {day(at)}"
