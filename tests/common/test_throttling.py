"""How often one may call the API, and how the answers say so."""

import pytest
import time_machine
from django.conf import settings as kept_settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.exceptions import ImproperlyConfigured
from knox.models import AuthToken
from rest_framework.test import APIClient

from estateman.common.api import throttling
from estateman.env import env_rate
from integrations.services import create_integration
from tests.support.throttling import rates_set_to

NOON = "2026-03-02T12:00:10Z"
ME, LOGIN = "/api/v1/users/me", "/api/v1/auth/login"
WRONG = {"email": "nobody@harbour.example", "password": "no"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def rates(settings):
    """``rates(user="5/min")``: these limits, and no others."""

    def set_to(**limits: str) -> None:
        rates_set_to(settings, **limits)

    return set_to


@pytest.fixture(autouse=True)
def standing_clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def with_token(user) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(user)[1]}")
    return client


def left(answer) -> tuple[str, str, str]:
    return tuple(answer.headers[f"RateLimit-{part}"] for part in ("Limit", "Remaining", "Reset"))


def test_every_answer_says_what_is_left(api, agent, rates):
    rates(user="5/min")
    client = api(agent)
    assert left(client.get(ME)) == ("5", "4", "50")
    assert left(client.get(ME)) == ("5", "3", "50")


def test_who_asks_too_often_is_told_when_to_come_back(api, agent, rates, standing_clock):
    rates(user="2/min")
    client = api(agent)
    assert [client.get(ME).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get(ME)
    assert refused.headers["Retry-After"] == "50"
    assert left(refused) == ("2", "0", "50")
    assert refused.data["errors"][0]["code"] == "throttled"
    standing_clock.shift(50)
    assert client.get(ME).status_code == 200


def test_one_persons_requests_are_not_anothers(api, agent, stranger, rates):
    rates(user="1/min")
    assert [api(who).get(ME).status_code for who in (agent, stranger, agent)] == [200, 200, 429]


def test_a_persons_tokens_share_the_persons_limit_and_each_has_its_own(agent, rates):
    rates(user="3/min", token="2/min")
    one, other = with_token(agent), with_token(agent)
    assert [one.get(ME).status_code for _ in range(3)] == [200, 200, 429]
    assert other.get(ME).status_code == 429, "the person's three are used up"


def test_the_limit_that_is_nearest_to_its_end_is_told(agent, rates):
    rates(user="100/min", token="3/min", read="2/hour")
    assert left(with_token(agent).get(ME)) == ("2", "1", "3590")


def test_reading_and_writing_are_counted_apart(api, agent, rates):
    rates(read="1/min", write="1/min")
    client = api(agent)
    assert [client.get(ME).status_code, client.get(ME).status_code] == [200, 429]
    assert client.patch(ME, {"name": "Alex"}).status_code == 200
    assert client.patch(ME, {"name": "Alex"}).status_code == 429


def test_sending_has_a_limit_of_its_own(api, manager, sandbox_post, rates):
    rates(write="100/min", send="1/min")
    client = api(manager)
    letter = {"to": "buyer@example.com", "subject": "Keys", "text": "Ready."}
    answers = [
        client.post("/api/v1/integrations/email/send", letter, headers={"Idempotency-Key": f"k{number}"})
        for number in range(2)
    ]
    assert [answer.status_code for answer in answers][1] == 429
    assert answers[0].status_code < 400


@pytest.fixture
def sandbox_post(manager):
    return create_integration(provider="sandbox", name="Post", mode="sandbox", config={}, credentials={}, by=manager)


def test_signing_in_is_limited_by_address(api, rates):
    rates(auth="2/min", anonymous="100/min")
    assert [api(None).post(LOGIN, WRONG).status_code for _ in range(3)] == [401, 401, 429]
    elsewhere = APIClient(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post(LOGIN, WRONG).status_code == 401


def test_an_address_can_not_be_made_up(api, rates):
    rates(anonymous="1/min")
    answers = [
        api(None).post(LOGIN, WRONG, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(2)
    ]
    assert answers == [401, 429]


def test_behind_a_proxy_the_address_is_the_one_that_the_proxy_added(api, rates, settings):
    rates(anonymous="1/min")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    answers = [
        api(None).post(LOGIN, WRONG, headers={"X-Forwarded-For": given}).status_code
        for given in ("198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1", "198.51.100.1, 192.0.2.2")
    ]
    assert answers == [401, 429, 401]


def test_a_limit_left_empty_is_none(api, agent, rates):
    rates(user="", read="")
    answer = api(agent).get(ME)
    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer.headers


def test_the_usual_limits_are_there():
    usual = kept_settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    assert isinstance(usual, dict)
    assert set(usual) == {"user", "token", "anonymous", "read", "write", "send", "auth", "webhooks"}


@pytest.mark.parametrize("wrong", ["60", "sixty/min", "0/min", "60/week", "-1/min", "60/min/min"])
def test_what_is_no_rate_is_refused_at_the_start(wrong, monkeypatch):
    monkeypatch.setenv("API_RATE_SEND", wrong)
    with pytest.raises(ImproperlyConfigured, match="set it like 60/min"):
        env_rate("API_RATE_SEND", "60/min")


class BrokenCache(BaseCache):
    """As a Redis that is down: whatever is asked of it, it does not answer."""

    def __init__(self, location, params):
        super().__init__(params)
        self.asked = 0

    def incr(self, *args, **kwargs):
        self.asked += 1
        raise ConnectionError("Connection refused")

    add = get = set = delete = incr

    def clear(self):
        """It would be cleared between tests."""


@pytest.fixture
def broken_cache(settings, monkeypatch):
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.BrokenCache"}}
    monkeypatch.setattr(throttling, "_complaint", throttling._Complaint())
    return caches["default"]


def test_while_the_cache_is_away_everybody_passes_and_it_is_said_once(api, agent, rates, broken_cache, caplog):
    rates(user="1/min", token="1/min", read="1/min")
    client = with_token(agent)
    answers = [client.get(ME) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "RateLimit-Limit" not in answers[0].headers
    assert broken_cache.asked == 3, "one question for each request: the cache may take its time not to answer"
    assert [each.name for each in caplog.records].count("estateman.common.api.throttling") == 1


def test_so_do_the_vendors_webhooks(api, rates, broken_cache):
    rates(webhooks="1/min")
    answers = [api(None).post("/api/v1/integrations/webhooks/nobody", {}).status_code for _ in range(2)]
    assert answers == [404, 404]


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_all_counted(agent, rates, in_threads):
    rates(user="5/min")
    token = AuthToken.objects.create(agent)[1]

    def ask(number: int) -> int:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client.get(ME).status_code

    assert sorted(in_threads(8, ask)) == [200] * 5 + [429] * 3


def test_whoever_changes_addresses_within_their_own_network_is_one_caller(rates):
    rates(auth="2/min")
    addresses = ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1")
    answers = [APIClient().post(LOGIN, WRONG, REMOTE_ADDR=address).status_code for address in addresses]
    assert [status == 429 for status in answers] == [False, False, True, False]


def test_there_is_room_for_the_counts_of_many(settings):
    default = settings.CACHES["default"]
    assert "locmem" not in default["BACKEND"] or default["OPTIONS"]["MAX_ENTRIES"] == 100_000
