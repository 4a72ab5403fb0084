"""What is announced of events, of single dates of them, and of their reminders."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from events.activities.base import OfEvent


@dataclass(frozen=True, kw_only=True)
class EventCreated(OfEvent, Fact, kind="event.created"):
    """An event or a series was put into a calendar."""

    def sentence(self) -> str:
        return f"planned {self.title}"


@dataclass(frozen=True, kw_only=True)
class EventChanged(OfEvent, Fact, kind="event.changed"):
    """``changed`` names the fields; ``moved`` is whether any time did."""

    changed: tuple[str, ...]
    moved: bool

    def sentence(self) -> str:
        return f"{'moved' if self.moved else 'changed'} {self.title}"


@dataclass(frozen=True, kw_only=True)
class EventTransferred(OfEvent, Fact, kind="event.transferred"):
    """The event is in another calendar than before; those who see either are told, and of neither's name.

    ``title`` is empty where it is called otherwise there.
    """

    former_calendar_id: int

    def calendars(self) -> tuple[int, ...]:
        return (self.former_calendar_id, self.calendar_id)

    def sentence(self) -> str:
        return f"moved {self.title or 'an event'} to another calendar"


@dataclass(frozen=True, kw_only=True)
class EventCancelled(OfEvent, Fact, kind="event.cancelled"):
    """The event will not take place: its bookings are free again and nobody is reminded."""

    def sentence(self) -> str:
        return f"cancelled {self.title}"


@dataclass(frozen=True, kw_only=True)
class EventSplit(OfEvent, Fact, kind="event.split"):
    """A series ends before ``recurrence_id``; from there on it is another event, ``into_id``."""

    recurrence_id: str
    into_id: int

    def sentence(self) -> str:
        return f"changed {self.title} from {self.recurrence_id[:10]} on"


@dataclass(frozen=True, kw_only=True)
class _OfOccurrence(OfEvent):
    """``recurrence_id`` is the original local start of one date of a series, ISO 8601."""

    recurrence_id: str


@dataclass(frozen=True, kw_only=True)
class OccurrenceChanged(_OfOccurrence, Fact, kind="occurrence.changed"):
    """One date of a series differs now; ``changed`` names the fields; ``moved`` is whether any time did."""

    changed: tuple[str, ...]
    moved: bool

    def sentence(self) -> str:
        return f"{'moved' if self.moved else 'changed'} {self.title} on {self.recurrence_id[:10]}"


@dataclass(frozen=True, kw_only=True)
class OccurrenceCancelled(_OfOccurrence, Fact, kind="occurrence.cancelled"):
    """One date of a series will not take place."""

    def sentence(self) -> str:
        return f"cancelled {self.title} on {self.recurrence_id[:10]}"


@dataclass(frozen=True, kw_only=True)
class OccurrenceRestored(_OfOccurrence, Fact, kind="occurrence.restored"):
    """One date is as its series has it again; ``moved`` is whether that gave it another time, or brought it back."""

    moved: bool = True

    def sentence(self) -> str:
        return f"put {self.title} on {self.recurrence_id[:10]} back as it was"


@dataclass(frozen=True, kw_only=True)
class ReminderDue(Fact, kind="reminder.due"):
    """One person is to be reminded of one occurrence. Announced once per ``dedupe_key``.

    ``recurrence_id`` is the occurrence's local start in ``timezone``, ``starts_at`` the instant, both ISO 8601;
    ``channels`` are those the reminder asks for.
    """

    reminder_id: int | None
    event_id: int
    recurrence_id: str
    user_id: int
    title: str
    starts_at: str
    timezone: str
    minutes_before: int
    channels: tuple[str, ...]
    dedupe_key: str

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"{self.title} begins soon"
