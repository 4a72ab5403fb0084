"""`python -m benchmarks.programs.reacting 300 5`: seconds per round of each way to make so many effects, as JSON."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import django

django.setup()

import psycopg  # noqa: E402  all below needs the app registry, which the call above loads
from celery.worker import WorkController  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, models  # noqa: E402

from benchmarks.reactions import BARE, OURS, QUEUE  # noqa: E402
from estateman.activity.facts import Fact  # noqa: E402
from estateman.activity.models import Activity  # noqa: E402
from estateman.activity.reactions import on, react  # noqa: E402
from estateman.activity.services import announce  # noqa: E402
from estateman.celery import app  # noqa: E402
from estateman.common import clock  # noqa: E402

WORDS = "x" * 100
JOBS = "benchmark"


class Effect(models.Model):
    """What every way has to write, once per activity."""

    number = models.IntegerField()
    words = models.CharField(max_length=200)

    objects: ClassVar[models.Manager["Effect"]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        db_table = "benchmark_effects"

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, kw_only=True)
class Happened(Fact, kind="benchmark.happened"):
    """Reacted to one by one."""

    number: int
    words: str = WORDS

    def sentence(self) -> str:
        return f"did number {self.number}"


@dataclass(frozen=True, kw_only=True)
class HappenedInBulk(Happened, kind="benchmark.happened_in_bulk"):
    """Reacted to in batches."""


@on(Happened)
def write(fact: Happened, activity: Activity) -> None:
    Effect.objects.create(number=fact.number, words=fact.words)


@on(HappenedInBulk, batch=True)
def write_all(happened: Sequence[tuple[HappenedInBulk, Activity]]) -> None:
    Effect.objects.bulk_create(Effect(number=fact.number, words=fact.words) for fact, _ in happened)


@app.task(name="benchmark.write")
def job(number: int, words: str) -> None:
    Effect.objects.create(number=number, words=words)


def announce_and_react(kind: type[Happened], count: int) -> None:
    for number in range(count):
        announce(kind(by_id=None, number=number))
    while react():
        pass


def send_jobs(count: int) -> None:
    """The queue alone: a message per effect. What is lost or done twice, nobody knows."""
    upto = Effect.objects.count() + count
    for number in range(count):
        job.apply_async((number, WORDS), queue=JOBS)
    while Effect.objects.count() < upto:
        time.sleep(0.005)


@contextmanager
def worker() -> Iterator[None]:
    """A Celery worker in a thread, one job at a time and without a pool: the cheapest there is."""
    controllers: list[WorkController] = []

    def work() -> None:
        controller = WorkController(
            app=app, pool_cls="solo", queues=[JOBS], without_heartbeat=True, without_mingle=True, without_gossip=True
        )
        controllers.append(controller)
        controller.start()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    send_jobs(1)
    yield
    controllers[0].stop()
    thread.join(timeout=5)


class BareRows:
    """The rows that one activity leaves behind, in the two transactions that the guarantee takes, without an ORM."""

    ACTIVITY = "INSERT INTO activities (kind, payload, sentence, at, attempts) VALUES (%s, %s, %s, %s, 1) RETURNING id"
    RECEIPT = (
        "INSERT INTO activity_receipts (activity_id, reaction, state, attempts, last_error, changed_at)"
        " VALUES (%s, %s, 'done', 1, '', %s)"
    )
    EFFECT = "INSERT INTO benchmark_effects (number, words) VALUES (%s, %s)"

    def __init__(self) -> None:
        is_postgres = urlsplit(settings.DATABASE_URL).scheme.startswith("postgres")
        connection.ensure_connection()
        self._database: Any = (
            psycopg.connect(settings.DATABASE_URL, autocommit=True) if is_postgres else connection.connection
        )
        self._begin = "BEGIN" if is_postgres else "BEGIN IMMEDIATE"
        self._mark = "%s" if is_postgres else "?"

    def insert(self, count: int) -> None:
        for number in range(count):
            self._run(self._begin)
            payload = json.dumps({"number": number, "words": WORDS})
            row = self._run(self.ACTIVITY, "benchmark.bare", payload, f"did number {number}", self._now())
            (pk,) = row.fetchone()
            self._run("COMMIT")
            self._run(self._begin)
            for reaction in ("benchmark.write", "benchmark.show"):
                self._run(self.RECEIPT, pk, reaction, self._now())
            self._run(self.EFFECT, number, WORDS)
            self._run("COMMIT")

    def _run(self, sql: str, *values: Any) -> Any:
        return self._database.execute(sql.replace("%s", self._mark), values)

    def _now(self) -> str:
        return clock.now().isoformat()


def main(count: int, rounds: int) -> dict[str, list[float]]:
    with connection.schema_editor() as editor:
        editor.create_model(Effect)
    ways: dict[str, Callable[[int], None]] = {
        OURS[0]: lambda count: announce_and_react(Happened, count),
        OURS[1]: lambda count: announce_and_react(HappenedInBulk, count),
        QUEUE: send_jobs,
        BARE: BareRows().insert,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with worker():
        for number in range(rounds + 1):
            for name, way in ways.items():
                taken = _seconds(way, count)
                if number:  # the first round warms up
                    seconds[name].append(taken)
    return seconds


def _seconds(way: Callable[[int], None], count: int) -> float:
    began = time.perf_counter()
    way(count)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
