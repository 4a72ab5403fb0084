"""Tokens and sessions: how staff sign in, stay signed in, and are signed out."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from estateman.common import clock
from estateman.people import login_throttle
from tests.support.throttling import rates_set_to
from tests.support.waiting import eventually

LOGIN = "/api/v1/auth/login"


def sign_in(email="alex@harbour.example", password="correct horse"):
    return APIClient().post(LOGIN, {"email": email, "password": password})


def client_with(token):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_the_right_password_gives_a_token_that_opens_the_api(agent):
    answer = sign_in(email="ALEX@Harbour.example")
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expires_at", "user"}
    me = client_with(answer.json()["token"]).get("/api/v1/users/me").json()
    assert (me["id"], me["email"]) == (agent.pk, "alex@harbour.example")


def test_only_a_hash_of_the_token_is_kept(agent):
    token = sign_in().json()["token"]
    row = AuthToken.objects.get()
    assert token not in {row.digest, row.token_key}


@pytest.mark.parametrize("email", ["alex@harbour.example", "nobody@harbour.example"])
def test_a_wrong_password_and_an_unknown_person_look_the_same(agent, email):
    answer = sign_in(email=email, password="wrong")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "authentication_failed"


@pytest.mark.parametrize("body", [{}, {"email": "x"}, {"email": 5, "password": []}, [], "text"])
def test_a_body_that_makes_no_sense_is_400(db, body):
    assert APIClient().post(LOGIN, body, format="json").status_code == 400


def test_guessing_is_stopped_and_forgotten_after_a_while(agent, monkeypatch, settings):
    rates_set_to(settings)  # asking again and again is too often for these, too
    monkeypatch.setattr(login_throttle, "WINDOW_SECONDS", 2)
    for _ in range(login_throttle.MOST_FAILURES):
        assert sign_in(password="wrong").status_code == 401
    refused = sign_in()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    eventually(lambda: sign_in().status_code == 200)


def test_guessing_on_the_pages_is_stopped_too(agent):
    for _ in range(login_throttle.MOST_FAILURES):
        sign_in(password="wrong")
    Client().post("/login", {"username": agent.email, "password": "correct horse"})
    assert Client().login(username=agent.email, password="correct horse") is True  # another caller, without an address


def test_a_token_expires(agent):
    token = sign_in().json()["token"]
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert client_with(token).get("/api/v1/users/me").status_code == 401


def test_signing_out_revokes_that_token_only(agent):
    one, other = sign_in().json()["token"], sign_in().json()["token"]
    assert client_with(one).post("/api/v1/auth/logout").status_code == 204
    assert client_with(one).get("/api/v1/users/me").status_code == 401
    assert client_with(other).get("/api/v1/users/me").status_code == 200


def test_signing_out_everywhere_ends_tokens_and_sessions(agent):
    page = Client()
    page.force_login(agent)
    token = sign_in().json()["token"]
    assert client_with(token).post("/api/v1/auth/logout-all").status_code == 204
    assert client_with(token).get("/api/v1/users/me").status_code == 401
    assert page.get("/api/v1/users/me").status_code == 401


def test_my_tokens_are_listed_and_can_be_revoked_one_by_one(agent, stranger):
    token = sign_in().json()["token"]
    theirs = AuthToken.objects.create(stranger)[0]
    client = client_with(token)
    (listed,) = client.get("/api/v1/auth/tokens").json()["results"]
    assert listed["is_current"] is True
    assert client.delete(f"/api/v1/auth/tokens/{theirs.token_key}").status_code == 404
    assert client.delete(f"/api/v1/auth/tokens/{listed['id']}").status_code == 204
    assert client.get("/api/v1/auth/tokens").status_code == 401


def test_whoever_left_is_out_at_once(agent):
    token = sign_in().json()["token"]
    type(agent).objects.update(is_active=False)
    assert client_with(token).get("/api/v1/users/me").status_code == 401
    assert sign_in().status_code == 401


def test_demo_logins_work_on_this_machine_only(agent, settings):
    settings.DEMO_LOGINS = True
    type(agent).objects.update(is_demo=True)
    token, page = sign_in().json()["token"], Client()
    page.force_login(agent)
    settings.DEMO_LOGINS = False
    assert sign_in().status_code == 401
    assert client_with(token).get("/api/v1/users/me").status_code == 401
    assert page.get("/api/v1/users/me").status_code == 401


def test_a_session_needs_csrf_to_write(agent):
    page = Client(enforce_csrf_checks=True)
    page.force_login(agent)
    assert page.get("/api/v1/users/me").status_code == 200
    assert page.post("/api/v1/auth/logout").status_code == 403


def test_every_answer_says_how_many_requests_are_left(agent, api):
    answer = api(agent).get("/api/v1/users/me")
    assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("1200", "1199")
    assert int(answer.headers["RateLimit-Reset"]) <= 60


def test_too_many_requests_are_429_with_the_time_to_wait(agent, api, settings):
    rates_set_to(settings, user="2/min")
    client = api(agent)
    answers = [client.get("/api/v1/users/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_request_id_is_sent_back_and_a_malformed_one_replaced(agent, api):
    client = api(agent)
    assert client.get("/api/v1/users/me", headers={"X-Request-ID": "call-7"}).headers["X-Request-ID"] == "call-7"
    assert client.get("/api/v1/users/me", headers={"X-Request-ID": "a\tb c"}).headers["X-Request-ID"] != "a\tb c"


def test_createsuperuser_works_from_the_environment_alone(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "boss@harbour.example")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse")
    call_command("createsuperuser", interactive=False, verbosity=0)
    assert sign_in(email="boss@harbour.example").json()["user"]["role"] == "admin"
