"""Rules that do the routine: what they may say, reading them strictly, and whether their conditions hold. Pure."""

from tasks.automation.deciding import Situation, unmet
from tasks.automation.reading import Action, Condition, Reference, Rule, Unfit, read_rule, references, stored
from tasks.automation.triggering import TRIGGERING, triggers_of
from tasks.automation.values import Kind
from tasks.automation.vocabulary import ACTIONS, FIELDS, OPERATORS, PLACEHOLDERS, TRIGGERS, vocabulary

__all__ = [
    "ACTIONS",
    "FIELDS",
    "OPERATORS",
    "PLACEHOLDERS",
    "TRIGGERING",
    "TRIGGERS",
    "Action",
    "Condition",
    "Kind",
    "Reference",
    "Rule",
    "Situation",
    "Unfit",
    "read_rule",
    "references",
    "stored",
    "triggers_of",
    "unmet",
    "vocabulary",
]
