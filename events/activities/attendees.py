"""What is announced of those who are invited."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from events.activities.base import OfEvent


@dataclass(frozen=True, kw_only=True)
class AttendeeInvited(OfEvent, Fact, kind="attendee.invited"):
    """``user_id`` is one of the staff, or None for a guest reached at ``email``."""

    user_id: int | None
    email: str

    def sentence(self) -> str:
        return f"invited {self.email or 'a colleague'} to {self.title}"


@dataclass(frozen=True, kw_only=True)
class _OfAttendee(OfEvent):
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
class AttendeeUnseated(_OfAttendee, Fact, kind="attendee.unseated"):
    """Somebody who had a place on a date waits for one again: others were given it while that was left out or over."""

    def sentence(self) -> str:
        return f"has no place for {self.email or 'a colleague'} at {self.title} at present"


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
