"""Twilio against a mock of its own description (Prism)."""

from datetime import UTC, datetime

import pytest

from integrations import services
from integrations.door import call
from integrations.services.sending import Sought
from integrations.spi import SmsMessage
from integrations.spi.operations import FIND_SMS
from tests.support.phones import ACCOUNT
from tests.support.standins import violations


@pytest.fixture
def mock(prism):
    return prism("twilio_api_v2010.json")


@pytest.fixture
def twilio(mock, manager):
    def create(**sender):
        return services.create_integration(
            provider="twilio",
            name="Twilio",
            config={"account_sid": ACCOUNT, "api_url": mock.url, **sender},
            credentials={"auth_token": "twilio-token-0123456789"},
            by=manager,
        )

    return create


def test_a_check_passes(twilio, mock, manager):
    assert services.test_integration(twilio(from_number="+12125550100"), by=manager).ok
    assert violations(mock) == []


@pytest.mark.parametrize(
    "sender", [{"from_number": "+12125550100"}, {"messaging_service_sid": "MG0123456789abcdef0123456789abcdef"}]
)
def test_texts_are_accepted(twilio, mock, sender):
    twilio(**sender)
    result = services.send_sms(to="+12125550123", text="Größe ✓", key="keys-1")
    assert result.provider_message_id.startswith("SM")
    assert violations(mock) == []


def test_texts_are_looked_for(twilio, mock):
    message, since = SmsMessage(to="+12125550123", text="No such words", key="k"), datetime(2020, 1, 1, tzinfo=UTC)
    integration = twilio(from_number="+12125550100")
    found = call(integration, FIND_SMS, lambda provider: Sought(sent=provider.find(message, since)))
    assert found.sent is None
    assert violations(mock) == []
