"""Testing an integration: a real call, its log, and what it does to the status."""

import threading

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from estateman.activity.models import Activity
from estateman.common import clock
from integrations import services
from integrations.door import call
from integrations.limits import LONGEST_PAUSE
from integrations.models import Integration, Status
from integrations.spi import Operation, ProviderError, Unreachable
from tests.support.letters import PASSWORD, letter
from tests.support.smtp import SmtpReceiver


def announced(kind: str) -> list[dict]:
    return list(Activity.objects.filter(kind=kind).order_by("pk").values_list("payload", flat=True))


def status_of(integration: Integration) -> str:
    return Integration.objects.get(pk=integration.pk).status


def test_a_pass_is_logged_and_announced_and_sends_nothing(smtp, locked_receiver, manager):
    integration = smtp(locked_receiver.port, password=PASSWORD)
    health = services.test_integration(integration, by=manager)
    assert health.ok
    assert "as office@harbour.example" in health.detail
    assert locked_receiver.messages == []
    assert integration.logs.get().operation == "test"
    (fact,) = announced("integration.tested")
    assert (fact["integration_id"], fact["name"], fact["ok"]) == (integration.pk, "Office mail", True)


@pytest.mark.parametrize("status", [Status.DISABLED, Status.FAILING, Status.NEEDS_CREDENTIALS])
def test_a_pass_makes_it_active_again(smtp, receiver, manager, status):
    integration = smtp(receiver.port)
    Integration.objects.filter(pk=integration.pk).update(status=status)
    assert services.test_integration(integration, by=manager).ok
    assert status_of(integration) == integration.status == Status.ACTIVE


def test_a_wrong_password_is_told_and_asks_for_credentials(smtp, locked_receiver, manager):
    integration = smtp(locked_receiver.port, password="not the password")
    health = services.test_integration(integration, by=manager)
    assert not health.ok
    assert "535" in health.detail
    assert integration.status == Status.NEEDS_CREDENTIALS
    assert announced("integration.failed")[0]["status"] == "needs_credentials"
    assert announced("integration.tested")[0]["ok"] is False


def test_nobody_there_is_told(smtp, closed_port, manager):
    health = services.test_integration(smtp(closed_port), by=manager)
    assert not health.ok
    assert f"127.0.0.1:{closed_port}" in health.detail


def test_only_those_who_manage_integrations_may_test(smtp, receiver, agent):
    with pytest.raises(PermissionDenied):
        services.test_integration(smtp(receiver.port), by=agent)


def test_the_fifth_failure_in_a_row_is_announced_once_and_a_success_recovers(smtp, closed_port, manager, receiver):
    integration = smtp(closed_port)
    for _ in range(4):
        services.test_integration(integration, by=manager)
    assert status_of(integration) == Status.ACTIVE
    for _ in range(3):
        services.test_integration(integration, by=manager)
    assert status_of(integration) == Status.FAILING
    assert [fact["status"] for fact in announced("integration.failed")] == ["failing"]
    Integration.objects.filter(pk=integration.pk).update(config={**integration.config, "port": receiver.port})
    with time_machine.travel(clock.now() + LONGEST_PAUSE):
        services.send_email(**letter())
    integration.refresh_from_db()
    assert (integration.status, integration.failures_in_row) == (Status.ACTIVE, 0)
    assert announced("integration.changed")[-1]["change"] == "recovered:"


@pytest.mark.django_db(transaction=True)
def test_of_many_failures_at_once_none_is_miscounted_and_one_is_announced(sandbox, in_threads):
    all_are_under_way = threading.Barrier(8)

    def fail(provider):
        all_are_under_way.wait(30)
        raise Unreachable("Nobody there.")

    in_threads(8, lambda number: call(sandbox, Operation("send", tries=1), fail))
    sandbox.refresh_from_db()
    assert (sandbox.status, sandbox.failures_in_row) == (Status.FAILING, 8)
    assert sandbox.logs.count() == 8
    assert len(announced("integration.failed")) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_successes_at_once_one_announces_the_recovery(smtp, receiver, in_threads):
    integration = smtp(receiver.port)
    Integration.objects.filter(pk=integration.pk).update(status=Status.FAILING, failures_in_row=9)
    in_threads(8, lambda number: services.send_email(**letter(message_id=f"<{number}@a.example>")))
    assert len(receiver.wait_for(8)) == 8
    integration.refresh_from_db()
    assert (integration.status, integration.failures_in_row) == (Status.ACTIVE, 0)
    changes = [fact["change"] for fact in announced("integration.changed")]
    assert changes == ["added", "recovered:"]


def test_a_failing_one_is_still_tried_but_last(smtp, receiver):
    failing = smtp(receiver.port, name="Failing", priority=1)
    smtp(receiver.port, name="Working", priority=2)
    Integration.objects.filter(pk=failing.pk).update(status=Status.FAILING)
    services.send_email(**letter())
    assert not failing.logs.exists()
    Integration.objects.exclude(pk=failing.pk).update(status=Status.DISABLED)
    services.send_email(**letter(message_id="<keys-2@harbour.example>"))
    assert status_of(failing) == Status.ACTIVE


def test_a_failure_of_credentials_replaced_meanwhile_does_not_ask_for_them_again(smtp, locked_receiver, manager):
    stale = smtp(locked_receiver.port, password="not the password")
    current = Integration.objects.get(pk=stale.pk)
    services.edit_integration(current, changes={}, credentials={"password": PASSWORD}, by=manager)
    assert not services.test_integration(stale, by=manager).ok
    assert stale.status == Status.ACTIVE


def test_a_provider_that_breaks_is_a_failure_and_not_an_error_of_ours(sandbox, manager, monkeypatch, caplog):
    def broken(self):
        raise KeyError("token: 12345")

    monkeypatch.setattr("integrations.providers.sandbox.SandboxPostOffice.check", broken)
    health = services.test_integration(sandbox, by=manager)
    assert not health.ok
    assert "KeyError" in health.detail
    assert "12345" not in caplog.text


def test_a_provider_that_is_gone_is_a_failure_and_not_an_error_of_ours(sandbox, manager):
    Integration.objects.filter(pk=sandbox.pk).update(provider="carrier-pigeon")
    sandbox.refresh_from_db()
    assert "carrier-pigeon" in services.test_integration(sandbox, by=manager).detail


@pytest.mark.parametrize(("security", "at_once"), [("starttls", False), ("tls", True)])
def test_the_line_is_encrypted_where_it_should_be(smtp, certificate, monkeypatch, security, at_once):
    context, vouching = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(vouching))
    login = ("office@harbour.example", PASSWORD)
    with SmtpReceiver(login=login, tls=context, tls_at_once=at_once) as receiver:
        smtp(receiver.port, password=PASSWORD, security=security)
        services.send_email(**letter())
        receiver.wait_for(1)


@pytest.mark.parametrize(("security", "at_once"), [("starttls", False), ("tls", True)])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(smtp, certificate, security, at_once):
    with SmtpReceiver(tls=certificate[0], tls_at_once=at_once) as receiver:
        smtp(receiver.port, password=PASSWORD, security=security)
        with pytest.raises(ProviderError, match=r"(?i)certificate"):
            services.send_email(**letter())


def test_a_server_without_starttls_gets_no_password(smtp, locked_receiver):
    smtp(locked_receiver.port, password=PASSWORD, security="starttls")
    with pytest.raises(ProviderError, match="STARTTLS"):
        services.send_email(**letter())
