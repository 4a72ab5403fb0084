"""Waking people's browsers."""

from integrations.door import call
from integrations.door.calling import provider_of
from integrations.models import Integration, Kind
from integrations.sealing import Unsealable
from integrations.spi import InvalidConfig, NoProvider, PushMessage, PushSender, SendResult
from integrations.spi.operations import SEND_PUSH
from integrations.transport import Line


def push_integration() -> Integration:
    """The one that browsers are to subscribe with. Raises NoProvider."""
    found = Integration.objects.in_order_of_use(Kind.PUSH).first()
    if found is None:
        raise NoProvider("No push integration is ready to be used.")
    return found


def push_public_key(integration: Integration | None = None) -> str:
    """What a browser subscribes with: the VAPID key of ``integration``, base64url without padding.

    A subscription hears only whoever holds that key, so it has to be kept with the integration.
    Nothing leaves. Raises NoProvider.
    """
    used = integration or push_integration()
    try:
        sender: PushSender = provider_of(used).build(used.config, used.secrets(), Line())
    except (InvalidConfig, Unsealable) as error:
        raise NoProvider(f"{used.name} can't be used: {error}") from None
    return sender.public_key()


def send_push(message: PushMessage, *, integration: Integration | None = None, correlation_id: str = "") -> SendResult:
    """Hand ``message`` to the browser's push service, through ``integration`` and no other.

    Without one, through the one that browsers subscribe with now. Not to be called inside a
    transaction. Raises Gone when the browser unsubscribed: forget the subscription; NoProvider, or
    another ProviderError.
    """

    def send(sender: PushSender) -> SendResult:
        return sender.send(message)

    return call(integration or push_integration(), SEND_PUSH, send, correlation_id=correlation_id)
