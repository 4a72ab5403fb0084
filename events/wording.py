"""How days and times are said."""

from datetime import datetime

from django.utils.formats import date_format

LONG_DAY, SHORT_DAY = "l, j F Y", "D j M Y"


def day_words(local: datetime) -> str:
    """A date, like "Monday, 2 March 2026"."""
    return date_format(local, LONG_DAY)


def time_words(local: datetime) -> str:
    """A time of day, like "9:05 AM"."""
    return date_format(local, "g:i A")


def span_words(starts: datetime, ends: datetime, day_format: str = SHORT_DAY) -> str:
    """From when until when, like "Mon 9 Mar 2026, 9:00 AM to 10:00 AM"."""
    day, last = (date_format(each, day_format) for each in (starts, ends))
    until = time_words(ends)
    return f"{day}, {time_words(starts)} to {until if last == day else f'{last}, {until}'}"
