"""Messages in the admin: try an integration, see what became of them, say who wants none."""

import re

import pytest
from django.contrib.messages import get_messages

from integrations import services
from integrations.jobs.messages import send_messages
from integrations.models import Message, Suppression
from tests.support.phones import REFUSED

MESSAGES, SUPPRESSIONS = "/admin/integrations/message/", "/admin/integrations/suppression/"


@pytest.fixture
def office(client, admin_user):
    admin_user.phone = "+12125550177"
    admin_user.save(update_fields=["phone"])
    client.force_login(admin_user)
    return client


def page_of(integration) -> str:
    return f"/admin/integrations/integration/{integration.pk}/"


def told(answer) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_the_page_of_an_integration_offers_a_test_message_to_oneself(office, smtp, receiver, admin_user):
    integration = smtp(receiver.port)
    page = office.get(f"{page_of(integration)}change/").content.decode()
    assert f'action="{page_of(integration)}send-test/"' in page
    assert f'value="{admin_user.email}"' in page
    answer = office.post(f"{page_of(integration)}send-test/")
    assert answer.status_code == 302
    assert f"The test message to {admin_user.email} was accepted." in told(answer)
    assert receiver.wait_for(1)[0].to == (admin_user.email,)


def test_a_test_text_goes_to_ones_own_phone_or_where_one_says(office, twilio, phones):
    integration = twilio(phones)
    assert "+12125550177" in office.get(f"{page_of(integration)}change/").content.decode()
    office.post(f"{page_of(integration)}send-test/")
    office.post(f"{page_of(integration)}send-test/", {"to": " +12125550188 "})
    assert [each.form["To"] for each in phones.sent] == ["+12125550177", "+12125550188"]


def test_what_went_wrong_is_shown(office, twilio, phones, admin_user):
    integration = twilio(phones)
    phones.sends(REFUSED)
    assert "503" in told(office.post(f"{page_of(integration)}send-test/"))
    assert "Say where to send it" in told(office.post(f"{page_of(integration)}send-test/", {"to": "nobody"}))
    admin_user.phone = ""
    admin_user.save(update_fields=["phone"])
    assert "Say where to send it" in told(office.post(f"{page_of(integration)}send-test/"))


def test_it_is_sent_by_pressing_the_button_only_and_by_those_who_may(office, client, twilio, phones, agent):
    integration = twilio(phones)
    assert office.get(f"{page_of(integration)}send-test/").status_code == 405
    client.force_login(agent)
    office.post(f"{page_of(integration)}send-test/")
    assert phones.sent == []


def test_an_integration_that_sends_no_messages_offers_none(office, manager, paying):
    assert "Send a test message" not in office.get(f"{page_of(paying)}change/").content.decode()
    assert office.post(f"{page_of(paying)}send-test/").status_code == 404


def test_messages_are_looked_at_and_sent_again_and_nothing_else(office, smtp, receiver, manager):
    message = services.queue_message(channel="email", to="a@b.example", subject="Keys", text="x", key="k", by=manager)
    Message.objects.update(state="failed", next_attempt_at=None)
    assert "a@b.example" in office.get(MESSAGES).content.decode()
    assert office.get(f"{MESSAGES}{message.pk}/change/").status_code == 200
    assert office.get(f"{MESSAGES}add/").status_code == 403
    smtp(receiver.port)
    action = {"action": "send_again", "_selected_action": [message.pk]}
    assert "is on its way again" in told(office.post(MESSAGES, action))
    send_messages()
    receiver.wait_for(1)
    assert "only one that failed" in told(office.post(MESSAGES, action))


def test_of_a_notification_no_word_is_shown_found_or_guessed(office, manager):
    for key, correlation_id in (("private", "delivery:7"), ("open", "")):
        services.queue_message(
            channel="email",
            to=f"{key}@b.example",
            subject="Secret sale",
            text="In Quay",
            html="<p>In Quay</p>",
            key=key,
            correlation_id=correlation_id,
            by=manager,
        )
    private, open_one = Message.objects.order_by("pk")
    shown = office.get(f"{MESSAGES}{private.pk}/change/").content.decode()
    assert "kept private" in shown
    assert "private@b.example" in shown
    assert "Secret" not in shown
    assert "Quay" not in shown
    shown = office.get(f"{MESSAGES}{open_one.pk}/change/").content.decode()
    assert "Secret sale" in shown
    assert "In Quay" in shown
    found = office.get(f"{MESSAGES}?q=secret").context["cl"].result_list
    assert list(found) == [open_one]
    rows = office.get(MESSAGES).content.decode()
    assert rows.count("Secret sale") == rows.count("kept private") == 1
    for guess in ("subject__startswith=Sec", "text__contains=Quay", "html__contains=Quay", "headers__icontains=x"):
        assert office.get(f"{MESSAGES}?{guess}").status_code == 400


def test_who_wants_none_is_entered_and_taken_out_through_the_services(office):
    entered = {"channel": "sms", "address": "+12125550123", "reason": "stopped", "detail": "Said so"}
    wrong = office.post(f"{SUPPRESSIONS}add/", {**entered, "address": "2125550123"})
    assert "Write an e-mail address" in re.sub(r"<[^>]+>", "", wrong.content.decode())
    assert office.post(f"{SUPPRESSIONS}add/", entered).status_code == 302
    kept = Suppression.objects.get()
    assert "+12125550123" in office.get(SUPPRESSIONS).content.decode()
    office.post(f"{SUPPRESSIONS}{kept.pk}/delete/", {"post": "yes"})
    office.post(f"{SUPPRESSIONS}add/", entered)
    action = {"action": "delete_selected", "_selected_action": [Suppression.objects.get().pk], "post": "yes"}
    office.post(SUPPRESSIONS, action)
    assert not Suppression.objects.exists()
