"""What a provider is: the abilities it may have, and the words in which it speaks of trouble.

A provider lives in one file of integrations/providers/ (see docs/adding-a-provider.md). It knows
its vendor and nothing else: no models, no settings, no log. It is built with its config, its
credentials and the line that leads outside for one call, and may refuse what can't work by raising
InvalidConfig.
"""

from integrations.spi.answers import Answer, Health, HealthCheck, SendResult
from integrations.spi.calendars import (
    CalendarList,
    CalendarProvider,
    CalendarWatcher,
    Changes,
    Channel,
    EventContent,
    OneEvent,
    Override,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.spi.email import CALENDAR_FILE, EmailMessage, EmailSender
from integrations.spi.errors import (
    AuthFailed,
    BreakerOpen,
    CursorExpired,
    Gone,
    InvalidConfig,
    NoConsent,
    NoProvider,
    OutcomeUnknown,
    PreconditionFailed,
    ProviderError,
    RateLimited,
    Suppressed,
    Unreachable,
    WebhookRefused,
)
from integrations.spi.oauth import OAuthApp, TokenSet
from integrations.spi.operations import Operation
from integrations.spi.payments import (
    Found,
    PaymentGateway,
    PaymentRequest,
    PaymentSnapshot,
    PaymentStatus,
)
from integrations.spi.push import PushMessage, PushSender
from integrations.spi.sms import SmsMessage, SmsSender
from integrations.spi.webhooks import (
    RANKS,
    TEXT_RECEIVED,
    CalendarChanged,
    Handshake,
    Happening,
    MessageTracked,
    PaymentMoved,
    RawRequest,
    SmsReceived,
    TrackedState,
    Verified,
    Webhooks,
)

__all__ = [
    "CALENDAR_FILE",
    "RANKS",
    "TEXT_RECEIVED",
    "Answer",
    "AuthFailed",
    "BreakerOpen",
    "CalendarChanged",
    "CalendarList",
    "CalendarProvider",
    "CalendarWatcher",
    "Changes",
    "Channel",
    "CursorExpired",
    "EmailMessage",
    "EmailSender",
    "EventContent",
    "Found",
    "Gone",
    "Handshake",
    "Happening",
    "Health",
    "HealthCheck",
    "InvalidConfig",
    "MessageTracked",
    "NoConsent",
    "NoProvider",
    "OAuthApp",
    "OneEvent",
    "Operation",
    "OutcomeUnknown",
    "Override",
    "PaymentGateway",
    "PaymentMoved",
    "PaymentRequest",
    "PaymentSnapshot",
    "PaymentStatus",
    "PreconditionFailed",
    "ProviderError",
    "PushMessage",
    "PushSender",
    "RateLimited",
    "RawRequest",
    "RemoteCalendar",
    "RemoteEvent",
    "SendResult",
    "SmsMessage",
    "SmsReceived",
    "SmsSender",
    "Suppressed",
    "TokenSet",
    "TrackedState",
    "Unreachable",
    "Verified",
    "WebhookRefused",
    "Webhooks",
]
