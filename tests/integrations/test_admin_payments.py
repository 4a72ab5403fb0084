"""Payments in the admin: looked at, captured, cancelled, given back, and read anew."""

from uuid import uuid4

import pytest

from integrations.models import Payment
from integrations.services.payments import process_payment
from tests.support.gateway import order

pytestmark = pytest.mark.django_db

LIST = "/admin/integrations/payment/"


@pytest.fixture
def office(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def paid(paying, manager) -> Payment:
    return process_payment(order(), key="paid", by=manager)


@pytest.fixture
def held(paying, manager) -> Payment:
    return process_payment(order(invoice="held", captures_at_once=False), key="held", by=manager)


def press(client, payment, verb, **fields):
    """What the page says after a button was pressed."""
    form = {"key": uuid4(), "amount": "", **fields}
    answer = client.post(f"{LIST}{payment.pk}/{verb}/now/", form, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_the_list_shows_amounts_and_can_be_narrowed(office, paid, held):
    page = office.get(f"{LIST}?status__exact=authorised").content.decode()
    assert "2500.00 USD" in page
    assert f"{LIST}{held.pk}/change/" in page
    assert f"{LIST}{paid.pk}/change/" not in page


def test_a_payment_is_shown_with_what_was_asked_and_what_can_be_done(office, paid):
    page = office.get(f"{LIST}{paid.pk}/change/").content.decode()
    assert f"{LIST}{paid.pk}/refund/now/" in page
    assert f"{LIST}{paid.pk}/capture/now/" not in page
    assert "At most 2500.00 USD" in " ".join(page.split())
    assert paid.purpose not in page
    assert paid.fingerprint not in page


def test_a_part_is_given_back(office, paid, gateway):
    assert press(office, paid, "refund", amount="1000.00") == ["The payment is partially refunded."]
    assert gateway.charged == 150_000


def test_all_is_given_back_where_no_amount_is_written(office, paid, gateway):
    assert press(office, paid, "refund") == ["The payment is refunded."]
    assert gateway.charged == 0


def test_the_button_pressed_twice_moves_it_once(office, paid, gateway):
    key = uuid4()
    for _ in range(2):
        press(office, paid, "refund", amount="1", key=key)
    assert gateway.charged == 249_900


@pytest.mark.parametrize("amount", ["1.001", "x", "-1", "0", "1e999", "2500.01"])
def test_an_amount_that_can_not_be_is_told_and_moves_nothing(office, paid, gateway, amount):
    (told,) = press(office, paid, "refund", amount=amount)
    assert told
    assert gateway.charged == 250_000


def test_what_is_held_is_captured_or_cancelled(office, held, gateway):
    assert press(office, held, "capture", amount="2000") == ["The payment is captured."]
    assert press(office, held, "cancel") == ["This payment is captured; it can be: refund."]
    assert gateway.charged == 200_000


def test_it_is_read_anew(office, held, gateway):
    gateway.payments[held.ref]["status"] = "cancelled"
    assert press(office, held, "refresh") == ["The payment is cancelled."]


def test_silence_is_told_as_such(office, paid, gateway):
    gateway.after = gateway.hang_up
    (told,) = press(office, paid, "refund")
    assert "do not repeat it" in told


def test_nothing_is_moved_by_looking(office, paid, gateway):
    assert office.get(f"{LIST}{paid.pk}/refund/now/").status_code == 405
    assert office.post(f"{LIST}{paid.pk}/explode/now/").status_code == 404
    assert gateway.charged == 250_000


def test_nobody_adds_edits_or_deletes_a_payment(office, paid):
    assert office.get(f"{LIST}add/").status_code == 403
    assert office.post(f"{LIST}{paid.pk}/delete/").status_code == 403
    assert office.post(f"{LIST}{paid.pk}/change/", {"amount_minor": 1}).status_code == 403


def test_a_coordinator_does_not_get_in_this_way(client, coordinator, paid):
    coordinator.is_staff = True
    coordinator.save(update_fields=["is_staff"])
    client.force_login(coordinator)
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}{paid.pk}/refund/now/", {"key": uuid4()}).status_code in {403, 404}
