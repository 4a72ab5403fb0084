"""PayPal's provider: orders, tokens and holds; the events have a file of their own."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.providers.paypal import rest
from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.spi import (
    AuthFailed,
    Gone,
    InvalidConfig,
    OutcomeUnknown,
    PaymentRequest,
    PaymentStatus,
    ProviderError,
    RateLimited,
    Unreachable,
)
from integrations.transport import Line
from tests.support.http import HttpServer, Reply

KEY = "3f2a9c1b-0000-4000-8000-000000000001"
ORDERS, TOKEN = "/v2/checkout/orders", "/v1/oauth2/token"
ORDER = f"{ORDERS}/5O1"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_tokens(monkeypatch):
    monkeypatch.setattr(rest, "tokens", rest._Tokens())


@pytest.fixture
def server():
    with HttpServer() as running:
        running.answer("POST", TOKEN, token("t-1"))
        yield running


@pytest.fixture
def account(server):
    return build(server.url)


def build(url: str, secret: str = "client-secret-0815", **config: Any) -> Any:
    found = find_provider("paypal")
    assert found
    settings = {"client_id": "client-4711", "api_url": url, **config}
    return found.build(settings, {"client_secret": Secret(secret)}, Line())


def token(text: str, *, expires_in: int = 32400) -> Reply:
    return Reply(200, {"access_token": text, "token_type": "Bearer", "app_id": "APP-1", "expires_in": expires_in})


def request(**changes: Any) -> PaymentRequest:
    return PaymentRequest(**{"key": KEY, "amount_minor": 12050, "currency": "EUR", **changes})


def money(value: str = "120.50", currency: str = "EUR") -> dict[str, str]:
    return {"currency_code": currency, "value": value}


def order(status: str = "CREATED", intent: str = "CAPTURE", **payments: Any) -> dict[str, Any]:
    unit = {"reference_id": "default", "custom_id": KEY, "amount": money()}
    return {
        "id": "5O1",
        "intent": intent,
        "status": status,
        "purchase_units": [{**unit, "payments": payments} if payments else unit],
        "links": [{"rel": "payer-action", "href": "https://www.paypal.com/checkoutnow?token=5O1", "method": "GET"}],
    }


def payment(status: str, value: str = "120.50", ident: str = "P-1", **more: Any) -> dict[str, Any]:
    return {"id": ident, "status": status, "amount": money(value), **more}


def refusal(issue: str = "ITEM", words: str = "Not so.") -> dict[str, Any]:
    return {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue, "description": words}], "debug_id": "d-1"}


class TestCreating:
    def test_an_order_waits_for_its_payer(self, server, account):
        server.answer("POST", ORDERS, Reply(201, order("PAYER_ACTION_REQUIRED")))
        made = account.create(
            request(description="D" * 200, reference="INV-7", return_url="https://office.example/paid")
        )
        assert (made.ref, made.status, made.captured_minor) == ("5O1", PaymentStatus.REQUIRES_ACTION, 0)
        assert made.action_url == "https://www.paypal.com/checkoutnow?token=5O1"
        assert (made.amount_minor, made.currency, made.is_live) == (12050, "EUR", False)
        (asked,) = server.asked_for("POST", ORDERS)
        assert asked.json == {
            "intent": "CAPTURE",
            "purchase_units": [
                {
                    "custom_id": KEY,
                    "amount": money(),
                    "description": "D" * 127,
                    "invoice_id": "INV-7 / 3f2a9c1b",
                }
            ],
            "payment_source": {
                "paypal": {
                    "experience_context": {
                        "user_action": "PAY_NOW",
                        "shipping_preference": "NO_SHIPPING",
                        "return_url": "https://office.example/paid",
                        "cancel_url": "https://office.example/paid",
                    }
                }
            },
        }
        assert asked.headers["paypal-request-id"] == KEY
        assert asked.headers["authorization"] == "Bearer t-1"

    def test_what_is_to_be_held_is_asked_for_so(self, server, account):
        server.answer("POST", ORDERS, Reply(201, order(intent="AUTHORIZE")))
        account.create(request(captures_at_once=False))
        assert server.asked_for("POST", ORDERS)[0].json["intent"] == "AUTHORIZE"

    def test_an_answer_that_tells_only_the_id_is_enough(self, server, account):
        link = {"rel": "approve", "href": "https://www.paypal.com/checkoutnow?token=5O1"}
        server.answer("POST", ORDERS, Reply(201, {"id": "5O1", "status": "CREATED", "links": [link]}))
        made = account.create(request())
        assert (made.amount_minor, made.action_url) == (12050, link["href"])

    @pytest.mark.parametrize(
        ("amount", "currency", "value"),
        [(500, "JPY", "500"), (120000, "HUF", "1200"), (5000, "TWD", "50"), (1, "USD", "0.01")],
    )
    def test_amounts_are_written_as_paypal_does(self, server, account, amount, currency, value):
        made = order()
        made["purchase_units"][0]["amount"] = money(value, currency)
        server.answer("POST", ORDERS, Reply(201, made))
        seen = account.create(request(amount_minor=amount, currency=currency))
        sent = server.asked_for("POST", ORDERS)[0].json["purchase_units"][0]["amount"]
        assert sent == money(value, currency)
        assert (seen.amount_minor, seen.currency) == (amount, currency)

    @pytest.mark.parametrize("changes", [{"amount_minor": 12050, "currency": "HUF"}, {"method": "pm_card_visa"}])
    def test_what_paypal_can_not_take_is_refused_before_anything_is_sent(self, server, account, changes):
        with pytest.raises(ProviderError) as refused:
            account.create(request(**changes))
        assert refused.value.permanent
        assert server.asked == []

    def test_finding_it_again_is_asking_for_it_again_under_its_key(self, server, account):
        server.answer("POST", ORDERS, Reply(200, order("PAYER_ACTION_REQUIRED")))
        account.create(request())
        assert account.find(request(), SINCE).payment.ref == "5O1"
        first, second = server.asked_for("POST", ORDERS)
        assert first.body == second.body
        assert first.headers["paypal-request-id"] == second.headers["paypal-request-id"] == KEY


class TestReading:
    @pytest.mark.parametrize(
        ("told", "status", "captured", "refunded"),
        [
            (order("CREATED"), "requires_action", 0, 0),
            (order("SAVED"), "requires_action", 0, 0),
            (order("PAYER_ACTION_REQUIRED"), "requires_action", 0, 0),
            (order("APPROVED"), "authorised", 0, 0),
            (order("VOIDED"), "cancelled", 0, 0),
            (order("SOMETHING_NEW"), "processing", 0, 0),
            (order("COMPLETED", captures=[payment("COMPLETED")]), "captured", 12050, 0),
            (order("COMPLETED", captures=[payment("PENDING")]), "processing", 0, 0),
            (order("COMPLETED", captures=[payment("DECLINED")]), "failed", 0, 0),
            (order("COMPLETED", captures=[payment("FAILED")]), "failed", 0, 0),
            (
                order("COMPLETED", captures=[payment("PARTIALLY_REFUNDED")], refunds=[payment("COMPLETED", "20.50")]),
                "partially_refunded",
                12050,
                2050,
            ),
            (
                order("COMPLETED", captures=[payment("COMPLETED")], refunds=[payment("PENDING", "20.50")]),
                "partially_refunded",
                12050,
                2050,
            ),
            (
                order("COMPLETED", captures=[payment("COMPLETED")], refunds=[payment("FAILED", "20.50")]),
                "captured",
                12050,
                0,
            ),
            (
                order("COMPLETED", captures=[payment("REFUNDED")], refunds=[payment("COMPLETED")]),
                "refunded",
                12050,
                12050,
            ),
            (order("COMPLETED", "AUTHORIZE", authorizations=[payment("CREATED")]), "authorised", 0, 0),
            (order("COMPLETED", "AUTHORIZE", authorizations=[payment("PENDING")]), "processing", 0, 0),
            (order("COMPLETED", "AUTHORIZE", authorizations=[payment("VOIDED")]), "cancelled", 0, 0),
            (order("COMPLETED", "AUTHORIZE", authorizations=[payment("DENIED")]), "failed", 0, 0),
            (
                order(
                    "COMPLETED",
                    "AUTHORIZE",
                    authorizations=[payment("CAPTURED")],
                    captures=[payment("COMPLETED", "50.00")],
                ),
                "captured",
                5000,
                0,
            ),
        ],
    )
    def test_each_state(self, server, account, told, status, captured, refunded):
        server.answer("GET", ORDER, Reply(200, told))
        seen = account.fetch("5O1")
        assert (seen.status, seen.captured_minor, seen.refunded_minor) == (status, captured, refunded)
        assert len(server.asked) == 2

    def test_a_decline_says_why(self, server, account):
        declined = payment("DECLINED", status_details={"reason": "REFUSED"})
        server.answer("GET", ORDER, Reply(200, order("COMPLETED", captures=[declined])))
        assert account.fetch("5O1").failure == "PayPal declined it (REFUSED)."

    def test_only_paypals_own_live_address_is_live(self):
        assert build("https://api-m.paypal.com").is_live
        assert not build("https://api-m.sandbox.paypal.com").is_live


class TestHolding:
    def test_an_approved_order_is_held_when_it_is_read(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("APPROVED", "AUTHORIZE")))
        told = {
            "id": "5O1",
            "status": "COMPLETED",
            "purchase_units": [{"payments": {"authorizations": [payment("CREATED")]}}],
        }
        server.answer("POST", f"{ORDER}/authorize", Reply(201, told))
        for _ in range(2):
            assert account.fetch("5O1").status == PaymentStatus.AUTHORISED
        keys = [each.headers["paypal-request-id"] for each in server.asked_for("POST", f"{ORDER}/authorize")]
        assert keys == ["5O1-authorize"] * 2

    def test_where_it_can_not_be_held_the_payer_is_asked_again(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("APPROVED", "AUTHORIZE")))
        server.answer("POST", f"{ORDER}/authorize", Reply(422, refusal("INSTRUMENT_DECLINED")))
        seen = account.fetch("5O1")
        assert seen.status == PaymentStatus.REQUIRES_ACTION
        assert "INSTRUMENT_DECLINED" in seen.failure

    def test_a_part_of_what_is_held_is_taken_and_the_rest_let_go(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("COMPLETED", "AUTHORIZE", authorizations=[payment("CREATED")])))
        path = "/v2/payments/authorizations/P-1/capture"
        server.answer("POST", path, Reply(201, {"id": "C-1", "status": "COMPLETED"}))
        taken = account.capture("5O1", amount_minor=5000, currency="EUR", key="k-1")
        assert (taken.status, taken.captured_minor) == (PaymentStatus.CAPTURED, 5000)
        (asked,) = server.asked_for("POST", path)
        assert asked.json == {"amount": money("50.00"), "final_capture": True}
        assert asked.headers["paypal-request-id"] == "k-1"

    def test_what_was_approved_and_not_yet_held_is_held_and_taken(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("APPROVED", "AUTHORIZE")))
        held = {"purchase_units": [{"payments": {"authorizations": [payment("CREATED")]}}]}
        server.answer("POST", f"{ORDER}/authorize", Reply(201, held))
        server.answer("POST", "/v2/payments/authorizations/P-1/capture", Reply(201, payment("COMPLETED")))
        assert account.capture("5O1", amount_minor=12050, currency="EUR", key="k").captured_minor == 12050

    def test_nothing_held_is_nothing_taken(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("CREATED", "AUTHORIZE")))
        with pytest.raises(ProviderError, match="Nothing is held") as refused:
            account.capture("5O1", amount_minor=5000, currency="EUR", key="k")
        assert refused.value.permanent


class TestCapturing:
    def test_an_approved_order_is_taken_whole(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("APPROVED")))
        told = {
            "id": "5O1",
            "status": "COMPLETED",
            "purchase_units": [{"payments": {"captures": [payment("COMPLETED")]}}],
        }
        server.answer("POST", f"{ORDER}/capture", Reply(201, told))
        taken = account.capture("5O1", amount_minor=12050, currency="EUR", key="k-1")
        assert (taken.status, taken.captured_minor, taken.amount_minor) == (PaymentStatus.CAPTURED, 12050, 12050)
        assert server.asked_for("POST", f"{ORDER}/capture")[0].headers["paypal-request-id"] == "k-1"

    def test_a_part_is_refused(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("APPROVED")))
        with pytest.raises(ProviderError, match="whole") as refused:
            account.capture("5O1", amount_minor=100, currency="EUR", key="k")
        assert refused.value.permanent

    def test_a_declined_instrument_is_a_refusal_that_says_so(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("APPROVED")))
        server.answer("POST", f"{ORDER}/capture", Reply(422, refusal("INSTRUMENT_DECLINED", "Choose another.")))
        with pytest.raises(ProviderError, match=r"INSTRUMENT_DECLINED: Choose another. \(debug id d-1\)") as refused:
            account.capture("5O1", amount_minor=12050, currency="EUR", key="k")
        assert refused.value.permanent


class TestCancelling:
    def test_a_hold_is_let_go(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("COMPLETED", "AUTHORIZE", authorizations=[payment("CREATED")])))
        server.answer("POST", "/v2/payments/authorizations/P-1/void", Reply(204, ""))
        assert account.cancel("5O1", key="k").status == PaymentStatus.CANCELLED

    def test_an_order_that_nobody_paid_is_marked_and_never_captured(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("CREATED")))
        server.answer("PATCH", ORDER, Reply(204, ""))
        assert account.cancel("5O1", key="k").status == PaymentStatus.CANCELLED
        (asked,) = server.asked_for("PATCH", ORDER)
        path = "/purchase_units/@reference_id=='default'/custom_id"
        assert asked.json == [{"op": "replace", "path": path, "value": f"cancelled:{KEY}"}]

        approved_all_the_same = order("APPROVED")
        approved_all_the_same["purchase_units"][0]["custom_id"] = f"cancelled:{KEY}"
        server.answer("GET", ORDER, Reply(200, approved_all_the_same))
        assert account.fetch("5O1").status == PaymentStatus.CANCELLED
        assert account.cancel("5O1", key="k").status == PaymentStatus.CANCELLED
        with pytest.raises(ProviderError, match="cancelled"):
            account.capture("5O1", amount_minor=12050, currency="EUR", key="k")
        assert len(server.asked_for("PATCH", ORDER)) == 1

    def test_what_was_paid_is_not_cancelled(self, server, account):
        server.answer("GET", ORDER, Reply(200, order("COMPLETED", captures=[payment("COMPLETED")])))
        with pytest.raises(ProviderError, match="refunded") as refused:
            account.cancel("5O1", key="k")
        assert refused.value.permanent


class TestRefunding:
    paid = order("COMPLETED", captures=[payment("COMPLETED")])
    path = "/v2/payments/captures/P-1/refund"

    def test_a_part_is_given_back(self, server, account):
        server.answer("GET", ORDER, Reply(200, self.paid))
        server.answer("POST", self.path, Reply(201, {"id": "R-1", "status": "COMPLETED"}))
        seen = account.refund("5O1", amount_minor=2050, currency="EUR", key="k-1")
        assert (seen.status, seen.refunded_minor) == (PaymentStatus.PARTIALLY_REFUNDED, 2050)
        (asked,) = server.asked_for("POST", self.path)
        assert (asked.json, asked.headers["paypal-request-id"]) == ({"amount": money("20.50")}, "k-1")
        assert len(server.asked_for("GET", ORDER)) == 1

    @pytest.mark.parametrize("amount", [12051, 999999])
    def test_more_than_was_taken_is_refused(self, server, account, amount):
        server.answer("GET", ORDER, Reply(200, self.paid))
        with pytest.raises(ProviderError) as refused:
            account.refund("5O1", amount_minor=amount, currency="EUR", key="k")
        assert refused.value.permanent

    def test_a_refund_that_failed_at_once_is_a_refusal(self, server, account):
        server.answer("GET", ORDER, Reply(200, self.paid))
        server.answer("POST", self.path, Reply(201, {"id": "R-1", "status": "FAILED"}))
        with pytest.raises(ProviderError, match="FAILED"):
            account.refund("5O1", amount_minor=2050, currency="EUR", key="k")


class TestTrouble:
    @pytest.mark.parametrize(
        ("status", "body", "kind", "permanent"),
        [
            (400, refusal(), ProviderError, True),
            (401, refusal(), AuthFailed, False),
            (403, refusal("PERMISSION_DENIED"), AuthFailed, False),
            (404, refusal(), ProviderError, True),
            (409, refusal(), OutcomeUnknown, False),
            (422, refusal(), ProviderError, True),
            (429, refusal(), RateLimited, False),
            (500, refusal(), OutcomeUnknown, False),
            (502, "<html>", OutcomeUnknown, False),
            (503, refusal(), ProviderError, False),
            (200, "<html>Welcome to the hotel</html>", OutcomeUnknown, False),
            (200, "[]", OutcomeUnknown, False),
            (302, "", ProviderError, True),
        ],
    )
    def test_each_refusal_in_the_houses_words(self, server, account, status, body, kind, permanent):
        server.answer("POST", ORDERS, Reply(status, body, {"Retry-After": "7"}))
        with pytest.raises(ProviderError) as told:
            account.create(request())
        assert type(told.value) is kind
        assert told.value.permanent is permanent
        assert told.value.retry_after == (7 if kind is RateLimited or status == 503 else None)

    def test_what_paypal_itself_knows_no_longer_is_gone(self, server, account):
        told = refusal("INVALID_RESOURCE_ID") | {"name": "RESOURCE_NOT_FOUND"}
        server.answer("GET", ORDER, Reply(404, told), Reply(404, told), Reply(404, "<html>Not here</html>"))
        for ask in (lambda: account.fetch("5O1"), lambda: account.cancel("5O1", key="k")):
            with pytest.raises(Gone, match="INVALID_RESOURCE_ID"):
                ask()
        with pytest.raises(ProviderError) as refused:
            account.fetch("5O1")
        assert type(refused.value) is ProviderError

    def test_a_line_that_broke_after_the_request_left_leaves_the_outcome_unknown(self, server, account):
        server.answer("POST", ORDERS, Reply(hangs_up=True))
        with pytest.raises(OutcomeUnknown):
            account.create(request())
        assert len(server.asked_for("POST", ORDERS)) == 1

    @pytest.mark.parametrize("reply", [Reply(500, refusal()), Reply(200, "no json"), Reply(hangs_up=True)])
    def test_a_read_that_broke_may_be_repeated(self, server, account, reply):
        server.answer("GET", ORDER, reply)
        with pytest.raises(ProviderError) as told:
            account.fetch("5O1")
        assert type(told.value) is ProviderError
        assert not told.value.permanent

    def test_nobody_there_accepted_nothing(self, closed_port):
        with pytest.raises(Unreachable):
            build(f"http://127.0.0.1:{closed_port}").create(request())

    @pytest.mark.parametrize("config", [{"api_url": "paypal"}, {"token_url": "ftp://paypal"}])
    def test_an_address_that_is_none_is_refused(self, config):
        with pytest.raises(InvalidConfig):
            build(**{"url": "https://api-m.paypal.com", **config}) if "token_url" in config else build("paypal")


class TestTokens:
    def test_one_is_asked_for_and_used_by_everybody(self, server):
        server.answer("GET", ORDER, Reply(200, order()))
        accounts = [build(server.url) for _ in range(6)]
        threads = [threading.Thread(target=each.fetch, args=("5O1",)) for each in accounts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (asked,) = server.asked_for("POST", TOKEN)
        assert asked.form == {"grant_type": "client_credentials"}
        assert asked.headers["authorization"] == "Basic Y2xpZW50LTQ3MTE6Y2xpZW50LXNlY3JldC0wODE1"
        assert len(server.asked_for("GET", ORDER)) == 6

    def test_another_secret_has_another(self, server):
        server.answer("GET", ORDER, Reply(200, order()))
        build(server.url).fetch("5O1")
        build(server.url, "client-secret-0816").fetch("5O1")
        assert len(server.asked_for("POST", TOKEN)) == 2

    def test_one_that_runs_out_is_replaced(self, server, account):
        server.answer("POST", TOKEN, token("t-1", expires_in=59), token("t-2"))
        server.answer("GET", ORDER, Reply(200, order()))
        account.fetch("5O1")
        account.fetch("5O1")
        assert [each.headers["authorization"] for each in server.asked_for("GET", ORDER)] == [
            "Bearer t-1",
            "Bearer t-2",
        ]

    def test_one_that_was_taken_back_is_replaced_once(self, server, account):
        server.answer("POST", TOKEN, token("t-1"), token("t-2"))
        server.answer("POST", ORDERS, Reply(401, refusal()), Reply(201, order()))
        assert account.create(request()).ref == "5O1"
        keys = [each.headers["paypal-request-id"] for each in server.asked_for("POST", ORDERS)]
        assert keys == [KEY, KEY]

    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            (Reply(401, {"error": "invalid_client", "error_description": "Client Authentication failed"}), AuthFailed),
            (Reply(500, {}), ProviderError),
            (Reply(200, "<html>"), ProviderError),
            (Reply(200, {}), ProviderError),
            (Reply(429, {}), RateLimited),
            (Reply(hangs_up=True), ProviderError),
        ],
    )
    def test_without_one_nothing_was_accepted(self, server, account, reply, kind):
        server.answer("POST", TOKEN, reply)
        with pytest.raises(ProviderError) as told:
            account.create(request())
        assert type(told.value) is kind
        assert not told.value.permanent
        assert server.asked_for("POST", ORDERS) == []

    def test_the_check_asks_for_a_new_one(self, server, account):
        assert "accepts the app APP-1" in account.check().detail
        server.answer("POST", TOKEN, Reply(401, {"error": "invalid_client"}))
        with pytest.raises(AuthFailed, match="invalid_client"):
            account.check()

    def test_they_may_come_from_elsewhere(self, server):
        server.answer("POST", "/elsewhere", token("t-9"))
        account = build("http://127.0.0.1:9", token_url=f"{server.url}/elsewhere")
        assert account.check().ok
