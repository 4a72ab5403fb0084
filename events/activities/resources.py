"""What is announced of resources and their bookings."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from estateman.common.rooms import OFFICE
from events.activities.base import OfEvent


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
class ResourceBooked(OfEvent, Fact, kind="resource.booked"):
    """A resource was booked for ``occurrences`` dates of an event, the first of them at ``recurrence_id``."""

    resource_id: int
    resource: str
    occurrences: int
    recurrence_id: str = ""

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
class _OfBooking(OfEvent):
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
    """A request was declined: because another one was approved (``rival``), or nobody decided in time (``lapsed``)."""

    rival: bool = False
    lapsed: bool = False

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
