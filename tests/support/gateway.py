"""A payment gateway of this machine that remembers, and the provider that speaks to it.

It is a server, so that processes of their own can be charged by it, and it keeps every request, so that tests can
count what was moved.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations import providers, registry
from integrations.services.payments import PaymentOrder

PROVIDER = dedent('''
    """Speaks to tests/support/gateway.py."""

    from dataclasses import dataclass

    from integrations.limits import Rate
    from integrations.registry import provider
    from integrations.schema import setting
    from integrations.spi import Found, Health, PaymentSnapshot, PaymentStatus
    from integrations.transport import error_for

    @dataclass(frozen=True)
    class RecordedConfig:
        api_url: str = setting("Where it is", is_address=True)

    @provider("recorded", kind="payment", label="Recorded", config=RecordedConfig,
              rate=Rate(per_minute=60_000, burst=10_000))
    class Recorded:
        def __init__(self, config, secrets, line):
            self.url, self.http = config.api_url, line.http

        def check(self):
            return Health(ok=True, detail="It records.")

        def create(self, request):
            wish = {
                "amount": request.amount_minor, "currency": request.currency, "method": request.method,
                "captures": request.captures_at_once,
            }
            return seen(self.ask("POST", "/payments", wish, request.key))

        def capture(self, ref, *, amount_minor, currency, key):
            return seen(self.ask("POST", f"/payments/{ref}/capture", {"amount": amount_minor}, key))

        def cancel(self, ref, *, key):
            return seen(self.ask("POST", f"/payments/{ref}/cancel", {}, key))

        def refund(self, ref, *, amount_minor, currency, key):
            return seen(self.ask("POST", f"/payments/{ref}/refund", {"amount": amount_minor}, key))

        def fetch(self, ref):
            return seen(self.ask("GET", f"/payments/{ref}"))

        def find(self, request, since):
            found = self.ask("GET", f"/payments?key={request.key}")["found"]
            return Found(payment=seen(found) if found else None)

        def ask(self, method, path, body=None, key=""):
            response = self.http.request(method, self.url + path, json=body, headers={"Idempotency-Key": key})
            if response.status_code >= 400:
                raise error_for(response, response.json()["error"])
            return response.json()

    def seen(kept):
        return PaymentSnapshot(
            ref=kept["ref"], status=PaymentStatus(kept["status"]), amount_minor=kept["amount"],
            currency=kept["currency"], captured_minor=kept["captured"], refunded_minor=kept["refunded"],
            failure=kept["failure"], is_live=kept.get("live", False),
        )
''')

Hook = Callable[[str, str], None]
WRITES = ("create", "capture", "cancel", "refund")


def nothing(verb: str, key: str) -> None:
    """What happens at the gateway while nobody tampers with it."""


class HangUp(Exception):
    """The line breaks here."""


class Refusal(Exception):
    """An answer of another status than 200."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Gateway:
    """``with Gateway() as gateway``: takes payments at ``gateway.url``.

    ``before`` is called when a request came in and ``after`` when it was done and is not answered yet, with the verb
    (create, capture, cancel, refund, fetch, find) and the idempotency key. They may wait, raise HangUp or Refusal.
    ``asked`` keeps all requests. One with a key that was seen before changes nothing.
    """

    def __init__(self) -> None:
        self.before: Hook = nothing
        self.after: Hook = nothing
        self.payments: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self._done: set[str] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def keys_of(self, verb: str) -> list[str]:
        """The idempotency keys that ``verb`` was asked with, in order, repetitions included."""
        return [key for asked, key in self.asked if asked == verb]

    @property
    def charged(self) -> int:
        """All the money that was taken and not given back."""
        return sum(one["captured"] - one["refunded"] for one in self.payments.values())

    def hang_up(self, verb: str, key: str) -> None:
        """A hook: the answer to what moves money gets lost."""
        if verb in WRITES:
            raise HangUp

    def serve(self, method: str, address: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """What the answer says."""
        path, query = urlsplit(address).path, parse_qs(urlsplit(address).query)
        parts = path.strip("/").split("/")
        verb = _verb(method, parts)
        with self._lock:
            self.asked.append((verb, key))
        self.before(verb, key)
        with self._lock:
            answer = self._do(verb, parts, {**body, "query": query}, key)
        self.after(verb, key)
        return answer

    def _do(self, verb: str, parts: list[str], body: dict[str, Any], key: str) -> dict[str, Any]:
        if verb == "find":
            found = [one for one in self.payments.values() if one["key"] == body["query"]["key"][0]]
            return {"found": found[0] if found else None}
        if verb == "create" and key not in self._done:
            self._create(body, key)
        if verb == "create":
            self._done.add(key)
            return dict(next(one for one in self.payments.values() if one["key"] == key))
        payment = self.payments[parts[1]]
        if verb != "fetch" and key not in self._done:
            self._done.add(key)
            _move(payment, verb, body.get("amount", 0))
        return dict(payment)

    def _create(self, body: dict[str, Any], key: str) -> None:
        ref, declined = f"pay_{len(self.payments) + 1}", body["method"] == "pm_decline"
        paid = "captured" if body["captures"] else "authorised"
        self.payments[ref] = {
            "ref": ref,
            "key": key,
            "status": "failed" if declined else paid,
            "failure": "Your card was declined." if declined else "",
            "amount": body["amount"],
            "currency": body["currency"],
            "captured": body["amount"] if body["captures"] and not declined else 0,
            "refunded": 0,
        }


def _verb(method: str, parts: list[str]) -> str:
    if method == "GET":
        return "fetch" if len(parts) == 2 else "find"
    return parts[2] if len(parts) == 3 else "create"


def _move(payment: dict[str, Any], verb: str, amount: int) -> None:
    if verb == "capture":
        payment |= {"status": "captured", "captured": amount}
    elif verb == "cancel":
        payment["status"] = "cancelled"
    else:
        if payment["refunded"] + amount > payment["captured"]:
            raise Refusal(400, "There is not so much left to refund.")
        payment["refunded"] += amount
        payment["status"] = "refunded" if payment["refunded"] == payment["captured"] else "partially_refunded"


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}") or {}
            try:
                answer = gateway.serve(self.command, self.path, body, self.headers.get("Idempotency-Key", ""))
            except HangUp:
                self.close_connection = True
                return
            except Refusal as refusal:
                self._say(refusal.status, {"error": str(refusal)})
                return
            self._say(200, answer)

        do_GET = do_POST = _serve  # noqa: N815  names of http.server

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """The tests' output is theirs."""

    return Handler


@contextmanager
def provider_put_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The provider ``recorded`` exists, as if its file stood among the others."""
    registry.all_providers()  # those that are imported register themselves once, and not in the copy below
    (folder / "recorded.py").write_text(PROVIDER)
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(folder)])
    monkeypatch.setattr(registry, "_providers", dict(registry._providers))
    registry._discover.cache_clear()
    yield
    registry._discover.cache_clear()
    sys.modules.pop("integrations.providers.recorded", None)


def order(**fields: Any) -> PaymentOrder:
    """Earnest money of one invoice, 2500.00 USD."""
    return PaymentOrder(**{"amount_minor": 250_000, "currency": "USD", "invoice": "2026-114", **fields})
