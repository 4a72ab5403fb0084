"""An office's first day with the outside world: a real server, a real mailbox, and localstripe."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.office import Person
from tests.support.server import EmbeddedServer
from tests.support.smtp import SmtpReceiver
from tests.support.standins import StandIn
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(300)

ADMIN, SENDER = "ada@harbourhill.example", "office@harbour.example"
LIST = "/admin/integrations/integration/"
STRIPE_KEY, SIGNING_SECRET = "sk_test_new_user_0815_471100", "whsec_new_user_0815_471100"
MAIL_PASSWORD = "post-office-0815-4711"


class Desk:
    """The admin, as a browser without scripts uses it."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
        self.post("/admin/login/?next=/admin/", username=ADMIN, password="demo")

    def close(self) -> None:
        self.client.close()

    def post(self, path: str, **fields: Any) -> str:
        """Open the page, fill its form in and send it; the text of the page that follows."""
        self.client.get(path)
        token = self.client.cookies["csrftoken"]
        answer = self.client.post(path, data={**fields, "csrfmiddlewaretoken": token}, headers={"Referer": path})
        assert answer.status_code == 200, answer.text
        return _text(answer.text)

    def press(self, path: str, shown_on: str) -> str:
        """Press a button that is a form of its own on the page ``shown_on``."""
        self.client.get(shown_on)
        token = self.client.cookies["csrftoken"]
        answer = self.client.post(path, data={"csrfmiddlewaretoken": token}, headers={"Referer": shown_on})
        assert answer.status_code == 200, answer.text
        return _text(answer.text)

    def read(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return _text(answer.text)


def _text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@dataclass
class Day:
    """The admin Ada at her desk, and the two integrations that she set up through the admin's forms."""

    server: EmbeddedServer
    desk: Desk
    ada: Person
    mailbox: SmtpReceiver
    mail: dict[str, Any]
    stripe: dict[str, Any]

    def keyed(self, path: str, body: dict[str, Any], *, expect: int) -> Any:
        """Post with an Idempotency-Key."""
        headers = {**self.ada.headers, "Idempotency-Key": uuid4().hex}
        answer = httpx.post(f"{self.server.url}/api/v1{path}", json=body, headers=headers, timeout=30)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self.ada.post(path, body, expect=200, method="PATCH")


@pytest.fixture(scope="module")
def day(stripe_server: StandIn) -> Iterator[Day]:
    with (
        EmbeddedServer() as server,
        SmtpReceiver(login=(SENDER, MAIL_PASSWORD)) as mailbox,
        closing(Desk(server.url)) as desk,
    ):
        ada = Person(server.url, server.url, ADMIN)
        _add_mail(desk, mailbox.port)
        _add_stripe(desk, stripe_server.url)
        made = {each["name"]: each for each in ada.get("/integrations")["results"]}
        yield Day(server, desk, ada, mailbox, made["Our mail"], made["Our Stripe"])


def _add_mail(desk: Desk, port: int) -> None:
    desk.post(
        f"{LIST}add/?provider=smtp",
        name="Our mail",
        mode="live",
        priority="100",
        enabled="on",
        config_host="127.0.0.1",
        config_port=str(port),
        config_security="none",
        config_username=SENDER,
        config_timeout_seconds="10",
        credential_password=MAIL_PASSWORD,
    )


def _add_stripe(desk: Desk, url: str) -> None:
    desk.post(
        f"{LIST}add/?provider=stripe",
        name="Our Stripe",
        mode="sandbox",
        priority="10",
        enabled="on",
        config_api_url=url,
        credential_api_key=STRIPE_KEY,
    )


@pytest.fixture
def card(stripe_server: StandIn) -> str:
    """The token of a card that works."""
    fields = {"type": "card", "card[number]": "4242424242424242", "card[cvc]": "123"}
    fields |= {"card[exp_month]": "12", "card[exp_year]": "2040"}
    headers = {"Authorization": f"Bearer {STRIPE_KEY}"}
    made = httpx.post(f"{stripe_server.url}/v1/payment_methods", data=fields, headers=headers)
    return str(made.raise_for_status().json()["id"])


def test_each_is_tested_with_its_button(day: Day) -> None:
    for each in (day.mail, day.stripe):
        page = f"{LIST}{each['id']}/change/"
        assert "100 of 100" in day.desk.press(f"{LIST}{each['id']}/test/", page)
        assert day.ada.get(f"/integrations/{each['id']}")["status"] == "active"


def test_a_payment_is_taken_once_and_half_of_it_given_back_and_its_webhooks_come_in(
    day: Day, stripe_server: StandIn, card: str
) -> None:
    day.ada.post(f"/integrations/{day.stripe['id']}/webhook-secrets", {"secret": SIGNING_SECRET})
    hook = {"url": day.stripe["webhook_url"], "secret": SIGNING_SECRET}
    httpx.post(f"{stripe_server.url}/_config/webhooks/ours", data=hook).raise_for_status()

    deal = day.ada.get("/projects")["results"][0]
    order = {"amount_minor": 25_000, "currency": "USD", "project": deal["id"], "invoice": "2026-17", "method": card}
    order["integration"] = day.stripe["id"]
    payment = day.keyed("/integrations/payments/process", order, expect=201)
    assert (payment["status"], payment["captured_minor"]) == ("captured", 25_000)
    again = day.keyed("/integrations/payments/process", order, expect=409)
    assert (again["errors"][0]["code"], again["payment"]) == ("already_paid", payment["id"])
    refunded = day.keyed(f"/integrations/payments/{payment['id']}/refund", {"amount_minor": 12_500}, expect=200)
    assert (refunded["status"], refunded["refunded_minor"]) == ("partially_refunded", 12_500)

    def is_processed() -> bool:
        told = day.ada.get("/integrations/webhooks", integration=day.stripe["id"])["results"]
        return ("payment_intent.succeeded", "processed") in {(event["kind"], event["status"]) for event in told}

    eventually(is_processed, within=30)
    assert "payment_intent.succeeded" in day.desk.read("/admin/integrations/webhookevent/")
    assert payment["ref"] in day.desk.read("/admin/djstripe/paymentintent/")


def test_a_wrong_password_is_said_by_health_and_a_repair_heals_it(day: Day) -> None:
    path = f"/integrations/{day.mail['id']}"
    day.patch(path, {"credentials": {"password": "not-the-password"}})
    broken = day.ada.post(f"{path}/test", expect=200)
    assert (broken["ok"], broken["status"]) == (False, "needs_credentials")
    health = {each["id"]: each for each in day.ada.get("/integrations/health")["integrations"]}[day.mail["id"]]
    assert health["score"] == 0
    assert "credentials" in " ".join(health["reasons"])

    day.patch(path, {"credentials": {"password": MAIL_PASSWORD}})
    assert day.ada.post(f"{path}/test", expect=200)["ok"]
    assert day.ada.get(path)["status"] == "active"
    letter = {"to": "buyer@example.com", "subject": "Keys", "text": "They are ready."}
    assert day.keyed("/integrations/email/send", letter, expect=200)["provider"] == "smtp"
    day.mailbox.wait_for(1)


def test_nothing_secret_was_written_down_on_the_way(day: Day) -> None:
    pages = ("integration/", "integrationlog/", "webhookevent/", f"integration/{day.stripe['id']}/change/")
    shown = [day.desk.client.get(f"/admin/integrations/{page}").text for page in pages]
    for secret in (STRIPE_KEY, SIGNING_SECRET, MAIL_PASSWORD):
        assert secret not in "".join([day.server.output, *shown])
