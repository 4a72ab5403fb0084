"""`python -m benchmarks.programs.receiving 200 5`: seconds per round of each way to take them in, as JSON."""

import hashlib
import hmac
import json
import sys
import time
from collections.abc import Sequence
from typing import ClassVar
from uuid import uuid4

import django

django.setup()

from django.core.handlers.base import BaseHandler  # noqa: E402  all below needs the app registry, loaded above
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

from benchmarks.webhooks import BARE, BEHIND, OURS  # noqa: E402
from estateman.people.models import OfficeRole, User  # noqa: E402
from integrations import services  # noqa: E402
from integrations.services.webhooks_secrets import add_webhook_secret  # noqa: E402

SECRET = "whsec_0123456789abcdefghijklmnopqrstuv"  # noqa: S105  made up


class Kept(models.Model):
    """What the bare view writes: the same payload, under the same kind of key."""

    event_id = models.CharField(max_length=200, unique=True)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Kept"]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        db_table = "benchmark_webhooks"

    def __str__(self) -> str:
        return self.event_id


@csrf_exempt
def keep(request: HttpRequest) -> HttpResponse:
    """What one would write without a second thought. Anybody may send anything."""
    payload = json.loads(request.body)
    Kept.objects.create(event_id=payload["id"], payload=payload)
    return HttpResponse("ok")


urlpatterns = [path("bare", keep)]


def event() -> bytes:
    """A payment that succeeded, of the size that Stripe's have."""
    intent = {"id": f"pi_{uuid4().hex}", "object": "payment_intent", "amount": 125_000, "currency": "usd"}
    intent |= {"status": "succeeded", "metadata": {f"key_{number}": "x" * 60 for number in range(30)}}
    told = {"id": f"evt_{uuid4().hex}", "object": "event", "type": "payment_intent.succeeded", "livemode": False}
    told |= {"created": int(time.time()), "api_version": "2026-05-27.dahlia", "data": {"object": intent}}
    return json.dumps(told).encode()


def signed(url: str, body: bytes) -> HttpRequest:
    at = int(time.time())
    proof = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={at},v1={proof}", "Host": "127.0.0.1"}
    return RequestFactory(headers=headers).post(url, data=body, content_type="application/json")


def address() -> str:
    """Of an integration that waits for them."""
    by, _ = User.objects.get_or_create(
        email="webhooks@benchmark.example", defaults={"name": "Webhooks", "role": OfficeRole.MANAGER}
    )
    made = services.create_integration(
        provider="stripe",
        name="Benchmark of webhooks",
        mode="sandbox",
        config={},
        credentials={"api_key": "sk_test_0123456789abcdefghijklmn"},
        by=by,
    )
    add_webhook_secret(made, secret=SECRET, by=by)
    return f"/api/v1/integrations/webhooks/stripe/{made.uuid}"


def handler(middleware: Sequence[str] | None) -> BaseHandler:
    """All that Django does between a server and a view; with our middleware for None."""
    made = BaseHandler()
    with override_settings(**({} if middleware is None else {"MIDDLEWARE": middleware})):
        made.load_middleware()
    return made


def main(count: int, rounds: int) -> dict[str, list[float]]:
    with connection.schema_editor() as editor:
        editor.create_model(Kept)
    ours, bare = handler(None), handler([])
    ways = {OURS: (ours, address(), None), BEHIND: (ours, "/bare", __name__), BARE: (bare, "/bare", __name__)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, (through, url, urls) in ways.items():
            requests = [signed(url, event()) for _ in range(count)]
            with override_settings(**({"ROOT_URLCONF": urls} if urls else {})):
                taken = _seconds(through, requests)
            if number:  # the first round warms up
                seconds[name].append(taken)
    return seconds


def _seconds(through: BaseHandler, requests: Sequence[HttpRequest]) -> float:
    began = time.perf_counter()
    for request in requests:
        answer = through.get_response(request)
        assert answer.status_code == 200, answer
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
