"""Payments over the API: keys, answers, conflicts, and who may."""

import pytest

from integrations.models import Payment
from integrations.services.payments import process_payment
from tasks.services import add_member, open_project
from tests.support.gateway import Refusal, order

pytestmark = pytest.mark.django_db

LIST = "/api/v1/integrations/payments"
PROCESS = f"{LIST}/process"
WISH = {"amount_minor": 250_000, "currency": "usd", "invoice": "2026-114", "receipt_email": "buyer@example.com"}


@pytest.fixture
def send(api, coordinator):
    """``send(path, body, key=…, by=…)``: the answer of a write."""

    def post(path, body=None, *, key="k1", by=coordinator):
        return api(by).post(path, body or {}, headers={"Idempotency-Key": key} if key else {})

    return post


@pytest.fixture
def deal(manager, coordinator):
    made = open_project(name="12 Quay Street", kind="listing", starts_on=None, by=manager)
    add_member(made, user=coordinator, role="member", by=manager)
    return made


@pytest.fixture
def paid(paying, coordinator) -> Payment:
    return process_payment(order(receipt_email="buyer@example.com"), key="paid", by=coordinator)


@pytest.fixture
def held(paying, coordinator) -> Payment:
    return process_payment(order(captures_at_once=False), key="held", by=coordinator)


def code(answer) -> str:
    return answer.data["errors"][0]["code"]


class TestProcess:
    def test_takes_the_money(self, send, paying, gateway, deal, coordinator):
        answer = send(PROCESS, {**WISH, "project": deal.pk})
        assert answer.status_code == 201
        assert answer.data | {
            "provider": "recorded",
            "amount_minor": 250_000,
            "currency": "USD",
            "captured_minor": 250_000,
            "refundable_minor": 250_000,
            "status": "captured",
            "is_unknown": False,
            "can": ["refund"],
            "invoice": "2026-114",
            "project": deal.pk,
            "idempotency_key": "k1",
            "by": coordinator.pk,
        } == dict(answer.data)

    def test_answers_the_same_under_the_same_key(self, send, paying, gateway):
        first, second = send(PROCESS, WISH), send(PROCESS, WISH)
        assert (second.status_code, second.data["id"]) == (201, first.data["id"])
        assert second.headers["Idempotent-Replayed"] == "true"
        assert len(gateway.asked) == 1

    def test_refuses_another_body_under_the_same_key(self, send, paying):
        send(PROCESS, WISH)
        answer = send(PROCESS, {**WISH, "amount_minor": 1})
        assert (answer.status_code, code(answer)) == (409, "idempotency_mismatch")

    def test_wants_a_key(self, send, paying, gateway):
        assert send(PROCESS, WISH, key=None).status_code == 400
        assert gateway.asked == []

    def test_says_that_it_was_paid(self, send, paid, manager):
        answer = send(PROCESS, WISH, by=manager)
        assert (answer.status_code, code(answer)) == (409, "already_paid")
        assert (answer.data["payment"], answer.data["status"]) == (paid.pk, "captured")

    def test_says_that_it_was_declined(self, send, paying):
        answer = send(PROCESS, {**WISH, "method": "pm_decline"})
        assert (answer.status_code, code(answer)) == (409, "payment_declined")
        assert answer.data["errors"][0]["detail"] == "Your card was declined."
        assert answer.data["payment"] == Payment.objects.get().pk

    def test_says_that_it_does_not_know_yet(self, send, paying, gateway):
        gateway.after = gateway.hang_up
        answer = send(PROCESS, WISH)
        assert (answer.status_code, answer.data["status"], answer.data["is_unknown"]) == (202, "new", True)

    def test_says_that_there_is_no_gateway(self, send):
        answer = send(PROCESS, WISH)
        assert (answer.status_code, code(answer)) == (409, "no_provider")

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("amount_minor", 0),
            ("amount_minor", 12.5),
            ("currency", "XXX"),
            ("currency", "DOLLARS"),
            ("project", 999_999),
            ("receipt_email", "nobody"),
            ("return_url", "javascript:alert(1)"),
            ("method", "4242424242424242"),
            ("integration", 999_999),
        ],
    )
    def test_names_the_field_that_is_wrong(self, send, paying, gateway, field, wrong):
        answer = send(PROCESS, {**WISH, field: wrong})
        assert answer.status_code == 400
        assert answer.data["errors"][0]["attr"].startswith(field)
        assert gateway.asked == []

    def test_wants_a_deal_or_an_invoice(self, send, paying):
        answer = send(PROCESS, {**WISH, "invoice": ""})
        assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "invoice")

    def test_knows_no_deal_that_the_caller_may_not_enter(self, send, paying, manager, coordinator):
        private = open_project(name="Hidden", kind="listing", starts_on=None, by=manager)
        assert send(PROCESS, {**WISH, "project": private.pk}, by=coordinator).status_code == 400

    def test_is_for_leaders_and_coordinators(self, send, paying, agent, manager, gateway):
        assert send(PROCESS, WISH, by=agent).status_code == 403
        assert gateway.asked == []
        assert send(PROCESS, WISH, by=manager).status_code == 201


class TestMoving:
    def test_a_part_is_refunded_and_the_rest_after_it(self, send, paid, gateway):
        first = send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 100_000}, key="r1")
        assert (first.status_code, first.data["status"], first.data["refunded_minor"]) == (
            200,
            "partially_refunded",
            100_000,
        )
        rest = send(f"{LIST}/{paid.pk}/refund", key="r2")
        assert (rest.data["status"], rest.data["can"], gateway.charged) == ("refunded", [], 0)

    def test_a_refund_asked_for_twice_under_one_key_is_one(self, send, paid, gateway):
        for _ in range(2):
            assert send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 100_000}, key="r1").status_code == 200
        assert gateway.charged == 150_000

    def test_too_large_a_refund_says_how_much_there_is(self, send, paid):
        answer = send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 250_001}, key="r1")
        assert (answer.status_code, code(answer), answer.data["most_minor"]) == (409, "amount_too_large", 250_000)

    def test_what_is_held_is_captured(self, send, held):
        answer = send(f"{LIST}/{held.pk}/capture", {"amount_minor": 200_000}, key="c1")
        assert (answer.status_code, answer.data["status"], answer.data["captured_minor"]) == (200, "captured", 200_000)

    def test_what_was_captured_is_not_captured_again(self, send, paid):
        answer = send(f"{LIST}/{paid.pk}/capture", key="c1")
        assert (answer.status_code, code(answer), answer.data["can"]) == (409, "not_capturable", ["refund"])

    def test_what_is_held_is_let_go(self, send, held):
        answer = send(f"{LIST}/{held.pk}/cancel", key="x1")
        assert (answer.status_code, answer.data["status"]) == (200, "cancelled")

    def test_one_thing_at_a_time(self, send, paid, gateway):
        gateway.after = gateway.hang_up
        assert send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 1}, key="r1").status_code == 202
        answer = send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 1}, key="r2")
        assert (answer.status_code, code(answer)) == (409, "payment_in_progress")
        assert answer.data["operation"] == paid.operations.latest("pk").pk

    def test_what_the_provider_refuses_is_told(self, send, paid, gateway):
        def refuse(verb, key):
            raise Refusal(400, "The account is empty.")

        gateway.before = refuse
        answer = send(f"{LIST}/{paid.pk}/refund", key="r1")
        assert (answer.status_code, code(answer)) == (409, "operation_failed")
        assert "The account is empty." in answer.data["errors"][0]["detail"]

    @pytest.mark.parametrize("key", ["on-approval:1", "k" * 255])
    def test_no_key_meets_those_that_are_chosen_here(self, send, held, key):
        assert send(f"{LIST}/{held.pk}/capture", key=key).status_code == 200
        assert held.operations.latest("pk").idempotency_key == f"api:{key}"

    @pytest.mark.parametrize("verb", ["refund", "capture", "cancel"])
    def test_each_wants_a_key(self, send, held, verb):
        assert send(f"{LIST}/{held.pk}/{verb}", key=None).status_code == 400

    @pytest.mark.parametrize("verb", ["refund", "capture", "cancel"])
    def test_to_those_who_may_not_see_it_there_is_no_payment(self, send, held, agent, stranger, verb):
        assert send(f"{LIST}/{held.pk}/{verb}", by=agent).status_code == 404
        assert send(f"{LIST}/999999/{verb}").status_code == 404


class TestReading:
    def test_the_list_is_narrowed(self, api, paying, gateway, manager, deal):
        process_payment(order(invoice="A", room=f"project:{deal.pk}"), key="a", by=manager)
        process_payment(order(invoice="B", captures_at_once=False), key="b", by=manager)

        def found(query):
            rows = api(manager).get(f"{LIST}?{query}").data["results"]
            return [row["invoice"] for row in rows]

        assert found("") == ["B", "A"]
        assert found("status=authorised") == ["B"]
        assert found(f"project={deal.pk}") == ["A"]
        assert found("invoice=A&provider=recorded") == ["A"]
        assert found("provider=stripe") == []
        assert found("since=2999-01-01T00:00:00Z") == []
        assert found("ordering=created_at") == ["A", "B"]

    def test_the_list_asks_no_more_of_the_database_when_it_grows(
        self, api, paying, manager, django_assert_max_num_queries
    ):
        for number in range(5):
            process_payment(order(invoice=str(number)), key=str(number), by=manager)
        with django_assert_max_num_queries(4):
            assert len(api(manager).get(LIST).data["results"]) == 5

    def test_one_is_shown_with_what_was_asked_of_the_provider(self, api, send, paid, coordinator):
        send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 100}, key="r1")
        answer = api(coordinator).get(f"{LIST}/{paid.pk}")
        assert [(one["kind"], one["state"]) for one in answer.data["operations"]] == [
            ("create", "done"),
            ("refund", "done"),
        ]

    def test_a_coordinator_sees_theirs_and_those_of_their_deals(self, api, paying, manager, coordinator, deal):
        theirs = process_payment(order(invoice="1", room=f"project:{deal.pk}"), key="1", by=manager)
        other = process_payment(order(invoice="2"), key="2", by=manager)
        assert [row["id"] for row in api(coordinator).get(LIST).data["results"]] == [theirs.pk]
        assert api(coordinator).get(f"{LIST}/{other.pk}").status_code == 404
        assert api(coordinator).get(f"{LIST}/{other.pk}/receipt").status_code == 404


class TestReceipt:
    def test_says_what_was_paid_and_what_was_given_back(self, api, send, paid, coordinator):
        send(f"{LIST}/{paid.pk}/refund", {"amount_minor": 100_000}, key="r1")
        receipt = api(coordinator).get(f"{LIST}/{paid.pk}/receipt").data
        assert receipt["number"] == f"R-{paid.created_at:%Y}-{paid.pk:06d}"
        assert (receipt["paid"], receipt["refunded"], receipt["total"]) == ("2500.00", "1000.00", "1500.00")
        assert (receipt["office"], receipt["purpose"], receipt["currency"]) == ("Estateman", "invoice 2026-114", "USD")
        assert receipt["provider_ref"] == "pay_1"

    def test_there_is_none_of_what_was_not_paid(self, api, held, coordinator):
        answer = api(coordinator).get(f"{LIST}/{held.pk}/receipt")
        assert (answer.status_code, code(answer), answer.data["status"]) == (409, "nothing_paid", "authorised")
