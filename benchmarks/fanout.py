"""Fan-out: how many frames a server delivers to the sockets of one room per second of its own CPU time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from benchmarks.audience import Audience, Ears
from benchmarks.figures import Figure, Section, median_ratio
from benchmarks.processes import ENVIRONMENT, Stacks, asked, cpu_seconds, hire_staff, running
from benchmarks.servers.frame import BYTES, ROOM
from tools.throwaway import LOOPBACK, CannotStart, free_port

SOCKETS = 500
PEOPLE = 50
ROUNDS = 5
BARE = "bare websockets"
UNIT = "deliveries/CPU-s"
SUBSCRIBE = json.dumps({"type": "subscribe", "room": ROOM, "ref": "1"})


@dataclass
class Peer:
    """A server to measure. ``frames`` per burst: the slower ones get fewer, so that a round stays short."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    frames: int
    against: Sequence[str] = ()
    headers: Sequence[Sequence[str]] = ((),) * SOCKETS
    greeting: int = 0
    words: str = ""
    port: int = field(default_factory=free_port)
    rates: list[float] = field(default_factory=list)

    @property
    def arguments(self) -> list[str]:
        return [part.format(port=self.port) for part in self.command]


def measure(stacks: Stacks) -> Section:
    """All servers stand with their sockets open while the bursts go round among them."""
    peers = list(_ours(stacks)) + list(_stock("in memory", ENVIRONMENT)) + [_bare()]
    left_out = []
    try:
        peers += _stock("over Redis", {**ENVIRONMENT, "REDIS_URL": stacks.redis_url})
    except CannotStart as why:
        left_out.append(str(why))
    with ExitStack() as stack:
        ears = Ears()
        stack.callback(ears.close)
        audiences = [stack.enter_context(_filled(peer, ears)) for peer in peers]
        for number in range(ROUNDS + 1):
            for peer, audience in zip(peers, audiences, strict=True):
                rate = _burst(peer, audience)
                if number:  # the first round warms up
                    peer.rates.append(rate)
    title = f"fanout: {SOCKETS} sockets in one room, frames of {BYTES} bytes; median of {ROUNDS}"
    return Section(title=title, figures=list(_figures(peers)), left_out=left_out)


@contextmanager
def _filled(peer: Peer, ears: Ears) -> Iterator[Audience]:
    """The peer's server, running, with all its sockets open."""
    with running(peer.arguments, peer.env, port=peer.port):
        audience = Audience(ears)
        audience.fill(peer.port, "/ws/me", peer.headers, greeting=peer.greeting, words=peer.words)
        yield audience


def _burst(peer: Peer, audience: Audience) -> float:
    before = cpu_seconds(peer.port)
    connection = asked(peer.port, f"/benchmark/broadcast?frames={peer.frames}")
    audience.expect(peer.frames)
    connection.getresponse().read()
    connection.close()
    return peer.frames * SOCKETS / (cpu_seconds(peer.port) - before)


def _figures(peers: Sequence[Peer]) -> Iterator[Figure]:
    rates = {peer.name: peer.rates for peer in peers}
    for peer in peers:
        ratios = {name: median_ratio(peer.rates, rates[name]) for name in peer.against if name in rates}
        yield Figure(peer=peer.name, value=median(peer.rates), unit=UNIT, ratios=ratios)


# --- the peers --------------------------------------------------------------------------------------------------------


def _served(application: str) -> dict[str, list[str]]:
    daphne = ["-m", "daphne", "-v", "0", "-b", LOOPBACK, "-p", "{port}", application]
    quiet = ["--log-level", "warning", "--no-access-log", "--lifespan", "off"]
    uvicorn = ["-m", "uvicorn", "--host", LOOPBACK, "--port", "{port}", *quiet, application]
    return {"uvicorn": uvicorn, "daphne": daphne}


def _ours(stacks: Stacks) -> Iterator[Peer]:
    staff = hire_staff(stacks.embedded, PEOPLE)
    headers = [[f"Authorization: Bearer {staff[number % PEOPLE]['token']}"] for number in range(SOCKETS)]
    for server, command in _served("benchmarks.servers.ours:application").items():
        against = (BARE, f"stock Channels on {server}, in memory", f"stock Channels on {server}, over Redis")
        yield Peer(f"Estateman on {server}", command, stacks.embedded, 20, against, headers, 1, SUBSCRIBE)


def _stock(layer: str, env: Mapping[str, str]) -> Iterator[Peer]:
    for server, command in _served("benchmarks.servers.stock:application").items():
        yield Peer(f"stock Channels on {server}, {layer}", command, env, frames=4)


def _bare() -> Peer:
    return Peer(BARE, ["-m", "benchmarks.servers.bare", "{port}"], ENVIRONMENT, frames=40)
