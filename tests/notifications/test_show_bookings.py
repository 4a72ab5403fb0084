# ruff: noqa: DTZ001  a local start has no zone
"""Whoever looks at what is taken is told to look again, and not for what it is taken."""

from datetime import datetime

import pytest
from asgiref.sync import sync_to_async
from knox.models import AuthToken

from estateman.activity.reactions import react
from events import services
from tests.support.socket import SocketClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_afterwards")]

AGAIN = {"type": "room", "room": "office", "kind": "bookings.changed", "data": {}}
MONDAY = datetime(2030, 3, 4, 9)


@pytest.fixture
def token(stranger) -> str:
    """Of somebody who sees neither the calendar nor the event."""
    return str(AuthToken.objects.create(stranger)[1])


@pytest.fixture
def event(agent):
    calendar = services.create_calendar(name="Alex", timezone="America/New_York", by=agent)
    return services.create_event(calendar, title="Secret", starts_at=MONDAY, by=agent)


@pytest.fixture
def room(manager):
    return services.create_resource(name="Viewing room", kind="room", by=manager)


@pytest.fixture
def booking(event, room, agent):
    return services.book_resource(event, room, by=agent)[0]


async def whispers(token, act):
    """What those in the office hear of ``act``: whether there is anything, and the frame."""
    await sync_to_async(react)()
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await socket.say(type="subscribe", room="office", ref="s")
        await socket.expect("reply")
        await sync_to_async(act)()
        await sync_to_async(react)()
        return None if await socket.is_silent() else await socket.hear()


@pytest.mark.parametrize(
    "act",
    [
        lambda booking, by: services.cancel_booking(booking, by=by),
        lambda booking, by: services.edit_event(booking.event, changes={"starts_at": MONDAY.replace(hour=14)}, by=by),
        lambda booking, by: services.cancel_event(booking.event, by=by),
    ],
    ids=["given back", "moved", "cancelled"],
)
async def test_all_staff_are_told_to_look_again_and_nothing_else(act, token, booking, agent):
    assert await whispers(token, lambda: act(booking, agent)) == AGAIN


async def test_so_they_are_of_what_is_booked(token, event, room, agent):
    assert await whispers(token, lambda: services.book_resource(event, room, by=agent)) == AGAIN


async def test_what_has_no_bookings_tells_nobody(token, event, agent):
    act = lambda: services.edit_event(event, changes={"title": "Another"}, by=agent)  # noqa: E731
    assert await whispers(token, act) is None
