"""Sending by the API, what became of it, and who is not written to."""

from datetime import timedelta

import pytest

from estateman.common import clock
from integrations import services
from integrations.jobs.messages import send_messages
from integrations.models import Gate, Integration, Message, Suppression
from integrations.services import send_email
from integrations.services.suppressions import suppress
from tests.support.http import Reply
from tests.support.phones import BUSY, REFUSED, SILENT, accepted
from tests.support.smtp import SmtpReceiver

EMAIL, SMS = "/api/v1/integrations/email/send", "/api/v1/integrations/sms/send"
LETTER = {"to": "buyer@example.com", "subject": "Keys", "text": "They are ready."}
TEXT = {"to": "+12125550123", "text": "The keys are ready."}


@pytest.fixture
def office(api, manager):
    client = api(manager)
    client.raise_request_exception = False
    return client


def post(office, path, body, *, key: str = "k1", **fields):
    return office.post(path, {**body, **fields}, headers={"Idempotency-Key": key})


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.data["errors"][0]["code"]


def test_a_letter_is_sent_and_its_row_named(office, smtp, receiver, manager):
    smtp(receiver.port)
    answer = post(office, EMAIL, LETTER)
    message = Message.objects.get()
    assert answer.status_code == 200
    assert answer.data == {
        "id": message.pk, "state": "sent", "provider": "smtp", "provider_message_id": message.key,
    }  # fmt: skip
    assert message.by == manager
    receiver.wait_for(1)


def test_the_first_answer_is_given_again(office, twilio, phones):
    twilio(phones)
    first, second = post(office, SMS, TEXT), post(office, SMS, TEXT)
    assert (first.status_code, second.data) == (200, first.data)
    assert second["Idempotent-Replayed"] == "true"
    assert code(post(office, SMS, TEXT, text="Another")) == (409, "idempotency_mismatch")
    assert len(phones.sent) == 1


def test_one_key_may_name_a_letter_and_a_text_of_two_people(api, manager, admin_user, twilio, phones):
    twilio(phones)
    for user in (manager, admin_user):
        assert post(api(user), SMS, TEXT).status_code == 200
    assert len(phones.sent) == 2


@pytest.mark.parametrize("path", [EMAIL, SMS])
def test_a_key_is_required(office, path):
    answer = office.post(path, LETTER | TEXT)
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"] == "Idempotency-Key"


@pytest.mark.parametrize("number", ["2125550123", "+1 212", "+0125550123", "+12125550123\n1", "٣", 12125550123, None])
def test_what_is_no_number_is_named(office, number):
    answer = post(office, SMS, TEXT, to=number)
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"] == "to"


def test_one_may_choose_the_integration(office, twilio, phones):
    twilio(phones, name="First in line", priority=1)
    chosen = twilio(phones, name="Chosen", priority=2)
    assert post(office, SMS, TEXT, integration=chosen.pk).status_code == 200
    assert Message.objects.get().integration == chosen


def test_only_one_that_exists_and_can_carry_it(office, twilio, phones, smtp, receiver):
    letters = smtp(receiver.port)
    gone = twilio(phones)
    Integration.objects.filter(pk=gone.pk).update(deleted_at=clock.now())
    for wrong in (letters.pk, gone.pk, 99999, "x", 2**70):
        answer = post(office, SMS, TEXT, integration=wrong, key=f"k{wrong}")
        assert answer.status_code == 400
        assert answer.data["errors"][0]["attr"] == "integration"


def test_behind_the_rate_limit_it_waits_and_the_job_sends_it(office, twilio, phones):
    integration = twilio(phones)
    Integration.objects.filter(pk=integration.pk).update(calls_per_minute=1)
    assert post(office, SMS, TEXT, key="k1").status_code == 200
    answer = post(office, SMS, TEXT, key="k2")
    assert (answer.status_code, answer.data["state"]) == (202, "queued")
    assert post(office, SMS, TEXT, key="k2").data == answer.data
    Integration.objects.filter(pk=integration.pk).update(calls_per_minute=None)
    integration.gate.delete()
    Message.objects.filter(pk=answer.data["id"]).update(next_attempt_at=clock.now())
    send_messages()
    assert office.get(f"/api/v1/integrations/messages/{answer.data['id']}").data["state"] == "sent"
    assert len(phones.sent) == 2


def test_the_vendors_rate_limit_is_waited_for_too(office, twilio, phones):
    twilio(phones)
    phones.sends(BUSY)
    assert post(office, SMS, TEXT).status_code == 202


@pytest.mark.parametrize(
    ("reply", "answered"),
    [
        (REFUSED, (503, "provider_unavailable")),
        (SILENT, (504, "outcome_unknown")),
        (Reply(400, {"code": 21211, "message": "No such number"}), (409, "provider_refused")),
        (Reply(400, {"code": 21610, "message": "unsubscribed"}), (409, "suppressed")),
    ],
)
def test_what_went_wrong_is_told(office, twilio, phones, reply, answered):
    twilio(phones)
    phones.sends(reply)
    assert code(post(office, SMS, TEXT)) == answered


def test_a_letter_that_may_have_been_accepted_is_not_promised_to_the_job(office, smtp):
    with SmtpReceiver(silent=True) as silent:
        integration = smtp(silent.port, timeout_seconds=1)
        assert code(post(office, EMAIL, LETTER)) == (504, "outcome_unknown")
    Integration.objects.filter(pk=integration.pk).update(calls_per_minute=1)
    Gate.objects.update(next_free_at=clock.now() + timedelta(minutes=1))
    assert code(post(office, EMAIL, LETTER)) == (503, "provider_unavailable")
    assert Message.objects.get().state == "unknown"


def test_after_503_the_same_key_may_be_used_again(office, twilio, phones):
    twilio(phones)
    phones.sends(REFUSED)
    assert post(office, SMS, TEXT).status_code == 503
    phones.sends(accepted())
    assert post(office, SMS, TEXT).status_code == 200
    assert Message.objects.count() == 1


def test_nobody_to_send_by_and_nobody_to_send_to(office, sandbox):
    assert code(post(office, SMS, TEXT)) == (409, "no_provider")
    suppress("email", LETTER["to"], reason="bounced")
    assert code(post(office, EMAIL, LETTER, key="k2")) == (409, "suppressed")


# --- Lists ----------------------------------------------------------------------------------------

MESSAGES, SUPPRESSIONS = "/api/v1/integrations/messages", "/api/v1/integrations/suppressions"


def test_the_list_is_narrowed_by_each_filter(office, sandbox):
    for number, (channel, to) in enumerate(
        [("email", "a@one.example"), ("email", "b@two.example"), ("sms", "+12125550123")]
    ):
        services.queue_message(channel=channel, to=to, text="x", key=f"k{number}")
    Message.objects.filter(to="a@one.example").update(state="sent", tracked="opened")
    Message.objects.filter(channel="sms").update(created_at="2020-01-01T00:00:00Z")

    def found(query: str) -> list[str]:
        return [each["to"] for each in office.get(f"{MESSAGES}?{query}").data["results"]]

    assert found("") == ["+12125550123", "b@two.example", "a@one.example"]
    assert found("channel=sms") == ["+12125550123"]
    assert found("state=sent") == found("tracked=opened") == found("q=ONE") == ["a@one.example"]
    assert found("since=2021-01-01T00:00:00Z") == ["b@two.example", "a@one.example"]
    assert office.get(f"{MESSAGES}?state=lost").status_code == 400


def test_the_text_stands_in_the_message_and_not_in_the_list(office, sandbox):
    message = services.queue_message(channel="email", to="a@b.example", subject="Keys", text="They are ready.", key="k")
    assert "text" not in office.get(MESSAGES).data["results"][0]
    whole = office.get(f"{MESSAGES}/{message.pk}").data
    assert (whole["is_private"], whole["subject"], whole["text"]) == (False, "Keys", "They are ready.")


def test_of_a_notification_no_word_is_shown(office, sandbox):
    send_email(
        to="a@b.example", subject="Secret sale", text="In Quay", html="<p>In Quay</p>", message_id="<1@b.example>",
        correlation_id="delivery:7",
    )  # fmt: skip
    message = Message.objects.get()
    row, whole = office.get(MESSAGES).data["results"][0], office.get(f"{MESSAGES}/{message.pk}").data
    assert (row["is_private"], row["subject"], row["to"], row["state"]) == (True, "", "a@b.example", "sent")
    assert (whole["is_private"], whole["subject"], whole["text"], whole["html"]) == (True, "", "", "")
    assert whole["sent_at"] is not None
    for word in ("Secret", "Quay"):
        assert office.get(f"{MESSAGES}?q={word}").data["results"] == []


def test_a_longer_list_asks_no_more_of_the_database(office, sandbox, django_assert_num_queries):
    for number in range(3):
        services.queue_message(channel="email", to="a@b.example", text="x", key=f"k{number}")
    office.get(MESSAGES)
    with django_assert_num_queries(1):
        office.get(MESSAGES)


def test_an_address_is_suppressed_once_and_lifted(office):
    body = {"channel": "email", "address": "Buyer@Example.com", "reason": "unsubscribed"}
    first, second = office.post(SUPPRESSIONS, body), office.post(SUPPRESSIONS, {**body, "reason": "bounced"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.data == first.data
    assert first.data["address"] == "buyer@example.com"
    assert [each["id"] for each in office.get(f"{SUPPRESSIONS}?q=BUYER&channel=email").data["results"]] == [
        first.data["id"]
    ]
    assert office.delete(f"{SUPPRESSIONS}/{first.data['id']}").status_code == 204
    assert office.delete(f"{SUPPRESSIONS}/{first.data['id']}").status_code == 404
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(("channel", "address"), [("email", "nobody"), ("sms", "2125550123"), ("fax", "+12125550123")])
def test_what_is_no_address_is_named(office, channel, address):
    answer = office.post(SUPPRESSIONS, {"channel": channel, "address": address})
    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"] in {"address", "channel"}
