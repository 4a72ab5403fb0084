"""Rules of automation as people read them, and what a project has that they can name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tasks.automation import ACTIONS, FIELDS, Kind
from tasks.automation.values import NAMING, Value
from tasks.models import AutomationRule, Project

_OPERATORS = {
    "is": "is",
    "is_not": "is not",
    "is_any_of": "is any of",
    "at_most": "is at most",
    "at_least": "is at least",
}
_OPERATORS |= {"contains": "has in it", "contains_not": "does not have in it"}
_PLAIN: dict[Kind, Callable[[Any], str]] = {
    Kind.CHOICE: lambda given: str(given).replace("_", " "),
    Kind.NUMBER: str,
    Kind.TEXT: lambda given: f"“{given}”",
    Kind.YES_NO: lambda given: "yes" if given else "no",
}


def spoken(word: str) -> str:
    """A word of the vocabulary as it begins a sentence: "task_moved" is "Task moved"."""
    return word.replace("_", " ").capitalize()


def operator_words(operator: str) -> str:
    return _OPERATORS[operator]


class Names:
    """What rules of ``project`` can name by an id, each kind in one query once it is asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, kind: Kind) -> dict[int, str]:
        """The names by their ids; nothing for a kind that is not named by one."""
        found: dict[int, str] = getattr(self, f"_{kind}", {})
        return found

    @cached_property
    def _column(self) -> dict[int, str]:
        return dict(self._project.columns.values_list("pk", "name"))

    @cached_property
    def _label(self) -> dict[int, str]:
        return dict(self._project.labels.values_list("pk", "name"))

    @cached_property
    def _user(self) -> dict[int, str]:
        return {user.pk: str(user) for user in self._project.members.order_by("name", "pk")}

    @cached_property
    def _key_date(self) -> dict[int, str]:
        return dict(self._project.key_dates.order_by("on", "pk").values_list("pk", "name"))


@dataclass(frozen=True)
class Told:
    """A rule in words."""

    when: str
    conditions: tuple[str, ...]
    actions: tuple[str, ...]


def told(rule: AutomationRule, names: Names) -> Told:
    """``rule`` in words, with the names of what it names; what is gone meanwhile is told by its number."""
    return Told(
        spoken(rule.trigger),
        tuple(_condition(each, names) for each in rule.conditions),
        tuple(_action(each, names) for each in rule.actions),
    )


def _condition(said: dict[str, Any], names: Names) -> str:
    value = _value(FIELDS[said["field"]].value, said["value"], names)
    return f"{spoken(said['field'])} {operator_words(said['op'])} {value}"


def _action(said: dict[str, Any], names: Names) -> str:
    takes = ", ".join(_taken(said, names))
    return f"{spoken(said['action'])}: {takes}" if takes else spoken(said["action"])


def _taken(said: dict[str, Any], names: Names) -> Iterator[str]:
    """What an action takes, in the order of the vocabulary; names of things speak for themselves."""
    for key, value in ACTIONS[said["action"]].takes.items():
        given, words = said.get(key), key.replace("_", " ")
        if given is None or given is False:
            continue
        if value.kind == Kind.YES_NO:
            yield words
        elif value.kind == Kind.NUMBER:
            yield f"{words} {given}"
        else:
            yield _value(value, given, names)


def _value(value: Value, given: Any, names: Names) -> str:
    if isinstance(given, list):
        return ", ".join(_value(value, each, names) for each in given)
    if given is None:
        return "none"
    if value.kind in NAMING:
        return names.of(value.kind).get(given, f"no. {given}")
    return _PLAIN[value.kind](given)
