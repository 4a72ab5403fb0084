"""Recurrence, pure: rules are expanded in naive local time, and only then given a zone.

An event at nine in New York stays at nine over March and November, because no step of the expansion knows of UTC.
"""

from events.recurrence.carrying import carry_exdates, carry_rdates
from events.recurrence.expansion import Bounds, bounds, local_starts
from events.recurrence.rules import Frequency, Rule, RuleInvalid, localise_until, parse_rule
from events.recurrence.zones import (
    Occurrence,
    Series,
    find_occurrence,
    instant,
    next_occurrence,
    occurrences,
    span,
)

__all__ = [
    "Bounds",
    "Frequency",
    "Occurrence",
    "Rule",
    "RuleInvalid",
    "Series",
    "bounds",
    "carry_exdates",
    "carry_rdates",
    "find_occurrence",
    "instant",
    "local_starts",
    "localise_until",
    "next_occurrence",
    "occurrences",
    "parse_rule",
    "span",
]
