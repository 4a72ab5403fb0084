"""Idempotency-Key: the first answer again, and nothing twice."""

from datetime import timedelta

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from estateman.common import clock
from estateman.common.api.idempotency import idempotent
from estateman.common.errors import RuleBroken
from estateman.common.jobs import KEPT_FOR, forget_old_keys
from estateman.common.models import IdempotencyKey


class Counter(APIView):
    calls = 0

    @idempotent(required=True)
    def post(self, request):
        Counter.calls += 1
        if request.data.get("fail") == "rule":
            raise RuleBroken("No.")
        if request.data.get("fail") == "crash":
            raise ZeroDivisionError
        return Response({"calls": Counter.calls}, status=201)


@pytest.fixture
def send(agent):
    Counter.calls = 0

    def post(body, key="k1", user=agent):
        headers = {"Idempotency-Key": key} if key is not None else {}
        request = APIRequestFactory().post("/count", body, headers=headers, format="json")
        force_authenticate(request, user)
        return Counter.as_view()(request)

    return post


def test_the_same_request_gets_the_first_answer_again(send):
    first, second = send({"a": 1}), send({"a": 1})
    assert (first.status_code, first.data) == (second.status_code, second.data) == (201, {"calls": 1})
    assert second.headers["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(send):
    send({"a": 1})
    answer = send({"a": 2})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "idempotency_mismatch")


def test_a_request_still_in_flight_is_not_begun_again(send):
    send({"a": 1})
    IdempotencyKey.objects.update(status=None)
    assert send({"a": 1}).data["errors"][0]["code"] == "in_progress"


def test_a_request_that_died_may_be_tried_again(send):
    send({"a": 1})
    IdempotencyKey.objects.update(status=None, created_at=clock.now() - timedelta(hours=1))
    assert send({"a": 1}).data == {"calls": 2}


def test_a_refusal_is_kept_and_a_crash_is_not(send):
    assert send({"fail": "rule"}, key="r").status_code == send({"fail": "rule"}, key="r").status_code == 409
    assert Counter.calls == 1
    assert send({"fail": "crash"}, key="c").status_code == send({"fail": "crash"}, key="c").status_code == 500
    assert Counter.calls == 3


@pytest.mark.parametrize("key", [None, "", "x" * 256])
def test_a_missing_or_endless_key_is_refused(send, key):
    assert send({}, key=key).status_code == 400


def test_keys_of_two_people_do_not_meet(send, stranger):
    assert send({"a": 1}).data == {"calls": 1}
    assert send({"a": 1}, user=stranger).data == {"calls": 2}


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_is_carried_out(send, in_threads):
    answers = in_threads(8, lambda _: send({"a": 1}).status_code)
    assert Counter.calls == 1
    assert set(answers) <= {201, 409}


def test_a_key_is_forgotten_after_a_week(send):
    send({"a": 1}, key="old")
    send({"a": 1}, key="young")
    IdempotencyKey.objects.filter(key="old").update(created_at=clock.now() - KEPT_FOR - timedelta(minutes=1))
    forget_old_keys()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
