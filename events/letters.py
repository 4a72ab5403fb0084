"""What guests are written about an event, in words: subject, text and HTML."""

from dataclasses import dataclass
from datetime import timedelta

from django.template.loader import render_to_string

from events.models import Attendee, Event
from events.recurrence import Occurrence, describe, parse_rule
from events.wording import LONG_DAY, day_words, span_words, time_words

_SUBJECTS = {
    "invitation": "Invitation",
    "update": "Changed",
    "cancellation": "Cancelled",
    "place": "You have a place",
    "waiting": "You wait for a place",
}


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def write_letter(kind: str, event: Event, attendee: Attendee, *, link: str, date: Occurrence | None = None) -> Letter:
    """``kind`` is a key of _SUBJECTS; ``link`` leads to the page where the guest answers.

    It is about the whole event, or about one ``date`` of it.
    """
    about = {
        "kind": kind,
        "event": event,
        "attendee": attendee,
        "organiser": event.created_by,
        "when": when_on(event, date) if date else when(event),
        "repeats": "" if date else repeats(event),
        "link": link,
    }
    return Letter(
        subject=" ".join(f"{_SUBJECTS[kind]}: {event.title}".split()),
        text=render_to_string("events/invitation_email.txt", about),
        html=render_to_string("events/invitation_email.html", about),
    )


def when(event: Event) -> str:
    """Its first date, on the wall clock of its own zone."""
    ends = event.starts_at + timedelta(minutes=event.duration_minutes)
    if event.all_day:
        last = ends - timedelta(days=1)
        first = day_words(event.starts_at)
        return first if last <= event.starts_at else f"{first} to {day_words(last)}"
    return f"{span_words(event.starts_at, ends, LONG_DAY)} ({event.timezone})"


def when_on(event: Event, date: Occurrence) -> str:
    """One of its dates, on the wall clock of its own zone."""
    day = day_words(date.local_starts_at)
    return day if event.all_day else f"{day}, {time_words(date.local_starts_at)} ({event.timezone})"


def repeats(event: Event) -> str:
    """How it goes on, in plain words; empty for what happens once."""
    return describe(parse_rule(event.recurrence), event.starts_at) if event.recurrence else ""
