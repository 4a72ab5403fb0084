"""Reading a rule strictly: every mistake is named by where it stands. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tasks.automation.values import NAMING, Kind, Misfit, Value
from tasks.automation.vocabulary import ACTIONS, FIELDS, IS, IS_ANY_OF, TRIGGERS, ActionWord, Field, Trigger

MOST_CONDITIONS, MOST_ACTIONS = 20, 20


class Unfit(Exception):
    """The rule cannot stand like this: ``errors`` by where they are, like ``actions.0.column``."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {error}" for path, error in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Action:
    name: str
    takes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """When ``trigger`` happens and all ``conditions`` hold, then do ``actions``, in order."""

    trigger: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Reference:
    """That a rule names something of the project, at ``path``, by the id ``pk``."""

    path: str
    kind: Kind
    pk: int


def read_rule(trigger: object, conditions: object, actions: object) -> Rule:
    """The rule that was written. Raises Unfit with all of its mistakes."""
    errors: dict[str, str] = {}
    if not isinstance(trigger, str) or trigger not in TRIGGERS:
        raise Unfit({"trigger": f"Choose one of: {', '.join(TRIGGERS)}."})
    word = TRIGGERS[trigger]
    rule = Rule(
        trigger,
        tuple(_conditions(conditions, word, errors)),
        tuple(_actions(actions, word, errors)),
    )
    if errors:
        raise Unfit(errors)
    _require_needed(rule, word)
    return rule


def stored(rule: Rule) -> dict[str, Any]:
    """The rule as it is kept and shown; ``read_rule`` reads it back."""
    return {
        "trigger": rule.trigger,
        "conditions": [{"field": each.field, "op": each.operator, "value": each.value} for each in rule.conditions],
        "actions": [{"action": each.name, **each.takes} for each in rule.actions],
    }


def references(rule: Rule) -> Iterator[Reference]:
    """All that the rule names of its project."""
    for at, condition in enumerate(rule.conditions):
        yield from _named(f"conditions.{at}.value", FIELDS[condition.field].value, condition.value)
    for at, action in enumerate(rule.actions):
        for name, value in action.takes.items():
            yield from _named(f"actions.{at}.{name}", ACTIONS[action.name].takes[name], value)


def _named(path: str, value: Value, given: Any) -> Iterator[Reference]:
    if value.kind in NAMING and given is not None:
        for pk in given if isinstance(given, list) else [given]:
            yield Reference(path, value.kind, pk)


def _listed(name: str, raw: object, most: int, errors: dict[str, str]) -> Sequence[object]:
    if isinstance(raw, list) and len(raw) <= most:
        return raw
    errors[name] = f"List up to {most}."
    return ()


def _conditions(raw: object, trigger: Trigger, errors: dict[str, str]) -> Iterator[Condition]:
    for at, each in enumerate(_listed("conditions", raw, MOST_CONDITIONS, errors)):
        try:
            yield _condition(each, trigger)
        except _Wrong as wrong:
            errors[f"conditions.{at}{wrong.place}"] = str(wrong)


def _actions(raw: object, trigger: Trigger, errors: dict[str, str]) -> Iterator[Action]:
    listed = _listed("actions", raw, MOST_ACTIONS, errors)
    if not listed and "actions" not in errors:
        errors["actions"] = "Say at least one thing that it does."
    for at, each in enumerate(listed):
        try:
            yield _action(each, trigger)
        except _Wrong as wrong:
            errors[f"actions.{at}{wrong.place}"] = str(wrong)


class _Wrong(Exception):
    """A mistake; ``place`` is where in the condition or action it stands, like ``.column``."""

    def __init__(self, says: str, at: str = "") -> None:
        super().__init__(says)
        self.place = f".{at}" if at else ""


def _condition(raw: object, trigger: Trigger) -> Condition:
    given = _object(raw, {"field", "op", "value"})
    name, operator = given.get("field"), given.get("op")
    known = FIELDS.get(name) if isinstance(name, str) else None
    if known is None or not _goes_with(known, trigger):
        fitting = ", ".join(each.name for each in FIELDS.values() if _goes_with(each, trigger))
        raise _Wrong(f"With {trigger.name}, choose one of: {fitting}.", "field")
    if operator not in known.operators:
        raise _Wrong(f"Choose one of: {', '.join(known.operators)}.", "op")
    if "value" not in given:
        raise _Wrong("Say which.", "value")
    value = known.value if operator != IS_ANY_OF else replace(known.value, is_list=True, may_be_none=False)
    return Condition(known.name, str(operator), _fitting(value, given["value"], "value"))


def _goes_with(known: Field, trigger: Trigger) -> bool:
    return trigger.name in known.triggers if known.triggers else trigger.has_task or not known.has_task


def _action(raw: object, trigger: Trigger) -> Action:
    name = raw.get("action") if isinstance(raw, Mapping) else None
    known = ACTIONS.get(name) if isinstance(name, str) else None
    if known is None:
        raise _Wrong(f"Choose one of: {', '.join(ACTIONS)}.", "action")
    if known.needs_task and not trigger.has_task:
        raise _Wrong(f"{trigger.name} is about no task that this could be done to.", "action")
    given = _object(raw, {"action", *known.takes})
    takes = {key: _fitting(value, given[key], key) for key, value in known.takes.items() if key in given}
    for key, value in known.takes.items():
        if key not in given and not value.is_optional:
            raise _Wrong("Say which.", key)
    _require_choice(known, takes)
    if takes.get("assignees") and not trigger.has_task:
        raise _Wrong(f"{trigger.name} is about no task that somebody could have.", "assignees")
    return Action(known.name, takes)


def _require_choice(known: ActionWord, takes: Mapping[str, Any]) -> None:
    if known.one_of and len(takes.keys() & set(known.one_of)) != 1:
        raise _Wrong(f"Say one of: {', '.join(known.one_of)}.")
    if known.some_of and not any(takes.get(key) for key in known.some_of):
        raise _Wrong(f"Say at least one of: {', '.join(known.some_of)}.")
    if known.name == "create_task" and {"user", "role"} <= takes.keys():
        raise _Wrong("Say user or role, not both.")


def _require_needed(rule: Rule, trigger: Trigger) -> None:
    wanted = [each for each in rule.conditions if each.field == trigger.needs and each.operator == IS]
    if trigger.needs and len(wanted) != 1:
        raise Unfit({"conditions": f"{trigger.name} needs one condition that says what {trigger.needs} is."})


def _object(raw: object, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise _Wrong("Write an object.")
    unknown = [key for key in raw if key not in known]
    if unknown:
        raise _Wrong(f"{ascii(unknown[0])[:60]} means nothing here. Known: {', '.join(sorted(known))}.")
    return raw


def _fitting(value: Value, raw: object, at: str) -> Any:
    try:
        return value.read(raw)
    except Misfit as misfit:
        raise _Wrong(str(misfit), at) from None
