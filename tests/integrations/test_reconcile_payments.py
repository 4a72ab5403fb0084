"""What became of a call whose answer never came is found out by reading, and never by doing it again."""

from datetime import timedelta

import pytest
import time_machine

from estateman.activity.models import Activity
from estateman.common import clock
from integrations.door import call as door_call
from integrations.jobs.payments import reconcile_payments
from integrations.models import Payment, PaymentOperation
from integrations.services.payments import (
    PaymentDeclined,
    calls,
    cancel_payment,
    capture_payment,
    process_payment,
    reading,
    reconcile_due,
    refresh_payment_by_ref,
    refund_payment,
)
from integrations.services.payments.calls import LEASE
from tests.support.gateway import HangUp, Refusal, order

pytestmark = pytest.mark.django_db

SOON, LATE = timedelta(minutes=2), reading.GRACE + timedelta(minutes=1)


def announced() -> list[str]:
    return list(Activity.objects.filter(kind__startswith="payment.").order_by("pk").values_list("kind", flat=True))


def look_after(wait: timedelta) -> None:
    """The sweep, some time from now."""
    with time_machine.travel(clock.now() + wait, tick=False):
        reconcile_payments()


@pytest.fixture
def lost(gateway):
    """From now on the gateway does what it is asked, and its answers get lost."""
    gateway.after = gateway.hang_up


@pytest.fixture
def deaf(gateway):
    """From now on nothing arrives, and the line breaks as if it might have."""

    def drop(verb, key):
        if verb in {"create", "capture", "cancel", "refund"}:
            raise HangUp

    gateway.before = drop


@pytest.fixture
def held(paying, manager) -> Payment:
    return process_payment(order(captures_at_once=False), key="hold", by=manager)


@pytest.fixture
def paid(paying, manager) -> Payment:
    return process_payment(order(), key="pay", by=manager)


def mended(gateway) -> None:
    gateway.before = gateway.after = lambda verb, key: None


class TestAPaymentOfUnknownOutcome:
    def test_that_arrived_is_found_by_its_key_and_charged_once(self, paying, gateway, lost, manager):
        payment = process_payment(order(), key="k1", by=manager)
        look_after(SOON)
        payment.refresh_from_db()
        operation = payment.operations.get()
        assert (payment.status, payment.is_unknown, payment.ref) == ("captured", False, "pay_1")
        assert (operation.state, operation.next_attempt_at) == ("done", None)
        assert gateway.keys_of("create") == [str(operation.key)]
        assert announced() == ["payment.unknown", "payment.captured"]

    def test_that_is_not_found_is_not_given_up_while_it_may_still_land(self, paying, gateway, deaf, manager):
        payment = process_payment(order(), key="k1", by=manager)
        look_after(SOON)
        payment.refresh_from_db()
        assert (payment.status, payment.is_unknown) == ("new", True)
        look_at = payment.operations.get().next_attempt_at
        assert look_at
        assert look_at > clock.now()

    def test_that_never_arrived_fails_after_the_grace_and_says_so(self, paying, gateway, deaf, manager):
        payment = process_payment(order(), key="k1", by=manager)
        look_after(LATE)
        payment.refresh_from_db()
        assert (payment.status, payment.is_unknown, payment.failure) == ("failed", False, reading.NEVER_ARRIVED)
        assert payment.operations.get().state == "failed"
        assert announced() == ["payment.unknown", "payment.failed"]
        assert len(gateway.keys_of("create")) == 1

    def test_that_was_given_up_and_landed_after_all_comes_to_life(self, paying, gateway, deaf, manager):
        payment = process_payment(order(), key="k1", by=manager)
        look_after(LATE)
        mended(gateway)
        key = str(payment.operations.get().key)
        landed = {"amount": 250_000, "currency": "USD", "method": "", "captures": True}
        gateway.serve("POST", "/payments", landed, key)
        with time_machine.travel(clock.now() + LATE + SOON):
            found = refresh_payment_by_ref(paying, ref="pay_1", key=key)
        assert found == payment
        payment.refresh_from_db()
        assert (payment.status, payment.failure, payment.operations.get().state) == ("captured", "", "done")

    def test_that_comes_to_life_when_it_was_paid_anew_is_told_as_paid_twice(self, paying, gateway, deaf, manager):
        payment = process_payment(order(), key="k1", by=manager)
        look_after(LATE)
        mended(gateway)
        landed = {"amount": 250_000, "currency": "USD", "method": "", "captures": True}
        key = str(payment.operations.get().key)
        with time_machine.travel(clock.now() + LATE + SOON):
            second = process_payment(order(), key="k2", by=manager)
            gateway.serve("POST", "/payments", landed, key)
            refresh_payment_by_ref(paying, ref="pay_2", key=key)
        payment.refresh_from_db()
        assert (payment.status, second.status) == ("captured", "captured")
        assert "payment.doubled" in announced()

    def test_that_comes_to_life_when_another_waits_is_told_once_both_are_paid(self, paying, gateway, deaf, manager):
        payment = process_payment(order(), key="k1", by=manager)
        look_after(LATE)
        mended(gateway)
        landed = {"amount": 250_000, "currency": "USD", "method": "", "captures": False}
        key = str(payment.operations.get().key)
        with time_machine.travel(clock.now() + LATE + SOON):
            second = process_payment(order(captures_at_once=False), key="k2", by=manager)
            gateway.serve("POST", "/payments", landed, key)
            refresh_payment_by_ref(paying, ref="pay_2", key=key)
            payment.refresh_from_db()
            capture_payment(payment, key="c1", by=manager)
            assert "payment.doubled" not in announced()
            capture_payment(second, key="c2", by=manager)
        assert announced().count("payment.doubled") == 1

    def test_whose_search_is_refused_for_good_fails_after_the_grace(self, paying, gateway, deaf, manager):
        payment = process_payment(order(), key="k1", by=manager)

        def refuse(verb, key):
            raise Refusal(422, "There is no such thing.")

        gateway.before = refuse
        look_after(SOON)
        assert payment.operations.get().state == "unknown"
        look_after(LATE)
        payment.refresh_from_db()
        assert (payment.status, payment.is_unknown, payment.failure) == ("failed", False, reading.NEVER_ARRIVED)

    def test_is_asked_about_later_when_the_provider_can_not_be_read(self, paying, gateway, lost, manager):
        payment = process_payment(order(), key="k1", by=manager)

        def down(verb, key):
            raise Refusal(503, "Down")

        gateway.before = down
        look_after(LATE)
        operation = payment.operations.get()
        assert (operation.state, operation.attempts) == ("unknown", 1)
        mended(gateway)
        look_after(LATE + SOON)
        payment.refresh_from_db()
        assert payment.status == "captured"

    def test_that_was_declined_in_the_dark_fails(self, paying, gateway, lost, manager):
        payment = process_payment(order(method="pm_decline"), key="k1", by=manager)
        look_after(SOON)
        payment.refresh_from_db()
        assert (payment.status, payment.failure) == ("failed", "Your card was declined.")


class TestACallOfUnknownOutcome:
    def test_a_capture_that_was_done_is_recognised(self, held, gateway, lost, manager):
        capture_payment(held, key="c1", by=manager)
        look_after(SOON)
        held.refresh_from_db()
        assert (held.status, held.is_unknown, held.operations.latest("pk").state) == ("captured", False, "done")
        assert len(gateway.keys_of("capture")) == 1

    def test_a_capture_that_was_not_fails_after_the_grace(self, held, gateway, deaf, manager):
        capture_payment(held, key="c1", by=manager)
        look_after(SOON)
        assert held.operations.latest("pk").state == "unknown"
        look_after(LATE)
        held.refresh_from_db()
        operation = held.operations.latest("pk")
        assert (operation.state, operation.error) == ("failed", reading.NOT_DONE)
        assert (held.status, held.is_unknown) == ("authorised", False)
        told = Activity.objects.get(kind="payment.operation_failed")
        assert (told.payload["operation"], told.payload["reason"]) == ("capture", reading.NOT_DONE)
        assert told.actor is None

    def test_a_cancellation_whose_payment_can_not_be_read_for_good_fails_after_the_grace(
        self, held, gateway, deaf, manager
    ):
        Payment.objects.update(status="requires_action")
        cancel_payment(held, key="x1", by=manager)

        def refuse(verb, key):
            raise Refusal(404, "There is no such thing.")

        gateway.before = refuse
        look_after(LATE)
        held.refresh_from_db()
        assert (held.operations.latest("pk").state, held.is_unknown) == ("failed", False)

    def test_a_refund_whose_payment_can_not_be_read_stays_unknown(self, paid, gateway, lost, manager):
        refund_payment(paid, key="r1", by=manager)

        def refuse(verb, key):
            raise Refusal(404, "There is no such thing.")

        gateway.before = refuse
        look_after(LATE)
        assert paid.operations.latest("pk").state == "unknown"

    def test_a_cancellation_is_recognised(self, held, gateway, lost, manager):
        cancel_payment(held, key="x1", by=manager)
        look_after(SOON)
        held.refresh_from_db()
        assert (held.status, held.operations.latest("pk").state) == ("cancelled", "done")

    def test_the_second_of_two_equal_refunds_is_told_from_the_first(self, paid, gateway, manager):
        refund_payment(paid, amount_minor=100_000, key="r1", by=manager)

        def drop(verb, key):
            if verb == "refund":
                raise HangUp

        gateway.before = drop
        refund_payment(paid, amount_minor=100_000, key="r2", by=manager)
        look_after(SOON)
        assert paid.operations.latest("pk").state == "unknown"
        look_after(LATE)
        paid.refresh_from_db()
        assert (paid.operations.latest("pk").state, paid.refunded_minor) == ("failed", 100_000)

    def test_a_refund_that_was_done_is_recognised_and_not_repeated(self, paid, gateway, lost, manager):
        refund_payment(paid, amount_minor=100_000, key="r1", by=manager)
        look_after(SOON)
        mended(gateway)
        again = refund_payment(paid, amount_minor=100_000, key="r1", by=manager)
        assert (again.refunded_minor, again.is_unknown) == (100_000, False)
        assert len(gateway.keys_of("refund")) == 1


class Killed(BaseException):
    """As a process ends that nobody asked."""


class TestAKilledProcess:
    def test_leaves_an_operation_that_is_taken_up_when_its_lease_ends(self, paying, gateway, manager, monkeypatch):
        def die(*args, **kwargs):
            raise Killed

        monkeypatch.setattr(calls, "call", die)
        with pytest.raises(Killed):
            process_payment(order(), key="k1", by=manager)
        look_after(LEASE - timedelta(seconds=1))
        assert gateway.asked == []
        look_after(LEASE + timedelta(seconds=1))
        assert Payment.objects.get().is_unknown
        look_after(LATE)
        assert Payment.objects.get().status == "failed"
        assert gateway.keys_of("create") == []

    def test_that_wakes_up_after_its_lease_moves_no_money(self, paying, gateway, manager, monkeypatch):
        ask = door_call

        def sleep_and_ask(*args, **kwargs):
            with time_machine.travel(clock.now() + LEASE):
                return ask(*args, **kwargs)

        monkeypatch.setattr(calls, "call", sleep_and_ask)
        with pytest.raises(PaymentDeclined, match="Nothing was asked"):
            process_payment(order(), key="k1", by=manager)
        assert gateway.asked == []


def test_one_bad_row_does_not_stop_the_rest(paying, gateway, lost, manager, monkeypatch):
    first = process_payment(order(invoice="1"), key="k1", by=manager)
    second = process_payment(order(invoice="2"), key="k2", by=manager)
    Payment.objects.filter(pk=first.pk).update(currency="XXX")
    look_after(SOON)
    second.refresh_from_db()
    assert second.status == "captured"
    assert first.operations.get().state == "unknown"


def test_there_is_nothing_to_reconcile_where_all_is_known(paid):
    assert not PaymentOperation.objects.filter(next_attempt_at__isnull=False).exists()
    assert reconcile_due() == 0


def test_an_integration_stays_until_its_payments_are_decided(paying, lost, manager, api):
    payment = process_payment(order(), key="k1", by=manager)
    assert payment.is_unknown
    answer = api(manager).delete(f"/api/v1/integrations/{paying.pk}")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "payments_undecided")
    assert answer.data["payments"] == [payment.pk]
    look_after(SOON)
    assert api(manager).delete(f"/api/v1/integrations/{paying.pk}").status_code == 204


def test_the_admin_shows_the_payments_that_keep_an_integration(paying, lost, manager, client):
    process_payment(order(), key="k1", by=manager)
    client.force_login(manager)
    page = f"/admin/integrations/integration/{paying.pk}/delete/"
    assert "2500.00 USD" in client.get(page).content.decode()
    client.post(page, {"post": "yes"})
    paying.refresh_from_db()
    assert paying.deleted_at is None
