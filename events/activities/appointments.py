"""What is announced of hours, and of what visitors book in them."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from estateman.common.rooms import OFFICE
from events.activities.base import OfEvent


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
class _OfAppointment(OfEvent):
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
