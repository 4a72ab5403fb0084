"""A message as its provider is given it."""

from urllib.parse import urlencode

from django.conf import settings

from integrations.models import Integration, Message
from integrations.spi import EmailMessage, SmsMessage


def letter_of(message: Message) -> EmailMessage:
    """The e-mail; its key is its Message-ID."""
    return EmailMessage(
        to=message.to,
        from_email=settings.DEFAULT_FROM_EMAIL,
        subject=message.subject,
        text=message.text,
        html=message.html,
        message_id=message.key,
        headers=message.headers,
        calendar=message.calendar,
    )


def text_of(message: Message, integration: Integration) -> SmsMessage:
    """The text, and where ``integration`` is to report on it."""
    webhook = f"{settings.SITE_URL}/api/v1/integrations/webhooks/{integration.provider}/{integration.uuid}"
    # With the key a report finds its message even where the answer to the call was lost.
    callback_url = f"{webhook}?{urlencode({'key': message.key})}"
    return SmsMessage(to=message.to, text=message.text, key=message.key, callback_url=callback_url)
