"""Recurrence, pure: rules are expanded in naive local time, and only then given a zone.

An event at nine in New York stays at nine over March and November, because no step of the expansion knows of UTC.
"""

from events.recurrence.carrying import carry_exdates, carry_keys, carry_rdates
from events.recurrence.describing import describe
from events.recurrence.expansion import Bounds, bounds, local_starts
from events.recurrence.rules import Frequency, Rule, RuleInvalid, localise_until, parse_rule
from events.recurrence.splitting import split
from events.recurrence.zones import (
    Moved,
    Occurrence,
    Series,
    find_occurrence,
    first_key,
    instant,
    next_occurrence,
    occurrences,
    span,
)

__all__ = [
    "Bounds",
    "Frequency",
    "Moved",
    "Occurrence",
    "Rule",
    "RuleInvalid",
    "Series",
    "bounds",
    "carry_exdates",
    "carry_keys",
    "carry_rdates",
    "describe",
    "find_occurrence",
    "first_key",
    "instant",
    "local_starts",
    "localise_until",
    "next_occurrence",
    "occurrences",
    "parse_rule",
    "span",
    "split",
]
