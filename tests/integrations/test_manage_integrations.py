"""The API of integrations: who may, what is refused, and that credentials never come out."""

import pytest

from integrations.models import Integration, IntegrationLog, Status
from integrations.services import test_integration as try_out
from tests.support.letters import PASSWORD
from tests.support.smtp import SmtpReceiver

INTEGRATIONS = "/api/v1/integrations"
LETTER = {"to": "buyer@example.com", "subject": "Keys", "text": "They are ready."}


@pytest.fixture
def smtp_body(locked_receiver):
    return {
        "provider": "smtp",
        "name": "Office mail",
        "config": {
            "host": "127.0.0.1",
            "port": locked_receiver.port,
            "security": "none",
            "username": "office@harbour.example",
        },
        "credentials": {"password": PASSWORD},
    }


@pytest.fixture
def kept(sandbox):
    return f"{INTEGRATIONS}/{sandbox.pk}"


def attrs(answer) -> list[str]:
    assert answer.status_code == 400, answer.data
    return [error["attr"] for error in answer.data["errors"]]


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.data["errors"][0]["code"]


def test_adding_answers_all_but_the_credentials(api, manager, smtp_body):
    answer = api(manager).post(INTEGRATIONS, smtp_body)
    assert answer.status_code == 201
    data = answer.data
    assert (data["kind"], data["provider"], data["name"]) == ("email", "smtp", "Office mail")
    assert (data["mode"], data["status"], data["version"]) == ("live", "active", 1)
    assert data["config"] == smtp_body["config"]
    assert data["credentials_hint"] == {"password": "••••9471"}
    assert data["health"]["score"] == 50
    assert "credentials" not in data
    assert PASSWORD not in answer.content.decode()


def test_the_list_shows_each_with_its_health(api, manager, sandbox, smtp, closed_port):
    smtp(closed_port, password=PASSWORD)
    answer = api(manager).get(INTEGRATIONS, {"ordering": "name"})
    assert [one["name"] for one in answer.data["results"]] == ["Office mail", "Sandbox"]
    assert {"next", "previous"} <= set(answer.data)
    assert PASSWORD not in answer.content.decode()


def test_the_list_narrows(api, manager, sandbox, smtp, closed_port):
    smtp(closed_port)
    narrowed = api(manager).get(INTEGRATIONS, {"mode": "sandbox"}).data["results"]
    assert [one["name"] for one in narrowed] == ["Sandbox"]
    assert attrs(api(manager).get(INTEGRATIONS, {"mode": "both"})) == ["mode"]


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_costs_the_same_however_long_it_is(
    api, manager, smtp, closed_port, django_assert_max_num_queries, count
):
    for number in range(count):
        try_out(smtp(closed_port, name=f"Mail {number}"), by=manager)
    with django_assert_max_num_queries(7):
        assert len(api(manager).get(INTEGRATIONS).data["results"]) == count
    with django_assert_max_num_queries(7):
        assert api(manager).get(f"{INTEGRATIONS}/health").data["total"] == count


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("post", ""),
        ("get", "/health"),
        ("get", "/providers"),
        ("post", "/email/send"),
    ],
)
def test_collections_are_forbidden_to_all_who_do_not_manage_them(api, agent, coordinator, method, path):
    for person in (agent, coordinator):
        assert getattr(api(person), method)(INTEGRATIONS + path).status_code == 403
    assert getattr(api(None), method)(INTEGRATIONS + path).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("patch", ""), ("delete", ""), ("post", "/test"), ("get", "/logs")],
)
def test_one_integration_is_hidden_from_all_who_do_not_manage_them(api, agent, admin_user, kept, method, path):
    assert getattr(api(agent), method)(kept + path).status_code == 404
    assert getattr(api(None), method)(kept + path).status_code == 401
    assert getattr(api(admin_user), method)(kept + path).status_code < 300


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"provider": "pigeon"}, "provider"),
        ({"provider": 7, "name": ""}, "name"),
        ({"kind": "sms"}, "kind"),
        ({"mode": "demo"}, "mode"),
        ({"priority": "high"}, "priority"),
        ({"priority": -1}, "priority"),
        ({"config": "host=x"}, "config"),
        ({"config": {}}, "config.host"),
        ({"config": {"host": ""}}, "config.host"),
        ({"config": {"host": 5}}, "config.host"),
        ({"config": {"host": "h", "port": "25"}}, "config.port"),
        ({"config": {"host": "h", "port": True}}, "config.port"),
        ({"config": {"host": "h", "port": 70000}}, "config.port"),
        ({"config": {"host": "h", "security": "ssl"}}, "config.security"),
        ({"config": {"host": "h", "password": PASSWORD}}, "config.password"),
        ({"config": {"host": "h"}}, "config.username"),
        ({"config": {"host": "h", "username": "u"}, "credentials": {}}, "credentials.password"),
        ({"config": {"host": "far", "username": "u", "security": "none"}}, "config.security"),
        ({"credentials": [PASSWORD]}, "credentials"),
        ({"credentials": {"password": [PASSWORD]}}, "credentials.password"),
        ({"credentials": {"api_key": PASSWORD}}, "credentials.api_key"),
    ],
)
def test_what_can_not_work_is_refused_by_name_and_never_quoted(api, manager, smtp_body, change, attr):
    answer = api(manager).post(INTEGRATIONS, {**smtp_body, **change})
    assert attr in attrs(answer)
    assert PASSWORD not in answer.content.decode()
    assert not Integration.objects.exists()


def test_the_sandbox_refuses_to_be_live(api, manager):
    body = {"provider": "sandbox", "name": "Demo"}
    assert attrs(api(manager).post(INTEGRATIONS, body)) == ["mode"]
    assert api(manager).post(INTEGRATIONS, {**body, "mode": "sandbox"}).status_code == 201


def test_a_name_is_taken_once_whatever_its_case_and_free_again_after_deleting(api, manager, kept):
    body = {"provider": "sandbox", "name": "SANDBOX", "mode": "sandbox"}
    assert code(api(manager).post(INTEGRATIONS, body)) == (409, "name_taken")
    other = api(manager).post(INTEGRATIONS, {**body, "name": "Other"}).data["id"]
    renamed = api(manager).patch(f"{INTEGRATIONS}/{other}", {"name": "Sandbox"})
    assert code(renamed) == (409, "name_taken")
    api(manager).delete(kept)
    assert api(manager).post(INTEGRATIONS, body).status_code == 201


def test_changing_one_setting_leaves_the_others_and_the_credentials(api, manager, smtp_body):
    made = api(manager).post(INTEGRATIONS, smtp_body).data
    answer = api(manager).patch(f"{INTEGRATIONS}/{made['id']}", {"config": {"timeout_seconds": 3}, "priority": 5})
    assert answer.data["config"] == {**smtp_body["config"], "timeout_seconds": 3}
    assert (answer.data["priority"], answer.data["version"]) == (5, 2)
    assert answer.data["credentials_hint"] == {"password": "••••9471"}
    back = api(manager).patch(f"{INTEGRATIONS}/{made['id']}", {"config": {"timeout_seconds": None}})
    assert back.data["config"] == smtp_body["config"]


def test_changing_the_password_reseals_it(api, manager, smtp_body):
    made = api(manager).post(INTEGRATIONS, smtp_body).data
    new = {"credentials": {"password": "another-long-one-2222"}}
    answer = api(manager).patch(f"{INTEGRATIONS}/{made['id']}", new)
    assert answer.data["credentials_hint"] == {"password": "••••2222"}
    gone = {"credentials": {"password": None}}
    answer = api(manager).patch(f"{INTEGRATIONS}/{made['id']}", gone)
    assert attrs(answer) == ["credentials.password"]


def test_a_stale_version_is_told_what_stands_there_now(api, manager, smtp_body):
    made = api(manager).post(INTEGRATIONS, smtp_body).data
    path = f"{INTEGRATIONS}/{made['id']}"
    api(manager).patch(path, {"name": "Mail of the office", "version": 1})
    stale = {"name": "Mine", "credentials": {"password": PASSWORD + "!"}, "version": 1}
    answer = api(manager).patch(path, stale)
    assert code(answer) == (409, "version_conflict")
    assert answer.data["current"] == {"name": "Mail of the office", "version": 2}


def test_people_choose_between_active_and_disabled_only(api, manager, kept):
    assert api(manager).patch(kept, {"status": "disabled"}).data["status"] == "disabled"
    assert attrs(api(manager).patch(kept, {"status": "failing"})) == ["status"]


def test_deleting_forgets_the_credentials_and_keeps_the_log(api, manager, smtp_body):
    made = api(manager).post(INTEGRATIONS, smtp_body).data
    path = f"{INTEGRATIONS}/{made['id']}"
    api(manager).post(f"{path}/test")
    assert api(manager).delete(path).status_code == 204
    assert api(manager).get(path).status_code == 404
    assert Integration.objects.get(pk=made["id"]).secrets() == {}
    assert IntegrationLog.objects.filter(integration=made["id"]).exists()


def test_testing_answers_what_the_provider_said(api, manager, smtp_body):
    made = api(manager).post(INTEGRATIONS, smtp_body).data
    answer = api(manager).post(f"{INTEGRATIONS}/{made['id']}/test")
    assert answer.status_code == 200
    assert (answer.data["ok"], answer.data["status"]) == (True, "active")
    assert answer.data["health"]["score"] == 100


def test_testing_what_does_not_work_is_an_answer_too(api, manager, smtp, closed_port):
    made = smtp(closed_port)
    answer = api(manager).post(f"{INTEGRATIONS}/{made.pk}/test")
    assert (answer.status_code, answer.data["ok"]) == (200, False)
    assert "refused" in answer.data["detail"]


def test_unsealable_credentials_are_a_status_and_not_an_error(api, manager, smtp_body, settings):
    made = api(manager).post(INTEGRATIONS, smtp_body).data
    settings.FIELD_KEYS = ["yN9a7hmS1mMZ7yqk2mG2J2a7Y2x5gq3o0mX1v4mQnXw="]
    path = f"{INTEGRATIONS}/{made['id']}"
    shown = api(manager).get(path).data
    assert (shown["status"], shown["credentials_hint"]) == ("needs_credentials", {})
    assert shown["health"]["score"] == 0
    tested = api(manager).post(f"{path}/test").data
    assert (tested["ok"], tested["status"]) == (False, "needs_credentials")
    repaired = api(manager).patch(path, {"credentials": {"password": PASSWORD}}).data
    assert repaired["status"] == "active"
    assert api(manager).post(f"{path}/test").data["ok"] is True


def test_the_log_is_read_newest_first_and_narrows(api, manager, smtp, closed_port, receiver):
    made = smtp(closed_port)
    path = f"{INTEGRATIONS}/{made.pk}"
    api(manager).post(f"{path}/test")
    api(manager).patch(path, {"config": {"port": receiver.port}})
    api(manager).post(f"{path}/test", headers={"X-Request-ID": "trace-7"})
    logs = api(manager).get(f"{path}/logs").data["results"]
    assert [log["ok"] for log in logs] == [True, False]
    assert logs[0]["correlation_id"] == "trace-7"
    assert logs[1]["error_kind"] == "unreachable"

    def count(**filters) -> int:
        return len(api(manager).get(f"{path}/logs", filters).data["results"])

    assert (count(ok="false"), count(ok="true"), count(operation="send_email")) == (1, 1, 0)
    assert (count(since="2020-01-01T00:00:00Z"), count(since="2999-01-01T00:00:00Z")) == (2, 0)
    assert attrs(api(manager).get(f"{path}/logs", {"ok": "perhaps"})) == ["ok"]
    assert attrs(api(manager).get(f"{path}/logs", {"since": "yesterday"})) == ["since"]


def test_another_integrations_log_is_not_among_them(api, manager, kept, smtp, closed_port):
    api(manager).post(f"{INTEGRATIONS}/{smtp(closed_port).pk}/test")
    assert api(manager).get(f"{kept}/logs").data["results"] == []


def test_the_providers_say_what_they_take(api, manager):
    providers = api(manager).get(f"{INTEGRATIONS}/providers").data["results"]
    smtp = next(provider for provider in providers if provider["name"] == "smtp")
    assert smtp["credentials"][0]["name"] == "password"
    security = next(setting for setting in smtp["config"] if setting["name"] == "security")
    assert security["choices"] == ["starttls", "tls", "none"]
    assert (security["default"], security["required"]) == ("starttls", False)


def test_health_sums_up(api, manager, sandbox, smtp, closed_port):
    failing = smtp(closed_port)
    for _ in range(5):
        try_out(failing, by=manager)
    answer = api(manager).get(f"{INTEGRATIONS}/health").data
    assert (answer["total"], answer["active"], answer["errors"]) == (2, 1, 1)
    worst = next(one for one in answer["integrations"] if one["name"] == "Office mail")
    assert (worst["status"], worst["score"]) == ("failing", 0)
    assert "The last 5 calls failed in a row." in worst["reasons"]


def send(client, key="k1", **fields):
    client.raise_request_exception = False  # a 503 is the answer here
    return client.post(f"{INTEGRATIONS}/email/send", {**LETTER, **fields}, headers={"Idempotency-Key": key})


def test_sending_twice_with_one_key_sends_once(api, manager, smtp, receiver):
    smtp(receiver.port)
    first, second = send(api(manager)), send(api(manager))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.data["provider"] == "smtp"
    assert len(receiver.wait_for(1)) == 1
    assert receiver.messages[0]["Message-ID"] == first.data["provider_message_id"]
    mismatch = send(api(manager), subject="Other")
    assert code(mismatch) == (409, "idempotency_mismatch")


def test_sending_needs_a_key(api, manager, sandbox):
    answer = api(manager).post(f"{INTEGRATIONS}/email/send", LETTER)
    assert attrs(answer) == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"to": "nobody"}, "to"),
        ({"subject": "Keys\r\nBcc: all@example.com"}, "subject"),
        ({"text": ""}, "text"),
    ],
)
def test_sending_refuses_what_is_no_letter(api, manager, sandbox, fields, attr):
    assert attrs(send(api(manager), **fields)) == [attr]


def test_sending_without_an_integration_is_told(api, manager):
    assert code(send(api(manager))) == (409, "no_provider")


def test_sending_into_trouble_may_be_repeated_with_the_same_key(api, manager, smtp, closed_port, receiver):
    integration = smtp(closed_port)
    assert code(send(api(manager))) == (503, "provider_unavailable")
    Integration.objects.filter(pk=integration.pk).update(config={**integration.config, "port": receiver.port})
    assert send(api(manager)).status_code == 200


def test_a_refused_letter_is_told_for_good(api, manager, smtp):
    with SmtpReceiver(refuse={"buyer@example.com": "550 No such user"}) as strict:
        smtp(strict.port)
        answer = send(api(manager))
    assert code(answer) == (409, "provider_refused")
    assert "550" in answer.data["errors"][0]["detail"]


def test_a_silent_server_is_told_as_unknown(api, manager, smtp):
    with SmtpReceiver(silent=True) as slow:
        smtp(slow.port, timeout_seconds=1)
        assert code(send(api(manager))) == (504, "outcome_unknown")
    assert Integration.objects.get().status == Status.ACTIVE
