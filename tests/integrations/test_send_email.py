"""Sending e-mail through whatever integration accepts it: real servers, real refusals."""

import pytest
from django.db import transaction

from integrations.models import Integration, IntegrationLog, Status
from integrations.services import send_email
from integrations.spi import AuthFailed, NoProvider, OutcomeUnknown, ProviderError, Unreachable
from tests.support.letters import PASSWORD, letter
from tests.support.smtp import SmtpReceiver


def test_a_message_arrives_as_it_was_given(smtp, receiver):
    smtp(receiver.port, from_email="Harbour & Hill <office@harbour.example>")
    result = send_email(**letter(html="<p>They are ready.</p>", headers={"X-Deal": "12"}))
    assert (result.provider, result.provider_message_id) == ("smtp", "<keys-1@harbour.example>")
    (received,) = receiver.wait_for(1)
    assert received.to == ("buyer@example.com",)
    assert received["From"] == "Harbour & Hill <office@harbour.example>"
    assert received["Subject"] == "Keys"
    assert received["Message-ID"] == "<keys-1@harbour.example>"
    assert received["X-Deal"] == "12"
    assert received.text.strip() == "They are ready."
    assert "<p>They are ready.</p>" in str(received.message)


def test_the_office_is_the_sender_where_no_other_is_set(smtp, receiver, settings):
    smtp(receiver.port)
    send_email(**letter())
    assert receiver.wait_for(1)[0]["From"] == settings.DEFAULT_FROM_EMAIL


def test_a_server_that_wants_a_login_gets_it(smtp, locked_receiver):
    smtp(locked_receiver.port, password=PASSWORD)
    send_email(**letter())
    locked_receiver.wait_for(1)


def test_without_any_integration_there_is_no_provider(db):
    with pytest.raises(NoProvider):
        send_email(**letter())


def test_a_disabled_integration_is_not_used(smtp, receiver):
    integration = smtp(receiver.port)
    Integration.objects.filter(pk=integration.pk).update(status=Status.DISABLED)
    with pytest.raises(NoProvider):
        send_email(**letter())


def test_the_lowest_priority_number_goes_first(smtp, receiver, closed_port):
    smtp(closed_port, name="Second", priority=20)
    smtp(receiver.port, name="First", priority=10)
    send_email(**letter())
    assert IntegrationLog.objects.get().integration.name == "First"


def test_the_next_one_takes_over_when_nobody_answers(smtp, receiver, closed_port):
    smtp(closed_port, name="Broken", priority=1)
    smtp(receiver.port, name="Working", priority=2)
    send_email(**letter(correlation_id="delivery-7"))
    receiver.wait_for(1)
    logs = IntegrationLog.objects.order_by("id").values_list("integration__name", "error_kind")
    assert list(logs) == [("Broken", "unreachable"), ("Working", "")]
    assert set(IntegrationLog.objects.values_list("correlation_id", flat=True)) == {"delivery-7"}


def test_a_wrong_password_asks_for_credentials_and_the_next_one_takes_over(smtp, locked_receiver, receiver):
    wrong = smtp(locked_receiver.port, name="Wrong", password="not the password", priority=1)
    smtp(receiver.port, name="Working", priority=2)
    send_email(**letter())
    receiver.wait_for(1)
    wrong.refresh_from_db()
    assert wrong.status == Status.NEEDS_CREDENTIALS
    assert wrong.logs.get().error_kind == "auth"


def test_a_server_that_wants_a_login_and_gets_none_asks_for_credentials(smtp, locked_receiver):
    integration = smtp(locked_receiver.port)
    with pytest.raises(AuthFailed, match="530"):
        send_email(**letter())
    integration.refresh_from_db()
    assert integration.status == Status.NEEDS_CREDENTIALS


def test_a_refused_recipient_is_refused_for_good_and_nobody_else_is_asked(smtp, receiver):
    with SmtpReceiver(refuse={"nobody@example.com": "550 5.1.1 No such user"}) as strict:
        integration = smtp(strict.port, priority=1)
        smtp(receiver.port, name="Other", priority=2)
        with pytest.raises(ProviderError, match=r"550 5\.1\.1 No such user") as caught:
            send_email(**letter(to="nobody@example.com"))
    assert caught.value.permanent
    assert receiver.messages == []
    integration.refresh_from_db()
    assert (integration.status, integration.failures_in_row) == (Status.ACTIVE, 0)
    assert integration.logs.get().error_kind == "rejected"


def test_a_deferred_recipient_may_be_tried_again(smtp):
    with SmtpReceiver(refuse={"buyer@example.com": "451 4.7.1 Try later"}) as busy:
        smtp(busy.port)
        with pytest.raises(ProviderError, match="451") as caught:
            send_email(**letter())
    assert not caught.value.permanent


@pytest.mark.parametrize(("reply", "permanent"), [("554 5.7.1 Spam", True), ("452 Full", False)])
def test_a_refused_text_says_whether_for_good(smtp, reply, permanent):
    with SmtpReceiver(reply=reply) as picky:
        smtp(picky.port)
        with pytest.raises(ProviderError, match=reply) as caught:
            send_email(**letter())
    assert caught.value.permanent is permanent


def test_a_refused_connection_may_be_tried_again(smtp, closed_port):
    smtp(closed_port)
    with pytest.raises(Unreachable, match="refused") as caught:
        send_email(**letter())
    assert not caught.value.permanent


def test_silence_after_the_text_is_no_reason_to_send_it_by_another(smtp, receiver):
    with SmtpReceiver(silent=True) as slow:
        integration = smtp(slow.port, priority=1, timeout_seconds=1)
        smtp(receiver.port, name="Other", priority=2)
        with pytest.raises(OutcomeUnknown) as caught:
            send_email(**letter())
    assert not caught.value.permanent
    assert receiver.messages == []
    log = integration.logs.get()
    assert log.error_kind == "unknown"
    assert 900 <= log.duration_ms < 5000


@pytest.mark.parametrize(
    "fields", [{"subject": "Keys\nBcc: all@example.com"}, {"headers": {"X-Deal": "1\r\nBcc: a@b.c"}}]
)
def test_a_line_break_in_a_header_is_refused_for_good(smtp, receiver, fields):
    smtp(receiver.port)
    with pytest.raises(ProviderError, match="no message") as caught:
        send_email(**letter(**fields))
    assert caught.value.permanent
    assert receiver.messages == []


def test_names_and_texts_of_any_script_arrive(smtp, receiver):
    smtp(receiver.port)
    send_email(**letter(subject="Schlüssel für Zoë ✓", text="Größe: 日本"))
    (received,) = receiver.wait_for(1)
    assert received["Subject"] == "Schlüssel für Zoë ✓"
    assert received.text.strip() == "Größe: 日本"


def test_the_sandbox_keeps_a_message_in_its_log_and_delivers_nothing(sandbox):
    result = send_email(**letter())
    assert result.provider == "sandbox"
    assert "They are ready." in sandbox.logs.get().detail


def test_a_live_integration_goes_before_a_sandbox_whatever_their_priority(smtp, receiver, sandbox):
    smtp(receiver.port, priority=900)
    send_email(**letter())
    receiver.wait_for(1)
    assert not sandbox.logs.exists()


def test_a_sandbox_never_swallows_what_a_live_integration_could_not_send(smtp, closed_port, sandbox):
    live = smtp(closed_port)
    with pytest.raises(Unreachable):
        send_email(**letter())
    Integration.objects.filter(pk=live.pk).update(status=Status.NEEDS_CREDENTIALS)
    with pytest.raises(NoProvider):
        send_email(**letter())
    assert not sandbox.logs.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_from_inside_a_transaction(smtp, receiver):
    smtp(receiver.port)
    with pytest.raises(RuntimeError), transaction.atomic():
        send_email(**letter())
    assert receiver.messages == []
    assert not IntegrationLog.objects.exists()
