"""A payment read because somebody asked, or because a vendor told us: before, in and after our own calls."""

import pytest

from estateman.activity.models import Activity
from estateman.common import clock
from integrations.door import call as door_call
from integrations.models import Payment
from integrations.services.payments import (
    PaymentDeclined,
    calls,
    keeping,
    process_payment,
    reading,
    reconcile_due,
    refresh_payment,
    refresh_payment_by_ref,
    refund_payment,
)
from integrations.spi import ProviderError
from tests.support.gateway import Refusal, nothing, order

pytestmark = pytest.mark.django_db


def announced() -> list[str]:
    return list(Activity.objects.filter(kind__startswith="payment.").order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def paid(paying, manager) -> Payment:
    return process_payment(order(), key="pay", by=manager)


class TestAWebhook:
    def test_told_before_the_call_returns_settles_it(self, paying, gateway, manager, monkeypatch):
        told, ask = [], door_call

        def ask_and_be_told(*args, **kwargs):
            answer = ask(*args, **kwargs)
            told.append(refresh_payment_by_ref(paying, ref="pay_1", key=gateway.keys_of("create")[0]))
            return answer

        monkeypatch.setattr(calls, "call", ask_and_be_told)
        payment = process_payment(order(), key="k1", by=manager)
        assert told == [payment]
        assert (payment.status, payment.operations.get().state) == ("captured", "done")
        assert announced() == ["payment.captured"]

    def test_told_of_one_half_made_leaves_it_to_the_call(self, paying, gateway, manager, monkeypatch):
        """Some vendors show a payment as failed until its card was tried."""
        ask = door_call

        def ask_and_be_told(*args, **kwargs):
            answer = ask(*args, **kwargs)
            whole = dict(gateway.payments["pay_1"])
            gateway.payments["pay_1"] |= {"status": "failed", "captured": 0}
            refresh_payment_by_ref(paying, ref="pay_1", key=whole["key"])
            gateway.payments["pay_1"] = whole
            return answer

        monkeypatch.setattr(calls, "call", ask_and_be_told)
        assert process_payment(order(), key="k1", by=manager).status == "captured"
        assert announced() == ["payment.captured"]

    def test_told_after_the_call_returned_changes_nothing(self, paid, gateway, paying):
        assert refresh_payment_by_ref(paying, ref=paid.ref) == paid
        assert announced() == ["payment.captured"]

    def test_tells_of_what_was_done_at_the_vendor(self, paid, gateway, paying):
        gateway.payments["pay_1"] |= {"refunded": 50_000, "status": "partially_refunded"}
        payment = refresh_payment_by_ref(paying, ref="pay_1")
        assert payment
        assert (payment.status, payment.refunded_minor) == ("partially_refunded", 50_000)
        assert announced() == ["payment.captured", "payment.refunded"]

    @pytest.mark.parametrize("is_live", [True, False])
    def test_says_whether_it_is_real_money(self, paid, gateway, paying, is_live):
        gateway.payments["pay_1"] |= {"refunded": 50_000, "status": "partially_refunded", "live": is_live}
        refresh_payment_by_ref(paying, ref="pay_1")
        assert Activity.objects.get(kind="payment.refunded").payload["is_live"] is is_live

    def test_about_a_payment_that_is_not_ours_is_passed_over(self, paid, gateway, paying):
        before = len(gateway.asked)
        assert refresh_payment_by_ref(paying, ref="pay_9") is None
        assert refresh_payment_by_ref(paying, ref="", key="") is None
        assert refresh_payment_by_ref(paying, ref="pay_9", key="not a key") is None
        assert len(gateway.asked) == before

    def test_settles_what_was_unknown(self, paying, gateway, manager):
        gateway.after = gateway.hang_up
        payment = process_payment(order(), key="k1", by=manager)
        found = refresh_payment_by_ref(paying, ref="pay_1", key=str(payment.operations.get().key))
        assert found
        assert (found.status, found.is_unknown) == ("captured", False)
        assert reconcile_due() == 0

    def test_read_earlier_than_what_is_known_takes_nothing_back(self, paid, gateway, paying, manager):
        """Its read began before the refund and is answered after it."""
        asked_at = clock.now()
        old = reading._fetch(paid, paid.ref)
        refund_payment(paid, key="r1", by=manager)
        reading._keep_reading(paid.pk, old, asked_at=asked_at)
        paid.refresh_from_db()
        assert (paid.status, paid.refunded_minor) == ("refunded", 250_000)

    def test_read_while_a_refund_is_under_way_and_kept_after_it_takes_nothing_back(
        self, paid, gateway, paying, manager, monkeypatch
    ):
        """Its read began after the refund was asked for, saw the state before it, and is answered after it."""
        seen, ask = [], door_call

        def read_and_ask(*args, **kwargs):
            seen.append((clock.now(), reading._fetch(paid, paid.ref)))
            return ask(*args, **kwargs)

        monkeypatch.setattr(calls, "call", read_and_ask)
        refund_payment(paid, key="r1", by=manager)
        ((asked_at, old),) = seen
        reading._keep_reading(paid.pk, old, asked_at=asked_at)
        paid.refresh_from_db()
        assert (paid.status, paid.refunded_minor, paid.can) == ("refunded", 250_000, [])
        assert announced() == ["payment.captured", "payment.refunded"]

    def test_of_a_refund_that_was_reversed_is_told(self, paid, gateway, paying, manager):
        refund_payment(paid, amount_minor=100_000, key="r1", by=manager)
        gateway.payments["pay_1"] |= {"refunded": 0, "status": "captured"}
        payment = refresh_payment_by_ref(paying, ref="pay_1")
        assert payment
        assert (payment.status, payment.refunded_minor) == ("captured", 0)
        told = Activity.objects.get(kind="payment.operation_failed").payload
        assert (told["operation"], told["amount_minor"], told["reason"]) == ("refund", 100_000, keeping.REVERSED)

    def test_of_a_provider_that_can_not_be_read_is_told_so_that_it_is_tried_again(self, paid, gateway, paying):
        def down(verb, key):
            raise Refusal(503, "Down")

        gateway.before = down
        with pytest.raises(ProviderError):
            refresh_payment_by_ref(paying, ref=paid.ref)


def test_what_waits_for_its_payer_is_read_on_request(paying, gateway, manager):
    payment = process_payment(order(captures_at_once=False), key="k1", by=manager)
    gateway.payments["pay_1"] |= {"status": "captured", "captured": 250_000}
    assert refresh_payment(payment).status == "captured"


def test_what_was_not_accepted_is_looked_for_no_more(paying, gateway, manager):
    """Some providers are asked for what they never heard of by making it."""

    def refuse(verb, key):
        raise Refusal(400, "No.")

    gateway.before = refuse
    with pytest.raises(PaymentDeclined):
        process_payment(order(), key="k1", by=manager)
    gateway.before = nothing
    assert refresh_payment(Payment.objects.get()).status == "failed"
    assert gateway.keys_of("find") == []
