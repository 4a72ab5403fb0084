"""What is done with a payment: captured, cancelled, given back in parts, and never more than there is."""

import pytest
from django.core.exceptions import PermissionDenied

from estateman.activity.models import Activity
from integrations.models import Payment, PaymentOperation
from integrations.services.payments import (
    AmountTooLarge,
    KeyUsedOtherwise,
    NotCancellable,
    NotCapturable,
    NotRefundable,
    OperationFailed,
    PaymentInProgress,
    cancel_payment,
    capture_payment,
    process_payment,
    refund_payment,
)
from tests.support.gateway import Refusal, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(paying, manager) -> Payment:
    return process_payment(order(), key="pay", by=manager)


@pytest.fixture
def held(paying, manager) -> Payment:
    return process_payment(order(captures_at_once=False), key="hold", by=manager)


def announced() -> list[str]:
    return list(Activity.objects.filter(kind__startswith="payment.").order_by("pk").values_list("kind", flat=True))


class TestRefund:
    def test_gives_back_all_that_is_left(self, paid, gateway, manager):
        payment = refund_payment(paid, key="r1", by=manager)
        assert (payment.status, payment.refunded_minor, gateway.charged) == ("refunded", 250_000, 0)
        assert announced() == ["payment.captured", "payment.refunded"]

    def test_gives_back_parts_until_nothing_is_left(self, paid, gateway, manager):
        for number, part in enumerate((100_000, 100_000, 50_000)):
            payment = refund_payment(paid, amount_minor=part, key=f"r{number}", by=manager)
        assert (payment.status, payment.refundable_minor, payment.can) == ("refunded", 0, [])
        with pytest.raises(NotRefundable) as told:
            refund_payment(paid, amount_minor=1, key="r9", by=manager)
        assert told.value.extra == {"status": "refunded", "can": []}
        assert len(gateway.keys_of("refund")) == 3

    def test_of_more_than_is_left_says_how_much_that_is(self, paid, gateway, manager):
        refund_payment(paid, amount_minor=200_000, key="r1", by=manager)
        with pytest.raises(AmountTooLarge, match=r"500\.00 USD") as told:
            refund_payment(paid, amount_minor=50_001, key="r2", by=manager)
        assert told.value.extra == {"most_minor": 50_000}
        assert len(gateway.keys_of("refund")) == 1

    def test_of_what_is_only_held_says_what_can_be_done(self, held, manager):
        with pytest.raises(NotRefundable, match="capture, cancel"):
            refund_payment(held, key="r1", by=manager)

    def test_under_the_same_key_is_one_refund(self, paid, gateway, manager):
        for _ in range(2):
            payment = refund_payment(paid, amount_minor=100_000, key="r1", by=manager)
        assert payment.refunded_minor == 100_000
        assert len(gateway.keys_of("refund")) == 1

    def test_under_the_same_key_for_something_else_is_refused(self, paid, manager):
        refund_payment(paid, amount_minor=100_000, key="r1", by=manager)
        with pytest.raises(KeyUsedOtherwise):
            refund_payment(paid, amount_minor=50_000, key="r1", by=manager)

    def test_that_the_provider_refuses_moves_nothing_and_may_be_asked_for_anew(self, paid, gateway, manager):
        def refuse(verb, key):
            raise Refusal(400, "The account is empty.")

        gateway.before = refuse
        with pytest.raises(OperationFailed, match="The account is empty") as told:
            refund_payment(paid, key="r1", by=manager)
        operation = PaymentOperation.objects.get(pk=told.value.extra["operation"])
        assert (operation.state, operation.payment) == ("failed", paid)
        assert announced() == ["payment.captured"]  # whoever asked hears it by the answer
        gateway.before = lambda verb, key: None
        with pytest.raises(OperationFailed):
            refund_payment(paid, key="r1", by=manager)
        assert refund_payment(paid, key="r2", by=manager).status == "refunded"

    def test_without_an_answer_is_unknown_and_blocks_the_next(self, paid, gateway, manager):
        gateway.after = gateway.hang_up
        payment = refund_payment(paid, amount_minor=100_000, key="r1", by=manager)
        assert (payment.status, payment.is_unknown) == ("captured", True)
        for verb in (refund_payment, cancel_payment, capture_payment):
            with pytest.raises(PaymentInProgress) as told:
                verb(paid, key=f"again {verb.__name__}", by=manager)
            assert told.value.extra["operation"] == paid.operations.latest("pk").pk
        assert gateway.charged == 150_000


class TestCapture:
    def test_takes_what_is_held(self, held, gateway, manager):
        payment = capture_payment(held, key="c1", by=manager)
        assert (payment.status, payment.captured_minor, gateway.charged) == ("captured", 250_000, 250_000)
        assert announced() == ["payment.authorised", "payment.captured"]

    def test_takes_a_part(self, held, manager):
        payment = capture_payment(held, amount_minor=100_000, key="c1", by=manager)
        assert (payment.captured_minor, payment.refundable_minor) == (100_000, 100_000)

    def test_takes_no_more_than_is_held(self, held, manager):
        with pytest.raises(AmountTooLarge):
            capture_payment(held, amount_minor=250_001, key="c1", by=manager)

    def test_of_what_was_captured_says_what_can_be_done(self, paid, manager):
        with pytest.raises(NotCapturable) as told:
            capture_payment(paid, key="c1", by=manager)
        assert told.value.extra == {"status": "captured", "can": ["refund"]}


class TestCancel:
    def test_lets_go_of_what_is_held(self, held, gateway, manager):
        payment = cancel_payment(held, key="x1", by=manager)
        assert (payment.status, payment.can, gateway.charged) == ("cancelled", [], 0)
        assert announced() == ["payment.authorised", "payment.cancelled"]

    def test_of_what_was_captured_is_a_refund_instead(self, paid, manager):
        with pytest.raises(NotCancellable, match="refund"):
            cancel_payment(paid, key="x1", by=manager)

    def test_frees_the_purpose(self, held, manager):
        cancel_payment(held, key="x1", by=manager)
        assert process_payment(order(), key="again", by=manager).status == "captured"


def test_agents_move_no_money(paid, gateway, agent):
    for verb in (refund_payment, cancel_payment, capture_payment):
        with pytest.raises(PermissionDenied):
            verb(paid, key="k", by=agent)
    assert gateway.charged == 250_000
