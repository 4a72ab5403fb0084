"""How much the API is used: counted by whom and for what, written in batches that add up."""

import logging
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import DatabaseError, transaction
from knox.models import AuthToken
from rest_framework.test import APIClient

from estateman.common.api import usage
from estateman.common.api.callers import Caller
from estateman.common.api.usage import UsageMeter, meter
from estateman.common.jobs import forget_old_usage
from estateman.common.models import ApiUsage
from estateman.people.models import User
from tests.support.throttling import rates_set_to

ME, LOGIN = "/api/v1/users/me", "/api/v1/auth/login"
AT_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOMEBODY = Caller("address:192.0.2.1")

# What is written is committed by itself, so these tests can't live in a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def written() -> list[tuple]:
    meter.flush()
    rows = ApiUsage.objects.order_by("caller", "route_class")
    return list(rows.values_list("caller", "route_class", "requests", "throttled", "errors"))


def test_a_request_is_counted_by_person_and_class(api, agent):
    client = api(agent)
    for _ in range(3):
        client.get(ME)
    client.patch(ME, {"name": "Alex"})
    caller = f"session:{agent.pk}"
    assert written() == [(caller, "read", 3, 0, 0), (caller, "write", 1, 0, 0)]
    assert set(ApiUsage.objects.values_list("user_id", flat=True)) == {agent.pk}


def test_a_token_is_named_by_its_start_and_never_whole(agent):
    row, token = AuthToken.objects.create(agent)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    client.get(ME)
    (found,) = written()
    assert found == (f"token:{row.token_key}", "read", 1, 0, 0)
    assert token not in found[0]


def test_strangers_are_counted_by_address_also_where_they_are_turned_away(api):
    api(None).get(ME)
    api(None).post(LOGIN, {"email": "nobody@harbour.example", "password": "no"})
    assert written() == [("address:127.0.0.1", "auth", 1, 0, 0), ("address:127.0.0.1", "read", 1, 0, 0)]


def test_what_was_too_often_and_what_fell_over_is_counted_as_such(api, agent, settings, monkeypatch):
    rates_set_to(settings, user="2/min")
    client = api(agent)
    client.raise_request_exception = False
    client.get(ME)
    monkeypatch.setattr("estateman.people.api.views.caller", lambda request: 1 / 0)
    client.get(ME)
    client.get(ME)
    assert written() == [(f"session:{agent.pk}", "read", 3, 1, 1)]


def test_pages_are_not_the_api(client, agent):
    client.force_login(agent)
    client.get("/")
    client.get("/healthz")
    assert written() == []


def test_a_second_writing_adds_to_the_first_and_another_process_too(api, agent):
    api(agent).get(ME)
    written()
    api(agent).get(ME)
    other_process = UsageMeter()
    with time_machine.travel(ApiUsage.objects.get().hour, tick=False):
        other_process.note(Caller(f"session:{agent.pk}", agent.pk), "read", status=200, seconds=0.25)
        other_process.flush()
    assert written() == [(f"session:{agent.pk}", "read", 3, 0, 0)]
    assert ApiUsage.objects.get().total_ms >= 250


def test_each_hour_has_a_row_of_its_own():
    for minutes in (1, 59, 61):
        with time_machine.travel(AT_NOON.timestamp() + 60 * minutes, tick=False):
            meter.note(SOMEBODY, "read", status=200, seconds=0.1)
    meter.flush()
    assert list(ApiUsage.objects.order_by("hour").values_list("hour", "requests", "total_ms")) == [
        (AT_NOON, 2, 200),
        (AT_NOON.replace(hour=13), 1, 100),
    ]


def test_nothing_is_lost_or_doubled_when_eight_threads_count_and_write_at_once(in_threads):
    def count(number: int) -> None:
        for turn in range(200):
            meter.note(SOMEBODY, "read", status=429 if turn % 10 == 0 else 200, seconds=0)
            if turn % 50 == 0:
                meter.flush()

    with time_machine.travel(AT_NOON, tick=False):
        assert in_threads(8, count) == [None] * 8
    assert written() == [(SOMEBODY.name, "read", 1600, 160, 0)]


def test_the_request_that_finds_it_due_writes_after_its_answer(api, agent, monkeypatch):
    monkeypatch.setattr(meter, "every_seconds", 0)
    api(agent).get(ME)
    assert ApiUsage.objects.get().requests == 1


def test_until_it_is_due_a_request_costs_no_query_more(api, agent, django_assert_num_queries):
    client = api(agent)
    client.get(ME)
    with django_assert_num_queries(0):
        client.get(ME)


def test_it_is_never_written_inside_somebodys_transaction():
    meter.note(SOMEBODY, "read", status=200, seconds=0)
    with transaction.atomic():
        meter.flush()
        assert not ApiUsage.objects.exists()
    assert written() == [(SOMEBODY.name, "read", 1, 0, 0)]


def test_what_can_not_be_written_disturbs_nobody_and_is_written_later(api, agent, monkeypatch, caplog):
    monkeypatch.setattr(meter, "every_seconds", 0)

    def fall(counts):
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(usage, "_write", fall)
        assert api(agent).get(ME).status_code == 200
    assert "the next writing includes it" in caplog.text
    assert written() == [(f"session:{agent.pk}", "read", 1, 0, 0)]


def test_the_use_by_somebody_who_was_deleted_meanwhile_is_kept_without_them(api, agent):
    api(agent).get(ME)
    User.objects.filter(pk=agent.pk).delete()
    assert [row[2] for row in written()] == [1]
    assert ApiUsage.objects.get().user_id is None


def test_ever_new_addresses_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(usage, "MOST_ADDRESSES", 3)
    for number in range(10):
        meter.note(Caller(f"address:192.0.2.{number}"), "read", status=200, seconds=0)
    meter.note(Caller("address:192.0.2.1"), "write", status=200, seconds=0)
    rows = written()
    assert len(rows) == 5
    assert ("address:others", "read", 7, 0, 0) in rows
    assert ("address:192.0.2.1", "write", 1, 0, 0) in rows
    meter.note(Caller("address:192.0.2.9"), "read", status=200, seconds=0)
    assert ("address:192.0.2.9", "read", 1, 0, 0) in written()


def test_people_are_counted_each_however_many_addresses_there_are(agent, monkeypatch):
    monkeypatch.setattr(usage, "MOST_ADDRESSES", 0)
    meter.note(SOMEBODY, "read", status=200, seconds=0)
    meter.note(Caller(f"session:{agent.pk}", agent.pk), "read", status=200, seconds=0)
    assert [row[0] for row in written()] == ["address:others", f"session:{agent.pk}"]


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nowhere", "nowhere"),
    ],
)
def test_of_ipv6_a_network_is_one_caller(api, address, counted_as):
    api(None).get(ME, REMOTE_ADDR=address)
    assert [row[0] for row in written()] == [f"address:{counted_as}"]


def test_people_are_forgotten_after_400_days_and_addresses_after_30(agent):
    for caller, ages in ((SOMEBODY, (29, 31)), (Caller(f"session:{agent.pk}", agent.pk), (399, 401))):
        for days in ages:
            with time_machine.travel(AT_NOON.timestamp() - days * 86400, tick=False):
                meter.note(caller, "read", status=200, seconds=0)
    meter.flush()
    with time_machine.travel(AT_NOON, tick=False):
        forget_old_usage()
    assert [(AT_NOON - row.hour).days for row in ApiUsage.objects.order_by("hour")] == [399, 29]
