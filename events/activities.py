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
class EventSplit(_OfEvent, Fact, kind="event.split"):
    """A series ends before ``recurrence_id``; from there on it is another event, ``into_id``."""

    recurrence_id: str
    into_id: int

    def sentence(self) -> str:
        return f"changed {self.title} from {self.recurrence_id[:10]} on"


@dataclass(frozen=True, kw_only=True)
class _OfOccurrence(_OfEvent):
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
    """What was exceptional about one date was undone: it is as the series has it."""

    def sentence(self) -> str:
        return f"put {self.title} on {self.recurrence_id[:10]} back as it was"


@dataclass(frozen=True, kw_only=True)
class AttendeeInvited(_OfEvent, Fact, kind="attendee.invited"):
    """``user_id`` is one of the staff, or None for a guest reached at ``email``."""

    user_id: int | None
    email: str

    def sentence(self) -> str:
        return f"invited {self.email or 'a colleague'} to {self.title}"


@dataclass(frozen=True, kw_only=True)
class _OfAttendee(_OfEvent):
    """``user_id`` is one of the staff, or None for a guest reached at ``email``.

    ``recurrence_id`` is the local start of the one date that it is about, empty for the whole event.
    """

    user_id: int | None
    email: str
    recurrence_id: str = ""


@dataclass(frozen=True, kw_only=True)
class AttendeeResponded(_OfAttendee, Fact, kind="attendee.responded"):
    """Somebody said whether they come; ``waiting`` is a yes for which there is no place yet."""

    status: str

    def sentence(self) -> str:
        said = {
            "accepted": "accepted",
            "declined": "declined",
            "tentative": "may come to",
            "waiting": "waits for a place at",
        }
        return f"{said[self.status]} {self.title}"


@dataclass(frozen=True, kw_only=True)
class AttendeeSeated(_OfAttendee, Fact, kind="attendee.seated"):
    """Somebody who waited has a place now."""

    def sentence(self) -> str:
        return f"gave {self.email or 'a colleague'} a place at {self.title}"


@dataclass(frozen=True, kw_only=True)
class AttendeeRemoved(_OfAttendee, Fact, kind="attendee.removed"):
    """Somebody is not invited any more."""

    def sentence(self) -> str:
        return f"took {self.email or 'a colleague'} off {self.title}"


@dataclass(frozen=True, kw_only=True)
class AttendanceRecorded(_OfAttendee, Fact, kind="attendance.recorded"):
    """Somebody came on one date, or did not: ``status`` is present or absent."""

    status: str

    def sentence(self) -> str:
        return f"noted {self.email or 'a colleague'} as {self.status} at {self.title}"


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
class ResourceRequested(ResourceBooked, kind="resource.requested"):
    """A resource that takes approval was asked for, for ``occurrences`` dates of an event."""

    def sentence(self) -> str:
        times = "" if self.occurrences == 1 else f" {self.occurrences} times"
        return f"asked for {self.resource}{times} for {self.title}"


@dataclass(frozen=True, kw_only=True)
class _OfBooking(_OfEvent):
    """Whatever befalls the booking of one occurrence; ``user_id`` is whoever booked it."""

    booking_id: int
    resource_id: int
    resource: str
    recurrence_id: str
    user_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BookingCancelled(_OfBooking, Fact, kind="booking.cancelled"):
    """A resource is free again at the time of one occurrence, or is not asked for any more."""

    def sentence(self) -> str:
        return f"gave back {self.resource}, booked for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingApproved(_OfBooking, Fact, kind="booking.approved"):
    """A request was approved and holds its time now."""

    def sentence(self) -> str:
        return f"approved {self.resource} for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingDeclined(_OfBooking, Fact, kind="booking.declined"):
    """A request was declined; ``rival`` is whether because another one was approved."""

    rival: bool = False

    def sentence(self) -> str:
        return f"declined {self.resource} for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingCheckedIn(_OfBooking, Fact, kind="booking.checked_in"):
    """Somebody came, so it stays booked."""

    def sentence(self) -> str:
        return f"checked in to {self.resource} for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingReleased(_OfBooking, Fact, kind="booking.released"):
    """What was left of a booking is free again; ``no_show`` is whether nobody had come."""

    no_show: bool

    def sentence(self) -> str:
        return f"released {self.resource}, booked for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingExtended(_OfBooking, Fact, kind="booking.extended"):
    """A booking lasts ``minutes`` longer than it did."""

    minutes: int

    def sentence(self) -> str:
        return f"keeps {self.resource} for {self.minutes} more minutes for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingSwapped(_OfBooking, Fact, kind="booking.swapped"):
    """The booking is of another resource than before, which was ``former``."""

    former_id: int
    former: str

    def sentence(self) -> str:
        return f"took {self.resource} instead of {self.former} for {self.title}"


@dataclass(frozen=True, kw_only=True)
class BookingInBlackout(_OfBooking, Fact, kind="booking.in_blackout"):
    """A resource cannot be used at a time for which it was booked already; the booking waits for somebody to act."""

    reason: str

    def sentence(self) -> str:
        return f"blocked {self.resource}, booked for {self.title}"


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


@dataclass(frozen=True, kw_only=True)
class _OfBlackout:
    """Times are instants, ISO 8601; all staff may know."""

    resource_id: int
    resource: str
    blackout_id: int
    starts_at: str
    ends_at: str
    reason: str

    def rooms(self) -> tuple[str, ...]:
        return (OFFICE,)


@dataclass(frozen=True, kw_only=True)
class BlackoutAdded(_OfBlackout, Fact, kind="blackout.added"):
    """A resource cannot be booked for a time."""

    def sentence(self) -> str:
        return f"blocked {self.resource} for a time"


@dataclass(frozen=True, kw_only=True)
class BlackoutRemoved(_OfBlackout, Fact, kind="blackout.removed"):
    """It can be booked again."""

    def sentence(self) -> str:
        return f"opened {self.resource} again"


@dataclass(frozen=True, kw_only=True)
class HoursChanged(Fact, kind="hours.changed"):
    """Somebody works at other times than before, or is away; why is theirs to tell."""

    user_id: int
    user: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"{self.change} of {self.user}"


@dataclass(frozen=True, kw_only=True)
class BookingPageChanged(Fact, kind="booking_page.changed"):
    """A page on which appointments are booked was opened, changed or deleted."""

    page_id: int
    page: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (OFFICE,)

    def sentence(self) -> str:
        return f"{self.change} the booking page {self.page}"


@dataclass(frozen=True, kw_only=True)
class _OfAppointment(_OfEvent):
    """Seen in the calendar's room and by the host. ``starts_at`` is the instant, ISO 8601."""

    appointment_id: int
    page_id: int
    host_id: int
    visitor: str
    starts_at: str

    def rooms(self) -> tuple[str, ...]:
        return (f"calendar:{self.calendar_id}", f"user:{self.host_id}")


@dataclass(frozen=True, kw_only=True)
class AppointmentBooked(_OfAppointment, Fact, kind="appointment.booked"):
    """A visitor booked an appointment."""

    def sentence(self) -> str:
        return f"{self.title} was booked by the visitor"


@dataclass(frozen=True, kw_only=True)
class AppointmentMoved(_OfAppointment, Fact, kind="appointment.moved"):
    """It is at another time now."""

    def sentence(self) -> str:
        return f"{self.title} was moved by the visitor"


@dataclass(frozen=True, kw_only=True)
class AppointmentCancelled(_OfAppointment, Fact, kind="appointment.cancelled"):
    """It does not take place."""

    def sentence(self) -> str:
        return f"{self.title} was cancelled by the visitor"


@dataclass(frozen=True, kw_only=True)
class CalendarSyncFailed(Fact, kind="calendar.sync_failed"):
    """A calendar that was kept the same as one outside is no more; ``user_id`` is whose link it is.

    Told once, until a run goes well again.
    """

    link_id: int
    calendar_id: int
    calendar: str
    user_id: int
    detail: str

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"{self.calendar} could not be synchronised: {self.detail}"
