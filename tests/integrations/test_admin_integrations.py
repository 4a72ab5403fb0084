"""Integrations in the admin: add, change, test and delete them without a secret being shown."""

import re

import pytest

from integrations.models import Integration, IntegrationLog, Status
from tests.support.letters import PASSWORD

LIST = "/admin/integrations/integration/"


@pytest.fixture
def office(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def filled_in(locked_receiver):
    return {
        "name": "Office mail",
        "mode": "live",
        "priority": 10,
        "enabled": "on",
        "config_host": "127.0.0.1",
        "config_port": locked_receiver.port,
        "config_security": "none",
        "config_username": "office@harbour.example",
        "config_from_email": "",
        "config_timeout_seconds": 5,
        "credential_password": PASSWORD,
    }


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_adding_begins_with_the_choice_of_a_provider(office):
    page = office.get(f"{LIST}add/")
    assert "SMTP server" in text(page)
    assert f"{LIST}add/?provider=smtp" in page.content.decode()


def test_the_providers_own_form_adds_an_integration(office, filled_in, admin_user):
    assert 'type="password"' in office.get(f"{LIST}add/?provider=smtp").content.decode()
    answer = office.post(f"{LIST}add/?provider=smtp", filled_in, follow=True)
    assert PASSWORD not in answer.content.decode()
    made = Integration.objects.get()
    assert (made.name, made.provider, made.created_by) == ("Office mail", "smtp", admin_user)
    assert made.config["timeout_seconds"] == 5
    assert made.secrets()["password"].reveal() == PASSWORD


def test_a_mistake_is_shown_at_its_field_and_the_password_is_not(office, filled_in):
    wrong = {**filled_in, "config_security": "none", "config_host": "smtp.example.com"}
    answer = office.post(f"{LIST}add/?provider=smtp", wrong)
    assert answer.status_code == 200
    assert "choose starttls or tls" in text(answer)
    assert PASSWORD not in answer.content.decode()
    assert not Integration.objects.exists()


def test_a_name_that_is_taken_is_shown_at_the_form(office, filled_in):
    office.post(f"{LIST}add/?provider=smtp", filled_in)
    answer = office.post(f"{LIST}add/?provider=smtp", {**filled_in, "name": "OFFICE MAIL"})
    assert "called OFFICE MAIL already" in text(answer)
    assert Integration.objects.count() == 1


def test_a_blank_password_keeps_the_old_one(office, filled_in):
    office.post(f"{LIST}add/?provider=smtp", filled_in)
    made = Integration.objects.get()
    page = office.get(f"{LIST}{made.pk}/change/")
    assert "••••9471" in text(page)
    assert PASSWORD not in page.content.decode()
    changed = {**filled_in, "name": "Mail", "credential_password": ""}
    del changed["enabled"]
    assert office.post(f"{LIST}{made.pk}/change/", changed).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.status, made.version) == ("Mail", Status.DISABLED, 2)
    assert made.secrets()["password"].reveal() == PASSWORD


def test_a_setting_made_blank_goes_back_to_the_providers_own(office, filled_in):
    office.post(f"{LIST}add/?provider=smtp", {**filled_in, "config_from_email": "a@b.example"})
    made = Integration.objects.get()
    office.post(f"{LIST}{made.pk}/change/", filled_in)
    made.refresh_from_db()
    assert "from_email" not in made.config


def test_the_test_button_tells_what_the_provider_said(office, filled_in):
    office.post(f"{LIST}add/?provider=smtp", filled_in)
    made = Integration.objects.get()
    answer = office.post(f"{LIST}{made.pk}/test/", follow=True)
    assert "accepts mail as office@harbour.example" in text(answer)
    assert "100 of 100" in text(answer)
    assert office.get(f"{LIST}{made.pk}/test/").status_code == 405


def test_the_list_tests_several_at_once(office, sandbox, smtp, closed_port):
    broken = smtp(closed_port)
    chosen = {"action": "test_now", "_selected_action": [sandbox.pk, broken.pk]}
    answer = office.post(LIST, chosen, follow=True)
    assert "Sandbox: The sandbox accepts messages" in text(answer)
    assert "Office mail: No connection" in text(answer)
    assert IntegrationLog.objects.count() == 2


def test_the_list_shows_state_and_health_in_few_queries(office, smtp, closed_port, django_assert_max_num_queries):
    for number in range(12):
        smtp(closed_port, name=f"Mail {number}", password=PASSWORD)
    with django_assert_max_num_queries(13):
        page = office.get(LIST)
    assert text(page).count("50 of 100") == 12
    assert PASSWORD not in page.content.decode()


@pytest.mark.parametrize("in_bulk", [False, True])
def test_deleting_keeps_the_log(office, sandbox, manager, in_bulk):
    office.post(f"{LIST}{sandbox.pk}/test/")
    if in_bulk:
        chosen = {"action": "delete_selected", "_selected_action": [sandbox.pk], "post": "yes"}
        office.post(LIST, chosen)
    else:
        assert "with its credentials" in text(office.get(f"{LIST}{sandbox.pk}/delete/"))
        office.post(f"{LIST}{sandbox.pk}/delete/", {"post": "yes"})
    sandbox.refresh_from_db()
    assert sandbox.deleted_at is not None
    assert office.get(f"{LIST}{sandbox.pk}/change/").status_code == 302
    logs = office.get("/admin/integrations/integrationlog/")
    assert "The sandbox accepts messages" in text(logs)


def test_the_log_is_looked_at_and_never_changed(office, sandbox):
    office.post(f"{LIST}{sandbox.pk}/test/")
    logs = "/admin/integrations/integrationlog/"
    one = IntegrationLog.objects.get().pk
    assert office.get(f"{logs}?ok__exact=1&integration__id__exact={sandbox.pk}").status_code == 200
    assert office.get(f"{logs}{one}/change/").status_code == 200
    assert office.post(f"{logs}{one}/change/", {"detail": ""}).status_code == 403
    assert office.get(f"{logs}add/").status_code == 403
    assert office.get(f"{logs}{one}/delete/").status_code == 403


def test_one_of_a_provider_that_is_gone_can_still_be_looked_at(office, sandbox):
    Integration.objects.filter(pk=sandbox.pk).update(provider="carrier-pigeon")
    page = office.get(f"{LIST}{sandbox.pk}/change/")
    assert page.status_code == 200
    assert "carrier-pigeon" in text(page)


def test_whoever_manages_integrations_over_the_api_does_in_the_admin(client, manager, sandbox):
    client.force_login(manager)
    assert client.get("/admin/integrations/integration/").status_code == 200
    assert client.get(f"/admin/integrations/integration/{sandbox.pk}/change/").status_code == 200


def test_an_agent_with_admin_access_does_not_open_integrations(client, agent, sandbox):
    agent.is_staff = True
    agent.save(update_fields=["is_staff"])
    client.force_login(agent)
    assert client.get("/admin/integrations/integration/").status_code == 403
