"""`python -m benchmarks.programs.calling PORT 200 5`: CPU seconds per round of each way to call, as JSON."""

import json
import sys
import time
from collections.abc import Callable

import django

django.setup()

import requests  # noqa: E402  all below needs the app registry, which the call above loads

from benchmarks.door import BARE, KEPT, LINE, OURS  # noqa: E402
from estateman.people.models import OfficeRole, User  # noqa: E402
from integrations import services  # noqa: E402
from integrations.door import call  # noqa: E402
from integrations.models import Integration  # noqa: E402
from integrations.spi import Answer, Operation  # noqa: E402
from integrations.transport import Line  # noqa: E402

LOOK_UP = Operation("look_up", is_repeatable=True)


def integration() -> Integration:
    """One of Stripe's kind: with a credential to open, and as many calls a minute as can be made."""
    by, _ = User.objects.get_or_create(
        email="calls@benchmark.example", defaults={"name": "Calls", "role": OfficeRole.MANAGER}
    )
    return services.create_integration(
        provider="stripe",
        name="Benchmark",
        config={},
        credentials={"api_key": "sk_test_0123456789abcdefghijklmn"},
        calls_per_minute=60_000,
        by=by,
    )


def ways(url: str) -> dict[str, Callable[[], object]]:
    made, session = integration(), requests.Session()

    def act(line: Line) -> Answer:
        return Answer(detail=line.http.get(url).json()["status"])

    return {
        OURS: lambda: call(made, LOOK_UP, act, build=lambda integration, secrets, line: line),
        LINE: lambda: act(Line()),
        BARE: lambda: requests.get(url, timeout=5).json()["status"],
        KEPT: lambda: session.get(url, timeout=5).json()["status"],
    }


def main(port: int, count: int, rounds: int) -> dict[str, list[float]]:
    each = ways(f"http://127.0.0.1:{port}/")
    seconds: dict[str, list[float]] = {name: [] for name in each}
    for number in range(rounds + 1):
        for name, way in each.items():
            taken = _seconds(way, count)
            if number:  # the first round warms up
                seconds[name].append(taken)
    return seconds


def _seconds(way: Callable[[], object], count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        way()
    return time.process_time() - began


if __name__ == "__main__":
    print(json.dumps(main(*(int(each) for each in sys.argv[1:]))))
