"""Mailgun against a mock of its own description (Prism)."""

import pytest

from integrations import services
from integrations.services import send_email
from tests.support.letters import letter
from tests.support.standins import violations


@pytest.fixture
def mock(prism):
    return prism("mailgun.patched.json")


@pytest.fixture
def mailgun(mock, manager):
    return services.create_integration(
        provider="mailgun",
        name="Mailgun",
        config={"domain": "mg.harbour.example", "api_url": mock.url},
        credentials={"api_key": "mailgun-key-0123456789"},
        by=manager,
    )


def test_a_check_is_answered_with_the_state_of_the_domain(mailgun, mock, manager):
    # The mock makes a state up; that it is read, and what was asked is right, is the point.
    assert "mg.harbour.example is" in services.test_integration(mailgun, by=manager).detail
    assert violations(mock) == []


def test_letters_are_accepted(mailgun, mock):
    send_email(**letter())
    other = {
        "message_id": "<keys-2@harbour.example>",
        "headers": {"X-Deal": "12", "List-Unsubscribe": "<https://a.example>"},
    }
    result = send_email(**letter(subject="Schlüssel ✓", html="<p>Größe</p>", **other))
    assert result.provider_message_id
    assert violations(mock) == []
