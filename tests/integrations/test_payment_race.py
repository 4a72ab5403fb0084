"""Two at once, and processes that are killed: whatever happens, the money moves once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.models import F

from estateman.common import clock
from integrations.models import Payment, PaymentOperation
from integrations.services import payments
from integrations.services.payments import (
    AlreadyPaid,
    AmountTooLarge,
    NotRefundable,
    PaymentDeclined,
    PaymentInProgress,
    process_payment,
    reconcile_due,
    refresh_payment_by_ref,
    refund_payment,
)
from integrations.services.payments.reading import GRACE
from tests.support.gateway import order

pytestmark = pytest.mark.django_db(transaction=True)

OVER = GRACE + timedelta(minutes=1)


def reconciled() -> None:
    """All that is open is settled, long after, when nothing can land any more."""
    times = ("created_at", "next_attempt_at", "lease_until")
    PaymentOperation.objects.update(**{name: F(name) - OVER for name in times})
    while reconcile_due():
        pass


class TestTwoAtOnce:
    def test_two_staff_with_keys_of_their_own_pay_once(self, paying, gateway, manager, coordinator, in_threads):
        people = [manager, coordinator] * 3
        outcomes = in_threads(6, lambda n: process_payment(order(), key=f"k{n}", by=people[n]))
        paid = [one for one in outcomes if isinstance(one, Payment)]
        assert [type(one) for one in outcomes].count(AlreadyPaid) == 5, outcomes
        assert [one.status for one in paid] == ["captured"]
        assert gateway.charged == 250_000
        assert len(gateway.keys_of("create")) == 1

    def test_one_key_many_times_asks_the_gateway_once(self, paying, gateway, manager, in_threads):
        outcomes = in_threads(6, lambda n: process_payment(order(), key="k1", by=manager))
        assert len({one.pk for one in outcomes}) == 1, outcomes
        assert len(gateway.keys_of("create")) == 1

    def test_refunds_never_give_back_more_than_was_paid(self, paying, gateway, manager, in_threads):
        payment = process_payment(order(), key="k1", by=manager)
        outcomes = in_threads(6, lambda n: refund_payment(payment, amount_minor=100_000, key=f"r{n}", by=manager))
        refused = [one for one in outcomes if not isinstance(one, Payment)]
        assert {type(one) for one in refused} <= {PaymentInProgress, AmountTooLarge, NotRefundable}, outcomes
        done = PaymentOperation.objects.filter(kind="refund", state="done").count()
        payment.refresh_from_db()
        assert payment.refunded_minor == done * 100_000 == 250_000 - gateway.charged
        assert 1 <= done <= 2

    def test_one_refund_asked_for_twice_under_one_key_is_one(self, paying, gateway, manager, in_threads):
        payment = process_payment(order(), key="k1", by=manager)
        in_threads(4, lambda n: refund_payment(payment, amount_minor=100_000, key="r1", by=manager))
        payment.refresh_from_db()
        assert (payment.refunded_minor, gateway.charged) == (100_000, 150_000)
        assert len(gateway.keys_of("refund")) == 1

    def test_two_workers_reconcile_once(self, paying, gateway, manager, in_threads):
        gateway.after = gateway.hang_up
        process_payment(order(), key="k1", by=manager)
        PaymentOperation.objects.update(next_attempt_at=clock.now())
        assert sum(in_threads(4, lambda n: reconcile_due())) == 1
        assert Payment.objects.get().status == "captured"

    def test_a_webhook_in_the_middle_of_the_call_and_its_answer_agree(self, paying, gateway, manager):
        told: list[Payment | None] = []

        def tell(verb: str, key: str) -> None:
            if verb == "create":
                told.append(refresh_payment_by_ref(paying, ref="pay_1", key=key))
                connections.close_all()

        gateway.after = tell
        payment = process_payment(order(), key="k1", by=manager)
        assert [one.status for one in told if one] == ["captured"]
        assert (payment.status, payment.operations.get().state) == ("captured", "done")
        assert gateway.charged == 250_000


class Killed(BaseException):
    """What ends a process at a line, as far as Python can."""


class Axe:
    """Ends a thread at the ``line``-th line that it runs in the payments' services; its database connection with it."""

    def __init__(self, line: int) -> None:
        self.left = line
        self._folder = str(Path(payments.__file__).parent)

    def falls_on(self, work: Callable[[], Any]) -> bool:
        """Whether ``work``, in a thread of its own, had so many lines."""
        thread = threading.Thread(target=self._run, args=(work,))
        thread.start()
        thread.join()
        return self.left <= 0

    def _run(self, work: Callable[[], Any]) -> None:
        sys.settrace(self._trace)
        try:
            with suppress(Killed):
                work()
        finally:
            sys.settrace(None)
            connections.close_all()

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._count if frame.f_code.co_filename.startswith(self._folder) else None

    def _count(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise Killed
        return self._count


@pytest.mark.timeout(300)
class TestKilledAtAnyLine:
    def test_a_payment_is_charged_once_or_not_at_all(self, paying, gateway, manager):
        states = set()
        for line in count(1):
            wish, key = order(invoice=f"line {line}"), f"k{line}"
            before = gateway.charged
            if not Axe(line).falls_on(partial(process_payment, wish, key=key, by=manager)):
                break
            reconciled()
            charged = gateway.charged - before
            states.add(self._state_after(key, charged, gateway))
            self._asked_again(wish, key, manager)
            assert gateway.charged - before == 250_000
        assert states == {"none", "failed", "captured"}

    def _state_after(self, key: str, charged: int, gateway: Any) -> str:
        payment = Payment.objects.filter(idempotency_key=key).first()
        if payment is None:
            assert charged == 0
            return "none"
        operation = payment.operations.get()
        assert (payment.is_unknown, operation.state in {"done", "failed"}) == (False, True)
        assert charged == payment.captured_minor == (250_000 if payment.status == "captured" else 0)
        assert gateway.keys_of("create").count(str(operation.key)) <= 1
        return payment.status

    def _asked_again(self, wish: Any, key: str, manager: Any) -> None:
        """With the same key it is charged no second time; what failed takes another key."""
        try:
            process_payment(wish, key=key, by=manager)
        except PaymentDeclined:
            process_payment(wish, key=f"{key} anew", by=manager)

    def test_a_refund_is_given_once_or_not_at_all(self, paying, gateway, manager):
        payment = process_payment(order(amount_minor=10**9), key="k1", by=manager)
        for line in count(1):
            before = gateway.charged
            if not Axe(line).falls_on(partial(refund_payment, payment, amount_minor=1000, key=f"r{line}", by=manager)):
                break
            reconciled()
            payment.refresh_from_db()
            assert before - gateway.charged in {0, 1000}
            assert payment.captured_minor - payment.refunded_minor == gateway.charged
            assert not payment.operations.filter(state__in=PaymentOperation.UNDECIDED).exists()
        assert payment.operations.filter(kind="refund", state="failed").exists()


# A process that takes one payment, and can be stopped for good before the call or before it writes what came of it.
TAKER = """
import sys, time
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from estateman.people.models import User
from integrations import providers
from integrations.services.payments import PaymentOrder, calls, process_payment
providers.__path__.append(sys.argv[2])

def wait(*args, **kwargs):
    print("here", flush=True)
    time.sleep(60)

if sys.argv[3]:
    setattr(calls, sys.argv[3], wait)
order = PaymentOrder(amount_minor=250_000, currency="USD", invoice="2026-114")
process_payment(order, key="k1", by=User.objects.get(email=sys.argv[4]))
"""


@pytest.mark.processes
class TestKilledProcess:
    @pytest.fixture
    def taker(self, paying, manager, tmp_path):
        """``taker(stop_at)``: the process; ``stop_at`` names what it waits in."""

        def start(stop_at: str = "") -> subprocess.Popen[str]:
            name = str(connection.settings_dict["NAME"])
            env = {**os.environ, "DJANGO_SETTINGS_MODULE": "estateman.settings"}
            command = [sys.executable, "-c", TAKER, name, str(tmp_path), stop_at, manager.email]
            return subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)

        return start

    def test_between_its_rows_and_the_call_nothing_is_charged(self, taker, gateway, manager):
        with taker("call") as doomed:
            kill_when_it_waits(doomed)
        assert Payment.objects.get().status == "new"
        reconciled()
        assert (Payment.objects.get().status, gateway.charged, gateway.keys_of("create")) == ("failed", 0, [])
        assert process_payment(order(), key="k2", by=manager).status == "captured"
        assert gateway.charged == 250_000

    def test_between_the_answer_and_writing_it_down_it_is_charged_once(self, taker, gateway, manager):
        with taker("_keep_answer") as doomed:
            kill_when_it_waits(doomed)
        assert (Payment.objects.get().status, gateway.charged) == ("new", 250_000)
        self._found_and_charged_once(gateway, manager)

    def test_while_the_gateway_is_at_it_it_is_charged_once(self, taker, gateway, manager):
        arrived, dead = threading.Event(), threading.Event()

        def hold(verb: str, key: str) -> None:
            if verb == "create":
                arrived.set()
                dead.wait(60)

        gateway.before = hold
        with taker() as doomed:
            assert arrived.wait(60)
            doomed.send_signal(signal.SIGKILL)
        done = threading.Event()
        gateway.after = lambda verb, key: done.set()
        dead.set()
        assert done.wait(60)
        self._found_and_charged_once(gateway, manager)

    def _found_and_charged_once(self, gateway: Any, manager: Any) -> None:
        reconciled()
        payment = Payment.objects.get()
        key = str(payment.operations.get().key)
        assert (payment.status, payment.is_unknown) == ("captured", False)
        again = process_payment(order(), key="k1", by=manager)
        assert again == payment
        assert gateway.keys_of("create") == [key]
        assert gateway.charged == 250_000


def kill_when_it_waits(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.kill()
