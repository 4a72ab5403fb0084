"""Short ways to say what a starter template's tasks wait for, who has them and what is on their checklists."""

from typing import Any

from tasks.blueprints import Item, Rule
from tasks.models import DealRole

LISTER, BUYER = DealRole.LISTING_AGENT.value, DealRole.BUYER_AGENT.value
COORDINATOR, ASSISTANT = DealRole.COORDINATOR.value, DealRole.ASSISTANT.value
MARKETING, COMPLIANCE = DealRole.MARKETING.value, DealRole.COMPLIANCE.value

# The day counts of the Closing Disclosure: 12 CFR 1026.2(a)(6) and 1026.19(f), seeded among the date profiles.
TRID = {"counting": "business", "profile": "trid-specific"}


def on(key_date: str, **rest: Any) -> Rule:
    """That very day."""
    return Rule(days=0, after_key_date=key_date, **rest)


def after(days: int, key_date: str, **rest: Any) -> Rule:
    return Rule(days=days, after_key_date=key_date, **rest)


def before(days: int, key_date: str, **rest: Any) -> Rule:
    return Rule(days=days, direction="before", after_key_date=key_date, **rest)


def when_done(task: str, *, days: int = 0, **rest: Any) -> Rule:
    """So many days after the task with this key was completed."""
    return Rule(days=days, after_task=task, **rest)


def must(text: str, *, document: bool = False, review: bool = False) -> Item:
    """The task is not completed without it."""
    return Item(text, is_required=True, needs_document=document, needs_review=review)


def may(text: str, *, document: bool = False) -> Item:
    return Item(text, needs_document=document)
