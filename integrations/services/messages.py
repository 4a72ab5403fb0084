"""E-mails, through whatever integration accepts them."""

from django.conf import settings

from integrations.door import call
from integrations.models import Integration, Kind
from integrations.spi import EmailMessage, EmailSender, NoProvider, OutcomeUnknown, ProviderError, SendResult
from integrations.spi.operations import SEND_EMAIL


def send_email(  # noqa: PLR0913  by keyword, and all of them are the message
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    message_id: str,
    headers: dict[str, str] | None = None,
    correlation_id: str = "",
) -> SendResult:
    """Send one message through the first e-mail integration that accepts it.

    The next one is tried only where the one before has certainly not accepted the message. Raises
    NoProvider when there is nothing to send by, otherwise the last ProviderError; its ``permanent``
    says that no later try can succeed. Not to be called inside a transaction.
    """
    message = EmailMessage(
        to=to,
        from_email=settings.DEFAULT_FROM_EMAIL,
        subject=subject,
        text=text,
        html=html,
        message_id=message_id,
        headers=headers or {},
    )

    def send(provider: EmailSender) -> SendResult:
        return provider.send(message)

    failure: ProviderError = NoProvider("No e-mail integration is ready to be used.")
    for integration in Integration.objects.in_order_of_use(Kind.EMAIL):
        try:
            return call(integration, SEND_EMAIL, send, correlation_id=correlation_id)
        except ProviderError as error:
            if error.permanent or isinstance(error, OutcomeUnknown):
                raise
            failure = error
    raise failure
