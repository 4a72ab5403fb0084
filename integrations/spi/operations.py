"""What can be asked of providers, and what may be done when an answer fails to come."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One verb.

    What certainly was not accepted is tried again, up to ``tries`` times in all. What *may* have
    been accepted is tried again only where ``is_repeatable``: it reads, or doing it twice is doing
    it once. An answer is remembered for ``cache_seconds`` where that is not 0.
    """

    name: str
    is_repeatable: bool = False
    tries: int = 3
    cache_seconds: int = 0


TEST = Operation("test", is_repeatable=True, tries=1)
SEND_EMAIL = Operation("send_email")
SEND_SMS = Operation("send_sms")
FIND_SMS = Operation("find_sms", is_repeatable=True)
SEND_PUSH = Operation("send_push")
CREATE_PAYMENT = Operation("create_payment")
CAPTURE_PAYMENT = Operation("capture_payment")
CANCEL_PAYMENT = Operation("cancel_payment")
REFUND_PAYMENT = Operation("refund_payment")
FETCH_PAYMENT = Operation("fetch_payment", is_repeatable=True)
FIND_PAYMENT = Operation("find_payment", is_repeatable=True)
LIST_CALENDARS = Operation("list_calendars", is_repeatable=True, cache_seconds=60)
LIST_CHANGES = Operation("list_changes", is_repeatable=True)
FETCH_EVENT = Operation("fetch_event", is_repeatable=True)
# By a key of ours, or at a certain etag: what was done once is not done again.
CREATE_EVENT = Operation("create_event", is_repeatable=True)
UPDATE_EVENT = Operation("update_event")
DELETE_EVENT = Operation("delete_event", is_repeatable=True)
WATCH_CALENDAR = Operation("watch_calendar")
UNWATCH_CALENDAR = Operation("unwatch_calendar", is_repeatable=True)
EXCHANGE_CODE = Operation("exchange_code", tries=1)
REFRESH_TOKENS = Operation("refresh_tokens", tries=1)
REVOKE_TOKENS = Operation("revoke_tokens", is_repeatable=True)
DELIVER_WEBHOOK = Operation("deliver_webhook", tries=1)
