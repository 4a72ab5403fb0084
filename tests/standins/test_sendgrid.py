"""SendGrid against a mock of its own description (Prism)."""

import pytest

from integrations import services
from integrations.services import send_email
from tests.support.letters import letter
from tests.support.standins import violations


@pytest.fixture
def mock(prism):
    return prism("sendgrid_tsg_mail_v3.patched.json")


@pytest.fixture
def sendgrid(mock, manager):
    return services.create_integration(
        provider="sendgrid",
        name="SendGrid",
        config={"from_email": "Harbour & Hill <office@harbour.example>", "api_url": mock.url},
        credentials={"api_key": "SG.0123456789.abcdefghij"},
        by=manager,
    )


def test_a_check_passes(sendgrid, mock, manager):
    assert services.test_integration(sendgrid, by=manager).ok
    assert violations(mock) == []


def test_letters_are_accepted(sendgrid, mock):
    send_email(**letter())
    other = {
        "message_id": "<keys-2@harbour.example>",
        "headers": {"X-Deal": "12", "List-Unsubscribe": "<https://a.example>"},
    }
    result = send_email(**letter(subject="Schlüssel ✓", html="<p>Größe</p>", **other))
    assert result.provider_message_id
    assert violations(mock) == []
