"""What the e-mail services that django-anymail speaks to have in common; each has a file of its own.

anymail makes the request of each vendor; the session that carries it is the line's.
"""

from typing import Any

from anymail.exceptions import AnymailError
from django.core.mail import EmailMultiAlternatives
from requests import Response

from integrations.spi import CALENDAR_FILE, EmailMessage, OutcomeUnknown, ProviderError
from integrations.transport import OutgoingSession, error_for

KEY = "estateman_key"
"""The name under which our own id of a message travels, and comes back with what is told of it."""


class ThroughTheLine:
    """A mixin of anymail's backends: their requests leave through ``http``."""

    http: OutgoingSession

    def create_session(self) -> OutgoingSession:
        return self.http


def letter(message: EmailMessage, from_email: str, *, takes_alternatives: bool = True) -> EmailMultiAlternatives:
    """``message`` as anymail takes it. Raises ProviderError when it can be none.

    A vendor that ``takes_alternatives`` of any type gets the calendar part as one; another as the attachment alone,
    with the method in its type, by which calendar programs know an invitation too.
    """
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=from_email or message.from_email,
        to=[message.to],
        headers={**message.headers, "Message-ID": message.message_id},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    if message.calendar and takes_alternatives:
        mail.attach_alternative(message.calendar, message.calendar_type)
    if message.calendar:
        attached = "application/ics" if takes_alternatives else message.calendar_type
        mail.attach(CALENDAR_FILE, message.calendar, attached)
    try:
        mail.message()
    except ValueError as error:  # a line break in a header, an address that is none
        raise ProviderError(f"This is no message: {error}", permanent=True) from None
    mail.metadata = {KEY: message.message_id}  # type: ignore[attr-defined]  # anymail looks for it
    return mail


def hand_over(backend: Any, mail: EmailMultiAlternatives) -> str:
    """Send ``mail`` by anymail's ``backend``; the vendor's id of it. Raises ProviderError."""
    try:
        backend.send_messages([mail])
    except AnymailError as error:
        raise _refusal(error) from None
    status = mail.anymail_status  # type: ignore[attr-defined]  # anymail puts it there
    return str(status.message_id or "")


def _refusal(error: AnymailError) -> ProviderError:
    response: Response | None = error.response
    if response is None:
        return ProviderError(f"This message can't be sent: {_in_short(error)}", permanent=True)
    if response.ok:
        return OutcomeUnknown(f"The answer can't be read: {_in_short(error)}")
    if response.status_code == 404:
        # The domain or the address of the API is wrong, not the message: another integration may send it.
        return ProviderError(f"404: {reason_in(response)}")
    return error_for(response, reason_in(response))


def reason_in(response: Response) -> str:
    """What the vendor said, as far as it can be read: ``errors`` of SendGrid, ``message`` of Mailgun."""
    try:
        body = response.json()
    except ValueError:
        return response.text[:300]
    if not isinstance(body, dict):
        return response.text[:300]
    errors = body.get("errors")
    if isinstance(errors, list):
        return "; ".join(str(each.get("message", each)) if isinstance(each, dict) else str(each) for each in errors)
    return str(body.get("message") or body)[:300]


def _in_short(error: AnymailError) -> str:
    """Without the answer and the payload, which str() would add."""
    return " ".join(str(arg) for arg in error.args)[:300]
