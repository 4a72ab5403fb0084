"""What a client's frame says, field by field."""

from datetime import UTC, datetime

from estateman.live.hub import Frame


class Refused(Exception):
    """What a client asked for can't be done; it is told and the socket stays open."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def room_in(frame: Frame) -> str:
    """Raises Refused."""
    room = frame.get("room")
    if not isinstance(room, str) or len(room) > 80:
        raise Refused("bad_json", "room must be a room's name, like project:12.")
    return room


def moment_in(frame: Frame, name: str) -> datetime | None:
    """None where it is not given. Raises Refused."""
    value = frame.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Refused("bad_json", f"{name} must be a moment, like 2026-03-02T09:00:00Z.") from None


def whole_number_in(frame: Frame, name: str) -> int:
    """From zero to what the database can hold. Raises Refused."""
    value = frame.get(name)
    if type(value) is not int or not 0 <= value < 2**63:
        raise Refused("bad_json", f"{name} must be a whole number.")
    return value
