"""What events announce."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from estateman.common.rooms import OFFICE


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Fact, kind="calendar.changed"):
    """A calendar was made, changed, shared or put away; ``change`` is the verb the feed uses."""

    calendar_id: int
    calendar: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (f"calendar:{self.calendar_id}",)

    def sentence(self) -> str:
        return f"{self.change} {self.calendar}"


@dataclass(frozen=True, kw_only=True)
class _OfEvent:
    """Whatever befalls one event is seen in its calendar's room."""

    event_id: int
    calendar_id: int
    title: str

    def rooms(self) -> tuple[str, ...]:
        return (f"calendar:{self.calendar_id}",)


@dataclass(frozen=True, kw_only=True)
class EventCreated(_OfEvent, Fact, kind="event.created"):
    """An event or a series was put into a calendar."""

    def sentence(self) -> str:
        return f"planned {self.title}"


@dataclass(frozen=True, kw_only=True)
class EventChanged(_OfEvent, Fact, kind="event.changed"):
    """``changed`` names the fields; ``moved`` is whether any time did."""

    changed: tuple[str, ...]
    moved: bool

    def sentence(self) -> str:
        return f"{'moved' if self.moved else 'changed'} {self.title}"


@dataclass(frozen=True, kw_only=True)
class EventCancelled(_OfEvent, Fact, kind="event.cancelled"):
    """The event will not take place: its bookings are free again and nobody is reminded."""

    def sentence(self) -> str:
        return f"cancelled {self.title}"


@dataclass(frozen=True, kw_only=True)
class AttendeeInvited(_OfEvent, Fact, kind="attendee.invited"):
    """``user_id`` is one of the staff, or None for a guest reached at ``email``."""

    user_id: int | None
    email: str

    def sentence(self) -> str:
        return f"invited {self.email or 'a colleague'} to {self.title}"


@dataclass(frozen=True, kw_only=True)
class AttendeeResponded(_OfEvent, Fact, kind="attendee.responded"):
    """One of the staff said whether they come."""

    user_id: int
    status: str

    def sentence(self) -> str:
        said = {"accepted": "accepted", "declined": "declined", "tentative": "may come to"}
        return f"{said.get(self.status, 'thinks about')} {self.title}"


@dataclass(frozen=True, kw_only=True)
class ResourceBooked(_OfEvent, Fact, kind="resource.booked"):
    """A resource was booked for ``occurrences`` dates of an event."""

    resource_id: int
    resource: str
    occurrences: int

    def sentence(self) -> str:
        times = "" if self.occurrences == 1 else f" {self.occurrences} times"
        return f"booked {self.resource}{times} for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingCancelled(_OfEvent, Fact, kind="booking.cancelled"):
    """A resource is free again at the time of one occurrence."""

    booking_id: int
    resource_id: int
    resource: str
    recurrence_id: str

    def sentence(self) -> str:
        return f"gave back {self.resource}, booked for {self.title}"


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


@dataclass(frozen=True, kw_only=True)
class ResourceChanged(Fact, kind="resource.changed"):
    """Something bookable was added or changed; all staff may know."""

    resource_id: int
    resource: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (OFFICE,)

    def sentence(self) -> str:
        return f"{self.change} {self.resource}"
