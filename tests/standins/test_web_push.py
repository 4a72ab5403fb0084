"""Web Push against a push service that decrypts what browsers get."""

import httpx
import pytest

from integrations import services
from integrations.spi import Gone, ProviderError, PushMessage

KEY = "V6JfYROaxzjqfPYMxIDp-jm7a31Dz5_RKq9VnkNV0zQ"


@pytest.fixture
def push(manager):
    return services.create_integration(
        provider="web_push",
        name="Push",
        config={"subject": "mailto:office@harbour.example"},
        credentials={"private_key": KEY},
        by=manager,
    )


@pytest.fixture
def ask(push_service):
    def ask(path, body=None):
        return httpx.post(f"{push_service.url}{path}", json=body, trust_env=False)

    return ask


@pytest.fixture
def subscription(push, ask):
    """A browser that subscribed with our key."""
    options = {"userVisibleOnly": "true", "applicationServerKey": services.push_public_key()}
    answer = ask("/subscribe", options)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def message(subscription, **fields):
    return PushMessage(endpoint=subscription["endpoint"], **subscription["keys"], **fields)


def test_a_browser_reads_what_it_is_sent(subscription, ask):
    for words in ('{"title": "Keys"}', "Grüße — 鍵"):
        services.send_push(message(subscription, payload=words, ttl_seconds=60, urgency="high", topic="keys"))
    got = ask("/get-notifications", {"clientHash": subscription["clientHash"]}).json()
    assert got["data"]["messages"] == ['{"title": "Keys"}', "Grüße — 鍵"]


def test_one_that_unsubscribed_is_gone(subscription, ask):
    ask(f"/expire-subscription/{subscription['clientHash']}")
    with pytest.raises(Gone):
        services.send_push(message(subscription, payload="too late"))


def test_one_that_subscribed_with_another_key_is_refused_and_not_forgotten(subscription, manager, ask):
    other = services.create_integration(
        provider="web_push",
        name="Another key",
        config={"subject": "mailto:office@harbour.example"},
        credentials={"private_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"},
        by=manager,
    )
    with pytest.raises(ProviderError) as caught:
        services.send_push(message(subscription, payload="from a stranger"), integration=other)
    assert caught.value.permanent
    assert not isinstance(caught.value, Gone)
