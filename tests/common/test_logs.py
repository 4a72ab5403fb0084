"""What is logged about a request that was refused."""

import logging

import pytest

from estateman.common.requests import SecretPathFilter


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/api/v1/book/appointments/7:abc/slots", "/api/v1/book/appointments/…/slots"),
        ("/book/appointments/7:abc", "/book/appointments/…"),
        ("/invitations/7:abc", "/invitations/…"),
        ("/events/3/invitations/5/end", "/events/3/invitations/5/end"),
        ("/api/v1/events/3", "/api/v1/events/3"),
    ],
)
def test_secret_addresses_stay_out(path, logged):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Conflict", path), None)
    assert SecretPathFilter().filter(record)
    assert record.getMessage() == f"Conflict: {logged}"


@pytest.mark.parametrize("args", [None, {"path": "/book/appointments/7:abc"}, (7, None)])
def test_other_records_pass_as_they_are(args):
    record = logging.LogRecord(
        "other", logging.WARNING, "", 0, "told", (args,) if isinstance(args, dict) else args, None
    )
    assert SecretPathFilter().filter(record)
    assert record.args == args


@pytest.mark.django_db
def test_what_django_logs_goes_through_it(client, capfd):
    handler = next(
        each for each in logging.getLogger().handlers if isinstance(each, logging.StreamHandler) and each.filters
    )
    client.get("/book/appointments/7:not-a-token")
    assert any(isinstance(each, SecretPathFilter) for each in handler.filters)
    assert "7:not-a-token" not in capfd.readouterr().err
