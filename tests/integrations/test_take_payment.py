"""Asking for money: one gateway, once, and the truth about what came of it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from integrations import services as integrations
from integrations.models import Integration, IntegrationLog, Payment, PaymentOperation, Status
from integrations.services.payments import (
    AlreadyPaid,
    KeyUsedOtherwise,
    PaymentDeclined,
    process_payment,
    refund_payment,
)
from integrations.spi import NoProvider
from tasks.services import open_project
from tests.support.gateway import HangUp, Refusal, order

pytestmark = pytest.mark.django_db


def announced() -> list[str]:
    return list(Activity.objects.filter(kind__startswith="payment.").order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def deal(coordinator):
    return open_project(name="12 Quay Street", kind="listing", starts_on=date(2026, 3, 2), by=coordinator)


def test_the_money_is_taken_and_everything_about_it_is_kept(paying, gateway, coordinator):
    payment = process_payment(order(receipt_email="buyer@example.com"), key="k1", by=coordinator)
    assert (payment.status, payment.captured_minor, payment.ref) == ("captured", 250_000, "pay_1")
    assert (payment.integration, payment.provider, payment.by) == (paying, "recorded", coordinator)
    assert payment.captured_at
    operation = payment.operations.get()
    assert (operation.kind, operation.state, operation.next_attempt_at) == ("create", "done", None)
    assert gateway.keys_of("create") == [str(operation.key)]
    assert announced() == ["payment.captured"]
    assert IntegrationLog.objects.get(operation="create_payment").correlation_id == f"payment:{payment.pk}"


def test_the_rows_are_there_before_the_provider_is_asked(paying, gateway, manager):
    seen = []
    gateway.before = lambda verb, key: seen.append(key)
    payment = process_payment(order(), key="k1", by=manager)
    assert payment.read_at
    assert payment.created_at <= payment.read_at
    assert seen == [str(payment.operations.get().key)]


def test_money_can_be_held_first(paying, gateway, manager):
    payment = process_payment(order(captures_at_once=False), key="k1", by=manager)
    assert (payment.status, payment.captured_minor, payment.can) == ("authorised", 0, ["capture", "cancel"])
    assert announced() == ["payment.authorised"]


def test_a_declined_card_is_told_and_kept(paying, gateway, manager):
    with pytest.raises(PaymentDeclined, match="Your card was declined") as told:
        process_payment(order(method="pm_decline"), key="k1", by=manager)
    payment = Payment.objects.get(pk=told.value.extra["payment"])
    assert (payment.status, payment.ref, payment.operations.get().state) == ("failed", "pay_1", "failed")
    assert announced() == ["payment.failed"]


def test_after_a_decline_it_may_be_tried_with_another_key_and_card(paying, gateway, manager):
    with pytest.raises(PaymentDeclined):
        process_payment(order(method="pm_decline"), key="k1", by=manager)
    assert process_payment(order(method="pm_card"), key="k2", by=manager).status == "captured"


@pytest.mark.parametrize("status", [400, 401, 429, 503])
def test_what_was_certainly_not_accepted_fails_the_payment(paying, gateway, manager, status):
    def refuse(verb, key):
        raise Refusal(status, "Not so.")

    gateway.before = refuse
    with pytest.raises(PaymentDeclined, match="Not so"):
        process_payment(order(), key="k1", by=manager)
    payment = Payment.objects.get()
    assert (payment.status, payment.is_unknown, gateway.charged) == ("failed", False, 0)


@pytest.mark.parametrize("how", ["hangs up", "fails"])
def test_silence_after_it_was_handed_over_leaves_it_unknown_and_repeats_nothing(paying, gateway, manager, how):
    def trouble(verb, key):
        raise HangUp if how == "hangs up" else Refusal(502, "Bad gateway")

    gateway.after = trouble
    payment = process_payment(order(), key="k1", by=manager)
    assert (payment.status, payment.is_unknown) == ("new", True)
    operation = payment.operations.get()
    assert operation.state == "unknown"
    assert operation.next_attempt_at
    assert len(gateway.asked) == 1
    assert announced() == ["payment.unknown"]


def test_an_answer_that_makes_no_sense_is_no_answer(paying, gateway, manager):
    gateway.after = lambda verb, key: gateway.payments["pay_1"].update(currency="EUR")
    gateway._do = lambda *args, kept=gateway._do: {**kept(*args), "currency": "EUR"}
    payment = process_payment(order(), key="k1", by=manager)
    assert (payment.status, payment.is_unknown) == ("new", True)


class TestTheSameKey:
    def test_again_answers_the_payment_as_it_stands_and_asks_nobody(self, paying, gateway, manager):
        first = process_payment(order(), key="k1", by=manager)
        again = process_payment(order(), key="k1", by=manager)
        assert (first.pk, again.status) == (again.pk, "captured")
        assert len(gateway.asked) == 1

    def test_again_after_a_decline_is_declined_again(self, paying, gateway, manager):
        for _ in range(2):
            with pytest.raises(PaymentDeclined):
                process_payment(order(method="pm_decline"), key="k1", by=manager)
        assert len(gateway.asked) == 1

    def test_again_while_it_is_unknown_asks_nobody(self, paying, gateway, manager):
        gateway.after = gateway.hang_up
        for _ in range(2):
            assert process_payment(order(), key="k1", by=manager).is_unknown
        assert len(gateway.asked) == 1

    def test_again_when_the_integration_is_gone_still_answers(self, paying, gateway, manager):
        first = process_payment(order(), key="k1", by=manager)
        integrations.delete_integration(paying, by=manager)
        assert process_payment(order(), key="k1", by=manager) == first

    def test_for_another_payment_is_refused(self, paying, gateway, manager):
        process_payment(order(), key="k1", by=manager)
        with pytest.raises(KeyUsedOtherwise):
            process_payment(order(amount_minor=1), key="k1", by=manager)

    def test_of_two_people_is_two_keys(self, paying, gateway, manager, coordinator):
        process_payment(order(invoice="1"), key="k1", by=manager)
        process_payment(order(invoice="2"), key="k1", by=coordinator)
        assert len(gateway.payments) == 2


class TestTheSamePurpose:
    def test_is_paid_once_whoever_asks(self, paying, gateway, manager, coordinator):
        first = process_payment(order(), key="k1", by=manager)
        with pytest.raises(AlreadyPaid) as told:
            process_payment(order(), key="k2", by=coordinator)
        assert told.value.extra == {"payment": first.pk, "status": "captured"}
        assert len(gateway.asked) == 1

    def test_is_not_paid_again_while_the_first_is_unknown(self, paying, gateway, manager, coordinator):
        gateway.after = gateway.hang_up
        process_payment(order(), key="k1", by=manager)
        with pytest.raises(AlreadyPaid, match="is being paid"):
            process_payment(order(), key="k2", by=coordinator)

    @pytest.mark.parametrize("invoice", ["2026-114", " 2026-114", "2026-114 "])
    def test_is_an_invoice_however_it_is_written_and_whatever_the_amount(self, paying, manager, invoice):
        process_payment(order(), key="k1", by=manager)
        with pytest.raises(AlreadyPaid):
            process_payment(order(invoice=invoice, amount_minor=1, method="pm_other"), key="k2", by=manager)

    def test_without_an_invoice_is_amount_words_and_payer(self, paying, gateway, coordinator, deal):
        rent = {"invoice": "", "room": f"project:{deal.pk}", "method": "pm_1"}
        process_payment(order(**rent, description="Rent, March"), key="k1", by=coordinator)
        process_payment(order(**rent, description="Rent, April"), key="k2", by=coordinator)
        with pytest.raises(AlreadyPaid):
            process_payment(order(**rent, description="Rent, April"), key="k3", by=coordinator)
        with pytest.raises(AlreadyPaid):  # the same card entered again is another token
            process_payment(order(**{**rent, "method": "pm_2"}, description="rent, april"), key="k4", by=coordinator)
        assert len(gateway.payments) == 2

    def test_may_be_paid_anew_once_it_was_given_back_whole(self, paying, gateway, manager):
        refund_payment(process_payment(order(), key="k1", by=manager), key="r1", by=manager)
        assert process_payment(order(), key="k2", by=manager).status == "captured"


class TestTheGateway:
    @pytest.fixture
    def second(self, paying, gateway, manager):
        return integrations.create_integration(
            provider="recorded", name="Other", config={"api_url": gateway.url}, credentials={}, priority=1, by=manager
        )

    def test_is_no_sandbox_once_there_is_a_live_one(self, paying, gateway, manager):
        sandbox = integrations.create_integration(
            provider="sandbox_payment", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
        )
        with pytest.raises(ValidationError, match="moves no money"):
            process_payment(order(integration=sandbox.pk), key="k1", by=manager)
        assert not Payment.objects.exists()

    def test_is_the_first_in_order_of_use(self, second, manager):
        assert process_payment(order(), key="k1", by=manager).integration == second

    def test_or_the_one_that_is_named(self, second, paying, manager):
        assert process_payment(order(integration=paying.pk), key="k1", by=manager).integration == paying

    def test_or_one_of_the_provider_that_is_named(self, paying, manager):
        assert process_payment(order(provider="recorded"), key="k1", by=manager).provider == "recorded"
        with pytest.raises(NoProvider):
            process_payment(order(provider="stripe", invoice="2"), key="k2", by=manager)

    def test_is_never_another_when_the_first_fails(self, second, paying, gateway, manager):
        def refuse(verb, key):
            raise Refusal(503, "Not now.")

        gateway.before = refuse
        with pytest.raises(PaymentDeclined):
            process_payment(order(), key="k1", by=manager)
        assert set(IntegrationLog.objects.values_list("integration", flat=True)) == {second.pk}

    def test_that_is_named_must_exist_and_be_of_use(self, paying, sandbox, manager):
        for ident in (0, sandbox.pk, 2**62):
            with pytest.raises(ValidationError) as told:
                process_payment(order(integration=ident), key=f"k{ident}", by=manager)
            assert "integration" in told.value.message_dict
        Integration.objects.filter(pk=paying.pk).update(status=Status.DISABLED)
        with pytest.raises(NoProvider):
            process_payment(order(integration=paying.pk), key="k", by=manager)

    def test_is_missing_where_none_was_set_up(self, manager):
        with pytest.raises(NoProvider):
            process_payment(order(), key="k1", by=manager)
        assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("amount_minor", {"amount_minor": 0}),
        ("amount_minor", {"amount_minor": -1}),
        ("amount_minor", {"amount_minor": 10**12}),
        ("currency", {"currency": "usd"}),
        ("currency", {"currency": "XXX"}),
        ("invoice", {"invoice": ""}),
        ("project", {"room": "project:999999"}),
        ("project", {"room": "project:x"}),
        ("method", {"method": "4242 4242 4242 4242"}),
        ("method", {"method": "4242424242424242"}),
    ],
)
def test_what_can_not_be_is_refused_by_its_field(paying, gateway, manager, field, fields):
    with pytest.raises(ValidationError) as told:
        process_payment(order(**fields), key="k1", by=manager)
    assert list(told.value.message_dict) == [field]
    assert not Payment.objects.exists()
    assert gateway.asked == []


def test_a_deal_that_one_may_not_enter_does_not_exist(paying, deal, admin_user):
    other = type(admin_user).objects.create_user("cleo@harbour.example", role="coordinator", name="Cleo")
    with pytest.raises(ValidationError):
        process_payment(order(room=f"project:{deal.pk}"), key="k1", by=other)


def test_a_deal_sees_what_is_paid(paying, deal, coordinator):
    process_payment(order(room=f"project:{deal.pk}"), key="k1", by=coordinator)
    activity = Activity.objects.get(kind="payment.captured")
    assert {room.room for room in activity.rooms.all()} == {f"project:{deal.pk}", f"integration:{paying.pk}"}
    assert activity.sentence == "took 2500.00 USD for invoice 2026-114"


@pytest.mark.parametrize("role", ["agent", "assistant"])
def test_agents_and_assistants_take_no_money(paying, gateway, agent, role):
    agent.role = role
    with pytest.raises(PermissionDenied):
        process_payment(order(), key="k1", by=agent)
    assert not PaymentOperation.objects.exists()


def test_who_sees_which_payments(paying, deal, manager, coordinator, agent, admin_user):
    mine = process_payment(order(invoice="1"), key="k1", by=coordinator)
    of_deal = process_payment(order(invoice="2", room=f"project:{deal.pk}"), key="k1", by=admin_user)
    alone = process_payment(order(invoice="3"), key="k2", by=admin_user)
    assert set(Payment.objects.visible_to(manager)) == {mine, of_deal, alone}
    assert set(Payment.objects.visible_to(coordinator)) == {mine, of_deal}
    assert not Payment.objects.visible_to(agent).exists()
