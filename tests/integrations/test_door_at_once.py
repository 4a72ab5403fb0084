"""The door with many callers at once, in threads and in processes: they share one bucket and one breaker."""

import os
import subprocess
import sys
import threading
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection

from estateman.common import clock
from integrations import services
from integrations.door import call, calling
from integrations.limits import FAILURES_UNTIL_OPEN, FIRST_PAUSE
from integrations.models import Gate, Integration
from integrations.spi import Answer, BreakerOpen, RateLimited, Unreachable
from tests.support.vendor import EAGER, WRITE, Vendor, ask, fail, gate_of


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_all_who_come_after_the_pause_one_tries(self, sandbox, in_threads):
        fail(sandbox)
        Gate.objects.update(closed_until=clock.now())
        refused, all_refused, asked = [], threading.Event(), []

        def probe(provider) -> Answer:
            asked.append(provider)
            assert all_refused.wait(30)
            return Answer()

        def one(number):
            try:
                call(sandbox, WRITE, probe)
            except BreakerOpen:
                refused.append(number)
                if len(refused) == 7:
                    all_refused.set()
                raise

        outcomes = in_threads(8, one)
        assert len(asked) == 1
        assert sum(isinstance(outcome, BreakerOpen) for outcome in outcomes) == 7
        assert gate_of(sandbox).opened_at is None

    def test_those_who_fail_together_open_it_once(self, sandbox, in_threads):
        together = threading.Barrier(8)

        def act(provider) -> Answer:
            together.wait(30)
            raise Unreachable("Nobody.")

        in_threads(8, lambda number: call(sandbox, EAGER, act))
        gate = gate_of(sandbox)
        assert (gate.failures, gate.opened_times) == (8, 1)
        assert gate.opened_at is not None
        assert gate.closed_until == gate.opened_at + FIRST_PAUSE

    def test_no_more_pass_than_the_bucket_holds(self, sandbox, in_threads, monkeypatch):
        monkeypatch.setattr(calling, "MOST_WAIT_SECONDS", 0)
        sandbox.calls_per_minute = 3
        vendor = Vendor()
        outcomes = in_threads(8, lambda number: ask(sandbox, vendor))
        assert vendor.asked == 3
        assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) == 5

    def test_a_slow_provider_does_not_slow_another(self, sandbox, smtp, in_threads):
        other, other_is_done = smtp(1), threading.Event()

        def slow(provider) -> Answer:
            assert other_is_done.wait(30)
            return Answer(detail="At last.")

        def one(number) -> Answer:
            if number < 3:
                return call(sandbox, WRITE, slow)
            answer = call(other, WRITE, Vendor(Answer(detail="At once.")))
            other_is_done.set()
            return answer

        assert [outcome.detail for outcome in in_threads(4, one)] == ["At last."] * 3 + ["At once."]

    def test_calls_failures_edits_and_tests_at_once_never_lock_each_other_out(self, sandbox, manager, in_threads):
        def one(number):
            for turn in range(6):
                what = (number + turn) % 4
                if what == 0:
                    services.edit_integration(sandbox, changes={"config": {}}, by=manager)
                elif what == 1:
                    services.test_integration(Integration.objects.get(pk=sandbox.pk), by=manager)
                else:
                    with suppress(Unreachable):
                        ask(sandbox, Vendor(Unreachable("Nobody.") if what == 2 else Answer()), EAGER)

        assert in_threads(8, one) == [None] * 8


# Another process of Estateman, which asks the same integration.
OTHER = """
import sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from integrations.door import call
from integrations.models import Integration
from integrations.spi import Answer, Operation, ProviderError, Unreachable

def act(provider):
    if sys.argv[3] == "fail":
        raise Unreachable("Nobody there.")
    return Answer(detail="There.")

try:
    print(call(Integration.objects.get(pk=sys.argv[2]), Operation("look_up", tries=1), act).detail)
except ProviderError as error:
    print(error.error_kind)
"""


def in_another_process(integration: Integration, how: str) -> str:
    name = str(connection.settings_dict["NAME"])
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "estateman.settings"}
    command = [sys.executable, "-c", OTHER, name, str(integration.pk), how]
    done = subprocess.run(command, env=env, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_all_processes_share_one_breaker(sandbox):
    fail(sandbox, times=FAILURES_UNTIL_OPEN - 1)
    assert in_another_process(sandbox, "fail") == "unreachable"
    with pytest.raises(BreakerOpen):
        ask(sandbox, Vendor())
    assert in_another_process(sandbox, "work") == "breaker_open"
    Gate.objects.update(closed_until=clock.now())
    assert in_another_process(sandbox, "work") == "There."
    ask(sandbox, Vendor())


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_all_processes_share_one_bucket(sandbox):
    Integration.objects.update(calls_per_minute=1)
    assert in_another_process(sandbox, "work") == "There."
    sandbox.refresh_from_db()
    with pytest.raises(RateLimited):
        ask(sandbox, Vendor())
    assert in_another_process(sandbox, "work") == "rate_limited"
