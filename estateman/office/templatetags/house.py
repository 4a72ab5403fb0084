"""What the pages' templates say again and again: an icon, a face, a day."""

from datetime import date, datetime, time
from typing import Protocol

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

HUES = 6
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of static/icons.svg, for the eye only: what it means must stand beside it as text."""
    drawing = '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return format_html(drawing, f"icon {css}".strip(), static("icons.svg"), name)


class Person(Protocol):
    """Anybody with an id and a name."""

    id: int
    name: str


@register.simple_tag
def avatar(person: Person, css: str = "") -> SafeString:
    """Someone's initials on a colour that stays theirs; the name is its title."""
    words = person.name.split() or ["?"]
    initials = "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()
    face = (
        '<span class="{}" data-hue="{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>'
    )
    return format_html(face, f"avatar {css}".strip(), person.id % HUES, person.name, initials, person.name)


@register.filter
def day(value: date | None) -> str:
    """A day as people say it, seen from the reader's today: "today", "Friday", "3 Dec"."""
    if value is None:
        return ""
    distance = (value - timezone.localdate()).days
    if distance in _NEAR:
        return _NEAR[distance]
    if 1 < distance < 7:
        return date_format(value, "l")
    same_year = value.year == timezone.localdate().year
    return date_format(value, "j M" if same_year else "j M Y")


@register.filter
def moment(value: datetime) -> str:
    """An instant in the reader's zone: "9:05 AM" today, else with its day."""
    local = timezone.localtime(value)
    time = date_format(local, "g:i A")
    return time if local.date() == timezone.localdate() else f"{day(local.date())}, {time}"


@register.filter
def first_word(person: object) -> str:
    """What people are greeted by: "Maria" of "Maria Harbour"."""
    return str(person).split()[0]


@register.filter
def clock(value: datetime) -> str:
    """The time of day in the reader's zone: "9:05 AM"."""
    return date_format(timezone.localtime(value), "g:i A")


@register.filter
def duration(seconds: int) -> str:
    """Seconds as people say them: "2 h 5 min", "12 min"."""
    return minutes(seconds // 60)


@register.filter
def minutes(value: int) -> str:
    """Minutes as people say them: "2 h 5 min", "12 min"."""
    hours, rest = divmod(value, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


@register.filter
def hours(seconds: int) -> str:
    """Seconds as a timesheet has them: "2:05"."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}"


@register.filter
def percent(share: float | None) -> str:
    """A share of 1 as "83 %", and a dash where there is none."""
    return "—" if share is None else f"{share:.0%}".replace("%", " %")


@register.filter
def lead(value: int) -> str:
    """How long before a start, in minutes, as people say it: "30 min before", "1 day before"."""
    if not value:
        return "at the start"
    days, rest = divmod(value, 24 * 60)
    return f"{days} day{'s' if days > 1 else ''} before" if days and not rest else f"{minutes(value)} before"


@register.filter
def time_of_day(value: int) -> str:
    """Minutes after midnight as a time: "9:30 AM"; the end of a day is "midnight"."""
    return "midnight" if value == 24 * 60 else time_format(time(*divmod(value, 60)), "g:i A")
