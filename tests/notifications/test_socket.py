"""The live socket: who may open it, what it says, and that nothing is lost or doubled."""

import asyncio
from dataclasses import dataclass

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from knox.models import AuthToken

from estateman.activity.facts import Fact
from estateman.activity.reactions import react
from estateman.activity.services import announce
from estateman.common.clock import now
from estateman.live import hub as live_hub
from estateman.people.models import Team
from notifications import consumers, live
from notifications.models import Category, Notification, UserStream
from notifications.services import Message, notify
from tests.support.socket import SITE, SocketClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_afterwards")]


@dataclass(frozen=True, kw_only=True)
class DoorOpened(Fact, kind="test.door_opened"):
    room: str

    def rooms(self) -> tuple[str, ...]:
        return (self.room,)

    def sentence(self) -> str:
        return "opened the door"


@pytest.fixture
def token(agent) -> str:
    return str(AuthToken.objects.create(agent)[1])


_told = iter(range(1_000_000))


def tell_now(user, title: str = "Something happened") -> Notification:
    number = next(_told)
    return notify([user.pk], Message(kind="test", category=Category.TASKS, title=title, dedupe_key=f"test:{number}"))[0]


tell = sync_to_async(tell_now)


async def test_hello_says_where_the_stream_stands(agent, token):
    await tell(agent)
    async with SocketClient(token=token) as socket:
        hello = await socket.expect("hello")
    assert (hello["user"], hello["seq"], hello["oldest"], hello["unread"], hello["resume"]) == (
        agent.pk,
        1,
        1,
        1,
        "new",
    )


async def test_a_notification_arrives_with_its_seq_and_the_absolute_unread_count(agent, token):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await tell(agent, "Sign the lease")
        event = await socket.expect("event")
    assert (event["seq"], event["kind"], event["unread"]) == (1, "notification.created", 1)
    assert event["data"]["title"] == "Sign the lease"


async def test_events_arrive_in_order_however_many_are_told_at_once(agent, token, in_threads):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await sync_to_async(in_threads)(4, lambda _: [tell_now(agent) for _ in range(25)])
        seqs = [(await socket.expect("event"))["seq"] for _ in range(100)]
        assert await socket.is_silent()
    assert seqs == list(range(1, 101))


@pytest.mark.parametrize("how", ["frame", "url"])
async def test_a_dropped_socket_resumes_and_gets_exactly_what_it_missed(agent, token, how):
    await tell(agent)
    async with SocketClient(token=token) as socket:
        hello = await socket.expect("hello")
    missed = [(await tell(agent)).seq for _ in range(3)]
    path = f"/ws/me?epoch={hello['epoch']}&since={hello['seq']}" if how == "url" else "/ws/me"
    async with SocketClient(path, token=token) as socket:
        again = await socket.expect("hello")
        if how == "frame":
            await socket.say(type="resume", epoch=hello["epoch"], last_seq=hello["seq"])
        assert again["resume"] == ("ok" if how == "url" else "new")
        assert [(await socket.expect("event"))["seq"] for _ in range(3)] == missed
        assert await socket.expect("replayed") == {"type": "replayed", "from": 2, "to": 4}
        assert await socket.is_silent()


async def test_a_long_absence_is_replayed_without_counting_as_a_slow_reader(agent, token, monkeypatch):
    monkeypatch.setattr(live, "BATCH", 7)
    for _ in range(30):
        await tell(agent)
    epoch = (await UserStream.objects.aget(user=agent)).epoch
    async with SocketClient(f"/ws/me?epoch={epoch}&since=0", token=token) as socket:
        await socket.expect("hello")
        assert [(await socket.expect("event"))["seq"] for _ in range(30)] == list(range(1, 31))


@pytest.mark.parametrize(
    ("epoch", "last_seq"),
    [("00000000-0000-0000-0000-000000000000", 1), ("no epoch", 1), (None, 99), (None, 0)],
    ids=["another epoch", "not an epoch", "from the future", "pruned since"],
)
async def test_what_can_not_be_replayed_is_a_gap_that_says_where_to_fetch(agent, token, epoch, last_seq):
    await tell(agent)
    await tell(agent)
    await UserStream.objects.filter(user=agent).aupdate(pruned_upto=1)
    async with SocketClient(token=token) as socket:
        hello = await socket.expect("hello")
        await socket.say(type="resume", epoch=epoch or hello["epoch"], last_seq=last_seq)
        gap = await socket.expect("gap")
    assert gap == {"type": "gap", "oldest": 2, "seq": 2, "fetch": f"/api/v1/notifications?after_seq={last_seq}"}


async def test_a_lost_hint_is_made_good_by_the_sweep(agent, token, monkeypatch):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        with monkeypatch.context() as patch:
            patch.setattr("notifications.services.send_hint", lambda *args, **about: None)
            await tell(agent)
        assert await socket.is_silent()
        await live.heal(live_hub.hub())
        assert (await socket.expect("event"))["seq"] == 1


async def test_reading_on_one_tab_shows_on_the_other_with_the_absolute_count(agent, token):
    first, _ = await tell(agent), await tell(agent)
    async with SocketClient(token=token) as one, SocketClient(token=token) as other:
        await one.expect("hello")
        await other.expect("hello")
        await one.say(type="read", ids=[first.pk], ref="r")
        assert (await one.expect("reply"))["data"] == {"marked": 1}
        frame = await other.hear()
    assert (frame["kind"], frame["data"]) == ("notification.read", {"ids": [first.pk], "unread": 1})


async def test_nobody_reads_another_persons_notifications(agent, stranger, token):
    theirs = await tell(stranger)
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await socket.say(type="read", ids=[theirs.pk], ref="r")
        assert (await socket.expect("reply"))["data"] == {"marked": 0}
    await theirs.arefresh_from_db()
    assert theirs.read_at is None


async def test_a_room_is_heard_after_subscribing_and_by_nobody_else(agent, stranger, token):
    team = await Team.objects.acreate(name="Sales")
    await team.members.aadd(agent)
    _, outsider = await sync_to_async(AuthToken.objects.create)(stranger)
    room = f"team:{team.pk}"
    async with SocketClient(token=token) as member, SocketClient(token=outsider) as other:
        for socket in (member, other):
            await socket.expect("hello")
            await socket.say(type="subscribe", room=room, ref="s")
        assert (await member.expect("reply"))["ok"]
        assert (await other.expect("reply"))["error"]["code"] == "not_found"
        await sync_to_async(announce)(DoorOpened(by_id=agent.pk, room=room))
        await sync_to_async(react)()
        frame = await member.hear()
        assert (frame["type"], frame["room"], frame["kind"]) == ("room", room, "test.door_opened")
        assert frame["data"]["actor"] == {"id": agent.pk, "name": agent.name}
        assert await other.is_silent()


async def test_what_happened_between_reading_and_entering_is_said(agent, token):
    read_at = now()
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")

        async def enter(**asked):
            await socket.say(type="subscribe", room="office", ref="s", **asked)
            return (await socket.expect("reply"))["data"]

        assert (await enter())["missed"] is False
        assert (await enter(since=read_at.isoformat()))["missed"] is False
        await sync_to_async(announce)(DoorOpened(by_id=agent.pk, room="user:0"))
        assert (await enter(since=read_at.isoformat()))["missed"] is False
        await sync_to_async(announce)(DoorOpened(by_id=agent.pk, room="office"))
        entered = await enter(since=read_at.isoformat())
        assert entered["missed"] is True
        assert (await enter(since=entered["at"]))["missed"] is False


async def test_who_loses_a_room_hears_no_more_from_it(agent, token, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.05)
    team = await Team.objects.acreate(name="Sales")
    await team.members.aadd(agent)
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await socket.say(type="subscribe", room=f"team:{team.pk}", ref="s")
        assert (await socket.expect("reply"))["ok"]
        await team.members.aremove(agent)
        while live_hub.hub().members(f"team:{team.pk}"):
            await asyncio.sleep(0.01)
        await sync_to_async(announce)(DoorOpened(by_id=agent.pk, room=f"team:{team.pk}"))
        await sync_to_async(react)()
        assert await socket.is_silent()


async def test_typing_needs_a_subscription_and_reaches_the_room(agent, token):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await socket.say(type="typing", room="office", ref="t")
        assert (await socket.expect("reply"))["error"]["code"] == "not_subscribed"
        await socket.say(type="subscribe", room="office")
        await socket.say(type="typing", room="office")
        assert (await socket.expect("typing"))["user"]["id"] == agent.pk


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_json"),
        ("[]", "bad_json"),
        ("[" * 60_000, "bad_json"),
        ('{"type":"fly"}', "unknown_type"),
        ('{"type":["ping"]}', "unknown_type"),
        ("{}", "unknown_type"),
        ('{"x":"' + "é" * 40_000 + '"}', "too_large"),
        ('{"type":"read","ids":"all"}', "bad_json"),
        ('{"type":"read","ids":[true]}', "bad_json"),
        ('{"type":"resume","epoch":1,"last_seq":-1}', "bad_json"),
        ('{"type":"ack","seq":1e3}', "bad_json"),
        ('{"type":"subscribe","room":7}', "bad_json"),
        ('{"type":"subscribe","room":"project:99999999999999999999"}', "not_found"),
        ('{"type":"subscribe","room":"team:\u0661"}', "not_found"),
        ('{"type":"subscribe","room":"office","since":7}', "bad_json"),
        ('{"type":"subscribe","room":"office","since":"2026-03-02T09:00:00"}', "bad_json"),
        ('{"type":"subscribe","room":"office","since":"0001-01-01T00:00:00+14:00"}', "bad_json"),
        ('{"type":"subscribe","room":"office","since":{}}', "bad_json"),
        ('{"type":"unsubscribe","room":"office"}', "not_subscribed"),
    ],
)
async def test_nonsense_gets_an_error_and_the_socket_stays_open(agent, token, text, code):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await socket.communicator.send_to(text_data=text)
        error = await socket.hear()
        assert (error.get("error") or {}).get("code") == code
        await socket.say(type="ping", ref="9")
        assert await socket.expect("pong") == {"type": "pong", "ref": "9"}


async def test_a_flood_is_slowed_and_then_closed(agent, token):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        for _ in range(200):
            await socket.say(type="ping")
        kinds = set()
        while (frame := await socket.hear())["type"] != "closed":
            kinds.add(frame["type"])
        assert (kinds, frame["code"]) == ({"pong", "error"}, 4429)


async def test_a_slow_reader_is_closed_with_4508_and_holds_nobody_up(agent, token):
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        connection = next(iter(live_hub.hub().members(f"user:{agent.pk}")))
        connection._limit = 5
        for _ in range(10):
            connection.offer("{}")
        frames = [await socket.hear()]
        while frames[-1]["type"] != "closed":
            frames.append(await socket.hear())
    assert frames[-1]["code"] == 4508


@pytest.mark.parametrize(
    ("path", "offer", "code"),
    [("/ws/me", "", 4401), ("/ws/me", "nonsense", 4401), ("/ws/999999", "good", 4403)],
    ids=["nobody", "a made-up token", "somebody else's socket"],
)
async def test_the_wrong_person_is_told_why_and_closed(agent, token, path, offer, code):
    async with SocketClient(path, token=token if offer == "good" else offer) as socket:
        assert (await socket.hear())["type"] == "error"
        assert await socket.hear() == {"type": "closed", "code": code}


async def test_too_many_sockets_of_one_person_are_refused(agent, token, monkeypatch):
    monkeypatch.setattr(consumers, "MOST_SOCKETS", 1)
    async with SocketClient(token=token) as first:
        await first.expect("hello")
        async with SocketClient(token=token) as second:
            await second.hear()
            assert await second.hear() == {"type": "closed", "code": 4409}


def _cookie(user) -> bytes:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}".encode()


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [(SITE, True), (b"http://evil.example", False), (b"null", False), (b"", False), (None, False)],
)
async def test_a_page_session_needs_our_own_origin(agent, origin, welcome):
    headers = {b"cookie": await sync_to_async(_cookie)(agent), b"host": b"127.0.0.1:8000"}
    if origin is not None:
        headers[b"origin"] = origin
    socket = SocketClient(headers=headers)
    accepted, _ = await socket.communicator.connect()
    assert accepted is welcome
    if welcome:
        assert (await socket.expect("hello"))["user"] == agent.pk
        await socket.communicator.disconnect()


async def test_a_ticket_opens_one_socket_once(agent, token, client):
    made = await sync_to_async(client.post)(
        "/api/v1/notifications/ws-ticket", headers={"authorization": f"Bearer {token}"}
    )
    offer = ["estateman.v1", f"ticket.{made.json()['ticket']}"]
    async with SocketClient(subprotocols=offer) as socket:
        assert socket.answer == "estateman.v1"
        assert (await socket.expect("hello"))["user"] == agent.pk
    async with SocketClient(subprotocols=offer) as socket:
        await socket.hear()
        assert await socket.hear() == {"type": "closed", "code": 4401}


async def test_signing_out_closes_the_sockets_that_stood_on_it_and_no_others(agent, token, client):
    _, other_token = await sync_to_async(AuthToken.objects.create)(agent)
    async with SocketClient(token=token) as gone, SocketClient(token=other_token) as stays:
        await gone.expect("hello")
        await stays.expect("hello")
        await sync_to_async(client.post)("/api/v1/auth/logout", headers={"authorization": f"Bearer {token}"})
        assert await gone.hear() == {"type": "closed", "code": 4401}
        assert await stays.is_silent()


async def test_a_deactivated_person_is_closed_at_the_next_check(agent, token, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.05)
    async with SocketClient(token=token) as socket:
        await socket.expect("hello")
        await type(agent).objects.filter(pk=agent.pk).aupdate(is_active=False)
        assert await socket.hear() == {"type": "closed", "code": 4401}
