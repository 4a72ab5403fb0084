"""Booking resources: the verbs, and what a booking may be refused by."""

from events.services.bookings.booking import (
    HORIZON,
    book_resource,
    book_resources,
    extend_bookings,
    insert_bookings,
    want_for_series,
)
from events.services.bookings.deciding import approve_booking, decline_booking, decline_rivals, lapse_request
from events.services.bookings.placing import Pair, booking_times, collisions, take_places
from events.services.bookings.refusals import (
    BookingBegun,
    BookingConflict,
    BookingDecided,
    BookingOver,
    CheckInClosed,
    NeedsApproval,
    NotHeld,
    OutsideBookableHours,
    OverlapsItself,
    ResourceOutOfUse,
    booking_conflict,
    refuse_unless_overlap,
)
from events.services.bookings.swapping import exchange_bookings, swap_resource
from events.services.bookings.telling import announce_taken
from events.services.bookings.using import (
    cancel_booking,
    check_in_booking,
    extend_booking,
    release_booking,
    release_no_show,
)

__all__ = [
    "HORIZON",
    "BookingBegun",
    "BookingConflict",
    "BookingDecided",
    "BookingOver",
    "CheckInClosed",
    "NeedsApproval",
    "NotHeld",
    "OutsideBookableHours",
    "OverlapsItself",
    "Pair",
    "ResourceOutOfUse",
    "announce_taken",
    "approve_booking",
    "book_resource",
    "book_resources",
    "booking_conflict",
    "booking_times",
    "cancel_booking",
    "check_in_booking",
    "collisions",
    "decline_booking",
    "decline_rivals",
    "exchange_bookings",
    "extend_booking",
    "extend_bookings",
    "insert_bookings",
    "lapse_request",
    "refuse_unless_overlap",
    "release_booking",
    "release_no_show",
    "swap_resource",
    "take_places",
    "want_for_series",
]
