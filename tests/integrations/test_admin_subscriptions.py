"""Webhook subscriptions in the admin: added, changed, tested, turned and deleted; a secret is shown once."""

import re

import pytest
from django.contrib.messages import get_messages

from estateman.common import clock
from integrations import services
from integrations.models import SubscriptionDelivery, WebhookSubscription

LIST = "/admin/integrations/webhooksubscription/"
LOG = "/admin/integrations/subscriptiondelivery/"
FORM = {
    "name": "Zapier",
    "url": "https://hooks.example.com/1",
    "kinds": "task.completed\nproject.*\n",
    "is_active": "on",
}
State = SubscriptionDelivery.State


@pytest.fixture
def office(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def subscription(manager):
    return services.create_subscription(name="n8n", url="https://hooks.example.com/2", kinds=["*"], by=manager)[0]


def secret_in(answer) -> str:
    (found,) = re.findall(r"whsec_[\w+/=]+", answer.content.decode())
    return found


def act(office, where, action, *rows):
    return office.post(where, {"action": action, "_selected_action": [row.pk for row in rows]})


def words(answer) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_adding_shows_the_secret_on_a_page_of_its_own_and_keeps_it_nowhere(office, admin_user):
    answer = office.post(f"{LIST}add/", FORM)
    made = WebhookSubscription.objects.get()
    assert (made.kinds, made.owner) == (["task.completed", "project.*"], admin_user)
    assert secret_in(answer) == made.signing_secrets(clock.now())[0].reveal()
    assert "no-store" in answer["Cache-Control"]
    assert "whsec_" not in str(answer.cookies) + str(dict(office.session))
    for page in (LIST, f"{LIST}{made.pk}/change/", f"{LIST}{made.pk}/history/"):
        assert "whsec_" not in office.get(page).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"url": "http://93.184.215.14/"}, {"kinds": "task.complete"}, {"kinds": " \n"}]
)
def test_a_mistake_is_shown_at_its_field(office, wrong):
    answer = office.post(f"{LIST}add/", {**FORM, **wrong})
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == set(wrong)
    assert not WebhookSubscription.objects.exists()


def test_changing_goes_through_the_service(office, subscription, admin_user):
    shown = office.get(f"{LIST}{subscription.pk}/change/")
    assert shown.context["adminform"].form.initial["kinds"] == "*"
    office.post(f"{LIST}{subscription.pk}/change/", {**FORM, "name": "Make"})
    subscription.refresh_from_db()
    assert (subscription.name, subscription.kinds, subscription.version) == ("Make", ["task.completed", "project.*"], 2)
    assert subscription.owner == admin_user
    assert subscription.is_active


def test_renaming_leaves_it_its_owners(office, subscription, manager):
    form = {"name": "Make", "url": subscription.url, "kinds": "*", "is_active": "on"}
    office.post(f"{LIST}{subscription.pk}/change/", form)
    subscription.refresh_from_db()
    assert (subscription.name, subscription.owner) == ("Make", manager)


def test_switching_off_in_the_form_gives_up_what_waits(office, subscription, manager):
    services.send_test_event(subscription, by=manager)
    office.post(f"{LIST}{subscription.pk}/change/", {name: FORM[name] for name in ("name", "url", "kinds")})
    subscription.refresh_from_db()
    assert not subscription.is_active
    assert SubscriptionDelivery.objects.get().state == State.DEAD


def test_a_test_is_sent_to_those_that_are_on(office, subscription, manager):
    off = services.create_subscription(name="Off", url=FORM["url"], kinds=["*"], is_active=False, by=manager)[0]
    answer = act(office, LIST, "send_test", subscription, off)
    assert [row.subscription for row in SubscriptionDelivery.objects.all()] == [subscription]
    assert "Off: This subscription is disabled" in words(answer)
    assert "n8n: a test is on its way" in words(answer)


def test_a_new_secret_is_shown_once(office, subscription):
    answer = act(office, LIST, "take_new_secret", subscription)
    subscription.refresh_from_db()
    assert secret_in(answer) == subscription.signing_secrets(clock.now())[0].reveal()
    assert "whsec_" not in str(answer.cookies) + str(dict(office.session))


def test_one_that_was_switched_off_is_switched_on_and_says_why_it_was_off(office, subscription, admin_user):
    services.disable_subscription(subscription, reason="It has failed for 5 days.")
    assert "It has failed for 5 days." in office.get(LIST).content.decode()
    act(office, LIST, "switch_on", subscription)
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.disabled_because, subscription.owner) == (True, "", admin_user)


def test_deleting_takes_the_log_along(office, subscription, manager):
    services.send_test_event(subscription, by=manager)
    assert "with the log of its deliveries" in office.get(f"{LIST}{subscription.pk}/delete/").content.decode()
    office.post(f"{LIST}{subscription.pk}/delete/", {"post": "yes"})
    assert not WebhookSubscription.objects.exists()
    assert not SubscriptionDelivery.objects.exists()


def test_what_another_was_told_is_neither_shown_nor_guessed_nor_sent_again(office, subscription, manager):
    delivery = services.send_test_event(subscription, by=manager)
    SubscriptionDelivery.objects.update(body="12 Quay Street", state=State.DEAD)
    page = office.get(f"{LOG}{delivery.pk}/change/").content.decode()
    assert "webhook.test" in page
    assert "Quay" not in page
    assert office.get(f"{LOG}?body__contains=Quay").status_code == 400
    assert "Only the owner may have this sent again" in words(act(office, LOG, "send_again", delivery))
    delivery.refresh_from_db()
    assert delivery.state == State.DEAD


def test_the_log_is_only_looked_at_and_sends_again(office, admin_user):
    subscription, _ = services.create_subscription(name="n8n", url=FORM["url"], kinds=["*"], by=admin_user)
    delivery = services.send_test_event(subscription, by=admin_user)
    SubscriptionDelivery.objects.update(state=State.DEAD, next_attempt_at=None, attempts=10)
    page = f"{LOG}{delivery.pk}/change/"
    shown = office.get(page).content.decode()
    assert "webhook.test" in shown
    assert "sent a test" in shown
    assert office.post(page, {"body": "{}"}).status_code == 403
    assert office.get(f"{LOG}add/").status_code == 403
    act(office, LOG, "send_again", delivery)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
    services.disable_subscription(subscription, reason="Gone.")
    assert "disabled" in words(act(office, LOG, "send_again", delivery))
