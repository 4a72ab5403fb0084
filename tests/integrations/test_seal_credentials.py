"""Credentials at rest: sealed, bound to their row, moved to new keys, never shown by accident."""

import json
import logging
import pickle
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from integrations.management.commands import rotate_credentials
from integrations.models import Integration, Status
from integrations.rotation import SealedRow, reseal, sealed_rows
from integrations.sealing import Secret, Unsealable, current_key_id
from integrations.services import edit_integration, send_email
from integrations.spi import AuthFailed
from tests.support.letters import PASSWORD, letter


@pytest.fixture
def integration(smtp, closed_port):
    return smtp(closed_port, password=PASSWORD)


def stored(integration: Integration) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM integrations WHERE id = %s", [integration.pk])
        return str(cursor.fetchone()[0])


def reread(integration: Integration) -> Integration:
    return Integration.objects.get(pk=integration.pk)


def rotate(**options) -> str:
    said = StringIO()
    call_command("rotate_credentials", stdout=said, stderr=said, **options)
    return said.getvalue()


def test_what_is_stored_can_be_opened_and_tells_nothing_but_its_key(integration):
    assert stored(integration).startswith(f"{current_key_id()}:")
    assert PASSWORD not in stored(integration)
    assert reread(integration).secrets()["password"].reveal() == PASSWORD


def test_another_rows_credentials_do_not_open(integration, smtp, closed_port):
    other = smtp(closed_port, name="Other", password="something else")
    Integration.objects.filter(pk=other.pk).update(credentials=integration.credentials)
    with pytest.raises(Unsealable, match="another row"):
        reread(other).secrets()


def test_tampered_credentials_do_not_open(integration):
    token = stored(integration)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations SET credentials = %s", [token[:-8] + "AAAAAAA="])
    with pytest.raises(Unsealable, match="damaged"):
        reread(integration).secrets()


@pytest.mark.parametrize("text", ["", "nonsense", "abc:", ":", "é:ü"])
def test_anything_else_in_the_column_does_not_open(integration, text):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations SET credentials = %s", [text])
    with pytest.raises(Unsealable):
        reread(integration).secrets()


def test_without_its_key_it_says_which_key_is_missing(integration, settings):
    old = current_key_id()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(Unsealable, match=old):
        reread(integration).secrets()


def test_using_what_does_not_open_asks_for_credentials_and_entering_them_repairs_it(integration, manager, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert reread(integration).shown_status == Status.NEEDS_CREDENTIALS
    assert reread(integration).credentials_hint == {}
    with pytest.raises(AuthFailed, match="FIELD_KEYS"):
        send_email(**letter())
    assert reread(integration).status == Status.NEEDS_CREDENTIALS
    edit_integration(integration, changes={}, credentials={"password": "a new one"}, by=manager)
    assert reread(integration).status == Status.ACTIVE
    assert reread(integration).secrets()["password"].reveal() == "a new one"


def test_rotating_moves_every_row_to_the_new_key(integration, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert reread(integration).secrets()["password"].reveal() == PASSWORD
    assert "1 of them moved" in rotate()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert reread(integration).secrets()["password"].reveal() == PASSWORD
    assert "0 of them moved" in rotate()


def test_checking_changes_nothing_and_fails_until_all_is_moved(integration, settings):
    rotate(check=True)
    before = stored(integration)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    with pytest.raises(CommandError, match="Run rotate_credentials"):
        rotate(check=True)
    assert stored(integration) == before
    rotate(batch=1)
    rotate(check=True)


def test_an_interrupted_rotation_goes_on_where_it_stopped(smtp, closed_port, settings, monkeypatch):
    for number in range(3):
        smtp(closed_port, name=f"Mail {number}", password=PASSWORD)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    moved: list[SealedRow] = []

    def reseal_once(row):
        if moved:
            raise KeyboardInterrupt
        moved.append(row)
        return reseal(row)

    with monkeypatch.context() as patch:
        patch.setattr(rotate_credentials, "reseal", reseal_once)
        with pytest.raises(KeyboardInterrupt):
            rotate(batch=1)
    assert "3 under it, 2 of them moved" in rotate(batch=1)


def test_rotating_never_writes_over_what_was_entered_meanwhile(integration, manager):
    (seen,) = sealed_rows()
    edit_integration(integration, changes={}, credentials={"password": "a new one"}, by=manager)
    assert reseal(seen) is False
    assert reread(integration).secrets()["password"].reveal() == "a new one"


def test_rotating_names_what_can_not_be_opened_and_moves_the_rest(integration, smtp, closed_port, settings):
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    newer = smtp(closed_port, name="Newer", password=PASSWORD)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    said = StringIO()
    with pytest.raises(CommandError, match="entered again"):
        call_command("rotate_credentials", stdout=said, stderr=said)
    assert f"integrations.integration {newer.pk}, credentials" in said.getvalue()
    assert "1 of them moved" in said.getvalue()


def test_a_new_key_is_printed_and_works(settings, integration):
    said = StringIO()
    call_command("new_field_key", stdout=said)
    settings.FIELD_KEYS = [said.getvalue().strip(), *settings.FIELD_KEYS]
    rotate()


def test_a_key_that_is_none_is_named_without_being_shown(settings, integration):
    settings.FIELD_KEYS = ["not-a-key"]
    with pytest.raises(ImproperlyConfigured, match="new_field_key") as caught:
        integration.secrets()
    assert "not-a-key" not in str(caught.value)


def test_the_column_takes_nothing_in_clear(integration):
    with pytest.raises(TypeError, match="never the plain value"):
        Integration.objects.filter(pk=integration.pk).update(credentials=PASSWORD)


def test_a_secret_shows_itself_to_nobody(caplog):
    secret = Secret(PASSWORD)
    logging.getLogger("integrations").warning("%s %r", secret, {"password": secret})
    shown = f"{secret} {secret!r} {[secret]} {caplog.text}"
    assert PASSWORD not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps({"password": secret})


@pytest.mark.parametrize(("text", "hint"), [("correct-horse-9471", "••••9471"), ("short", "••••"), ("x", "••••")])
def test_the_hint_is_the_last_four_of_a_long_secret_only(text, hint):
    assert Secret(text).hint() == hint
