"""Verbs on integrations, and what the house does through them."""

from integrations.services.calendars import KeepsNoCalendars, OutsideCalendar, list_calendars
from integrations.services.consents import (
    CannotConnect,
    ConsentRefused,
    UnknownConsent,
    ask_consent,
    finish_consent,
    redirect_uri,
    take_up_consent,
)
from integrations.services.grants import call_as, fresh_grant, revoke_grant
from integrations.services.health import disable_failing, keep_health, watch_health
from integrations.services.integrations import (
    IntegrationNameTaken,
    checked_changes,
    create_integration,
    edit_integration,
    test_integration,
    validate,
)
from integrations.services.integrations_deleting import PaymentsUndecided, delete_integration
from integrations.services.locking import IntegrationGone
from integrations.services.messages import (
    Draft,
    MessageKeyReused,
    NotFailed,
    post_message,
    queue_message,
    send_again,
    send_due_message,
    send_email,
    send_sms,
    send_test_message,
)
from integrations.services.push import push_integration, push_public_key, send_push
from integrations.services.retention import forget_old_calls
from integrations.services.sending import wait_asked_for
from integrations.services.subscriptions import (
    create_subscription,
    delete_subscription,
    disable_subscription,
    edit_subscription,
    retry_delivery,
    rotate_secret,
    send_test_event,
)
from integrations.services.suppressions import lift_suppression, suppress_address

__all__ = [
    "CannotConnect",
    "ConsentRefused",
    "Draft",
    "IntegrationGone",
    "IntegrationNameTaken",
    "KeepsNoCalendars",
    "MessageKeyReused",
    "NotFailed",
    "OutsideCalendar",
    "PaymentsUndecided",
    "UnknownConsent",
    "ask_consent",
    "call_as",
    "checked_changes",
    "create_integration",
    "create_subscription",
    "delete_integration",
    "delete_subscription",
    "disable_failing",
    "disable_subscription",
    "edit_integration",
    "edit_subscription",
    "finish_consent",
    "forget_old_calls",
    "fresh_grant",
    "keep_health",
    "lift_suppression",
    "list_calendars",
    "post_message",
    "push_integration",
    "push_public_key",
    "queue_message",
    "redirect_uri",
    "retry_delivery",
    "revoke_grant",
    "rotate_secret",
    "send_again",
    "send_due_message",
    "send_email",
    "send_push",
    "send_sms",
    "send_test_event",
    "send_test_message",
    "suppress_address",
    "take_up_consent",
    "test_integration",
    "validate",
    "wait_asked_for",
    "watch_health",
]
