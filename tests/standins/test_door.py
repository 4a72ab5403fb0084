"""The door against mountebank: a vendor that has bad moments, over real lines."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from integrations import services
from integrations.door import call
from integrations.models import Integration
from integrations.spi import Answer, Operation, OutcomeUnknown, ProviderError, RateLimited
from integrations.transport import Line, error_for, http
from tools.throwaway import free_port

WRITE = Operation("send")
READ = Operation("look_up", is_repeatable=True)


class Imposter:
    """A vendor made to order; ``asked`` are the requests it got."""

    def __init__(self, mountebank: str, port: int) -> None:
        self.url, self._about = f"http://127.0.0.1:{port}", f"{mountebank}/imposters/{port}"

    @property
    def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(self._about, timeout=10).json()["requests"]
        return found


@pytest.fixture
def vendor(mountebank) -> Callable[..., Imposter]:
    """``vendor({"is": {"statusCode": 503}}, …)``: these answers in turn, over and over."""

    def make(*answers: dict[str, Any]) -> Imposter:
        port = free_port()
        wanted = {"port": port, "protocol": "http", "recordRequests": True, "stubs": [{"responses": list(answers)}]}
        requests.post(f"{mountebank.url}/imposters", json=wanted, timeout=10).raise_for_status()
        return Imposter(mountebank.url, port)

    return make


@pytest.fixture
def integration(manager) -> Integration:
    return services.create_integration(
        provider="sandbox", name="Vendor", mode="sandbox", config={}, credentials={}, by=manager
    )


def ask(integration: Integration, operation: Operation, vendor: Imposter) -> Answer:
    method = "GET" if operation.is_repeatable else "POST"

    def act(line: Line) -> Answer:
        response = line.http.request(method, vendor.url, headers={"Idempotency-Key": "estateman-1"})
        if not response.ok:
            raise error_for(response, response.text)
        return Answer(detail=response.text)

    return call(integration, operation, act, build=lambda integration, secrets, line: line)


BUSY = {"is": {"statusCode": 503}}
FINE = {"is": {"statusCode": 200, "body": "At last."}}
RESET = {"fault": "CONNECTION_RESET_BY_PEER"}


@pytest.mark.parametrize("operation", [READ, WRITE])
def test_busy_busy_fine_is_one_entry_of_three_tries(integration, vendor, operation):
    imposter = vendor(BUSY, BUSY, FINE)
    assert ask(integration, operation, imposter).detail == "At last."
    log = integration.logs.get()
    assert (log.ok, log.tries, log.detail) == (True, 3, "At last.")
    assert len(imposter.asked) == 3
    assert {request["headers"]["Idempotency-Key"] for request in imposter.asked} == {"estateman-1"}


def test_a_write_whose_line_was_reset_is_unknown_and_not_repeated(integration, vendor):
    imposter = vendor(RESET, FINE)
    with pytest.raises(OutcomeUnknown, match="broke before it answered"):
        ask(integration, WRITE, imposter)
    assert (integration.logs.get().tries, integration.logs.get().error_kind) == (1, "unknown")
    assert len(imposter.asked) == 1


def test_a_read_whose_line_was_reset_is(integration, vendor):
    assert ask(integration, READ, vendor(RESET, RESET, FINE)).detail == "At last."
    assert integration.logs.get().tries == 3


def test_a_write_that_is_answered_too_late_is_unknown_and_not_repeated(integration, vendor, monkeypatch):
    monkeypatch.setattr(http, "READ_SECONDS", 0.3)
    imposter = vendor({"is": {"statusCode": 200}, "behaviors": [{"wait": 2000}]})
    with pytest.raises(OutcomeUnknown, match="took too long"):
        ask(integration, WRITE, imposter)
    assert integration.logs.get().tries == 1
    assert len(imposter.asked) == 1


def test_who_is_told_when_to_come_back_does_so(integration, vendor):
    imposter = vendor({"is": {"statusCode": 429, "headers": {"Retry-After": "1"}}}, FINE)
    assert ask(integration, WRITE, imposter).detail == "At last."
    log = integration.logs.get()
    assert (log.tries, log.duration_ms >= 1000) == (2, True)


def test_who_is_told_to_come_back_much_later_leaves_that_to_the_caller(integration, vendor):
    imposter = vendor({"is": {"statusCode": 429, "headers": {"Retry-After": "120"}}})
    with pytest.raises(RateLimited) as later:
        ask(integration, WRITE, imposter)
    assert (later.value.retry_after, integration.logs.get().tries) == (120, 1)


def test_nonsense_instead_of_an_answer_is_a_failure_like_any_other(integration, vendor):
    imposter = vendor({"fault": "RANDOM_DATA_THEN_CLOSE"})
    for operation, kind in ((READ, ProviderError), (WRITE, OutcomeUnknown)):
        with pytest.raises(kind):
            ask(integration, operation, imposter)
