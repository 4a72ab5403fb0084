"""A booking page as its visitors meet it: an hour with the agent, on Mondays from nine to one in New York."""

from datetime import UTC, datetime
from typing import Any

from estateman.people.models import User
from events.appointments import offers
from events.models import Appointment, BookingPage
from events.services import book_appointment, create_booking_page, set_hours

VISITOR = {"name": "Sarah Seller", "email": "Seller@Example.com", "timezone": "Europe/London"}
MONDAY, TUESDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    """In UTC; New York is five hours behind."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def open_page(agent: User) -> BookingPage:
    set_hours(agent, weekly={0: [(540, 780)]}, by=agent)
    return create_booking_page(
        slug="valuation", title="Valuation", duration_minutes=60, step_minutes=60, notice_minutes=60, by=agent
    )


def change(page: BookingPage, **fields: Any) -> None:
    BookingPage.objects.filter(pk=page.pk).update(**fields)
    page.refresh_from_db()


def open_on_monday(page: BookingPage, **narrowed: Any) -> list[str]:
    return [f"{offer.starts_at:%H:%M}" for offer in offers(page, MONDAY, TUESDAY, **narrowed)]


def book(page: BookingPage, starts_at: datetime | None = None, **visitor: Any) -> Appointment:
    return book_appointment(page, starts_at=starts_at or at(14), **{**VISITOR, **visitor})
