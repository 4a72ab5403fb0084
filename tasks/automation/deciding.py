"""Whether a rule's conditions hold. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tasks.automation.reading import Condition
from tasks.automation.vocabulary import AT_LEAST, AT_MOST, CONTAINS, IS, IS_ANY_OF, IS_NOT, LACKS

Situation = Mapping[str, frozenset[Any]]
"""By field: every value it has. A task has any number of labels, one column, no due day or one."""


def unmet(conditions: Sequence[Condition], situation: Situation) -> list[Condition]:
    """Those of ``conditions`` that do not hold. All have to."""
    return [each for each in conditions if not _HOLDS[each.operator](situation[each.field], each.value)]


def _is(values: frozenset[Any], wanted: Any) -> bool:
    return not values if wanted is None else wanted in values


def _contains(values: frozenset[Any], wanted: str) -> bool:
    return any(wanted.casefold() in value.casefold() for value in values)


_HOLDS: Mapping[str, Callable[[frozenset[Any], Any], bool]] = {
    IS: _is,
    IS_NOT: lambda values, wanted: not _is(values, wanted),
    IS_ANY_OF: lambda values, wanted: not values.isdisjoint(wanted),
    AT_MOST: lambda values, wanted: any(value <= wanted for value in values),
    AT_LEAST: lambda values, wanted: any(value >= wanted for value in values),
    CONTAINS: _contains,
    LACKS: lambda values, wanted: not _contains(values, wanted),
}
