"""Reading rules strictly, and deciding whether their conditions hold. Nothing here touches the database."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tasks.automation import (
    ACTIONS,
    FIELDS,
    OPERATORS,
    PLACEHOLDERS,
    TRIGGERS,
    Condition,
    Kind,
    Unfit,
    read_rule,
    references,
    stored,
    unmet,
)
from tasks.automation.triggering import _SETS_OFF

NOTIFY = {"action": "notify", "assignees": True, "message": "Look"}


def read(trigger="task_moved", conditions=(), actions=(NOTIFY,)):
    return read_rule(trigger, list(conditions), list(actions))


def mistakes(**written):
    with pytest.raises(Unfit) as unfit:
        read(**written)
    return unfit.value.errors


def test_a_rule_is_read_and_kept_as_it_was_written():
    written = {
        "trigger": "task_moved",
        "conditions": [{"field": "column", "op": "is", "value": 3}, {"field": "label", "op": "is", "value": None}],
        "actions": [{"action": "assign", "role": "coordinator"}, {"action": "move", "column": 4}, NOTIFY],
    }
    assert stored(read_rule(*written.values())) == written


def test_every_trigger_is_set_off_by_some_fact_and_no_other_is():
    assert {name for triggers in _SETS_OFF.values() for name in triggers} == set(TRIGGERS)


def test_the_words_hang_together():
    for field in FIELDS.values():
        assert set(field.operators) <= set(OPERATORS)
        assert set(field.triggers) <= set(TRIGGERS)
    for trigger in TRIGGERS.values():
        assert not trigger.needs or trigger.needs in FIELDS
        assert re.fullmatch("[a-z_]{1,40}", trigger.name)
    for action in ACTIONS.values():
        assert {*action.one_of, *action.some_of} <= set(action.takes)


@pytest.mark.parametrize("trigger", [None, "", "task_eaten", 7, [], {}, {"task_moved"}])
def test_an_unknown_trigger_is_named(trigger):
    assert list(mistakes(trigger=trigger)) == ["trigger"]


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ("text", "conditions.0"),
        ({}, "conditions.0.field"),
        ({"field": "colour", "op": "is", "value": 1}, "conditions.0.field"),
        ({"field": ["column"], "op": "is", "value": 1}, "conditions.0.field"),
        ({"field": "added_label", "op": "is", "value": 1}, "conditions.0.field"),
        ({"field": "column", "op": "contains", "value": 1}, "conditions.0.op"),
        ({"field": "column", "op": "is"}, "conditions.0.value"),
        ({"field": "column", "op": "is", "value": True}, "conditions.0.value"),
        ({"field": "column", "op": "is", "value": 2**63}, "conditions.0.value"),
        ({"field": "column", "op": "is", "value": None}, "conditions.0.value"),
        ({"field": "column", "op": "is_any_of", "value": 3}, "conditions.0.value"),
        ({"field": "column", "op": "is_any_of", "value": []}, "conditions.0.value"),
        ({"field": "label", "op": "is_any_of", "value": [None]}, "conditions.0.value"),
        ({"field": "priority", "op": "is", "value": "huge"}, "conditions.0.value"),
        ({"field": "is_blocked", "op": "is", "value": 1}, "conditions.0.value"),
        ({"field": "name", "op": "contains", "value": " "}, "conditions.0.value"),
        ({"field": "name", "op": "contains", "value": "a\0"}, "conditions.0.value"),
        ({"field": "name", "op": "contains", "value": "\ud800"}, "conditions.0.value"),
        ({"field": "days_until_due", "op": "at_most", "value": 1.5}, "conditions.0.value"),
        ({"field": "priority", "op": "is", "value": "high", "or": 1}, "conditions.0"),
    ],
)
def test_a_condition_that_does_not_fit_is_named_by_its_place(condition, place):
    assert list(mistakes(conditions=[condition])) == [place]


@pytest.mark.parametrize(
    ("action", "place"),
    [
        (None, "actions.0.action"),
        ({"action": "eat"}, "actions.0.action"),
        ({"action": "move"}, "actions.0.column"),
        ({"action": "move", "column": "Waiting"}, "actions.0.column"),
        ({"action": "move", "column": 1, "\ud800": 1}, "actions.0"),
        ({"action": "assign"}, "actions.0"),
        ({"action": "assign", "user": 1, "role": "coordinator"}, "actions.0"),
        ({"action": "assign", "role": "butler"}, "actions.0.role"),
        ({"action": "set_date", "date": "due_on", "working_days": 366}, "actions.0.working_days"),
        ({"action": "set_date", "date": "someday", "working_days": 3}, "actions.0.date"),
        ({"action": "create_task", "name": "x" * 201}, "actions.0.name"),
        ({"action": "create_task", "name": "Call", "due_in_working_days": -1}, "actions.0.due_in_working_days"),
        ({"action": "create_task", "name": "Call", "user": 1, "role": "coordinator"}, "actions.0"),
        ({"action": "notify", "message": "Look"}, "actions.0"),
        ({"action": "notify", "message": "Look", "members": False}, "actions.0"),
        ({"action": "notify", "message": "Look", "users": [1, "2"]}, "actions.0.users"),
    ],
)
def test_an_action_that_does_not_fit_is_named_by_its_place(action, place):
    assert list(mistakes(actions=[action])) == [place]


def test_all_mistakes_are_told_at_once():
    wrong = {"field": "priority", "op": "is", "value": "huge"}
    found = mistakes(conditions=[wrong, wrong], actions=[NOTIFY, {"action": "move"}])
    assert sorted(found) == ["actions.1.column", "conditions.0.value", "conditions.1.value"]


def test_a_rule_does_something_and_not_without_end():
    assert list(mistakes(actions=[])) == ["actions"]
    assert list(mistakes(actions=[NOTIFY] * 21)) == ["actions"]
    with pytest.raises(Unfit):
        read_rule("task_moved", None, "move")


def test_what_is_about_the_project_has_no_task_to_act_on():
    assert list(mistakes(trigger="project_status_changed")) == ["actions.0.assignees"]
    found = mistakes(
        trigger="key_date_changed",
        conditions=[{"field": "priority", "op": "is", "value": "high"}],
        actions=[{"action": "complete"}],
    )
    assert sorted(found) == ["actions.0.action", "conditions.0.field"]


def test_a_due_day_needs_the_number_of_days_said_once():
    three = {"field": "days_until_due", "op": "is", "value": 3}
    assert read(trigger="task_due", conditions=[three])
    for conditions in ([], [three, three], [{**three, "op": "at_most"}]):
        assert list(mistakes(trigger="task_due", conditions=conditions)) == ["conditions"]


def test_everything_named_of_the_project_is_found_with_its_place():
    rule = read(
        conditions=[{"field": "column", "op": "is_any_of", "value": [1, 2]}],
        actions=[{"action": "add_label", "label": 5}, {**NOTIFY, "users": [7]}],
    )
    assert [(each.path, each.kind, each.pk) for each in references(rule)] == [
        ("conditions.0.value", Kind.COLUMN, 1),
        ("conditions.0.value", Kind.COLUMN, 2),
        ("actions.0.label", Kind.LABEL, 5),
        ("actions.1.users", Kind.USER, 7),
    ]


@pytest.mark.parametrize(
    ("operator", "value", "values", "holds"),
    [
        ("is", 3, {3, 4}, True),
        ("is", 3, set(), False),
        ("is", None, set(), True),
        ("is", None, {3}, False),
        ("is_not", 3, {4}, True),
        ("is_not", 3, {3, 4}, False),
        ("is_not", None, {4}, True),
        ("is_any_of", [3, 5], {4, 5}, True),
        ("is_any_of", [3, 5], set(), False),
        ("at_most", 3, {3}, True),
        ("at_most", 3, {4}, False),
        ("at_most", 3, set(), False),
        ("at_least", 3, {3}, True),
        ("at_least", -2, {-3}, False),
        ("contains", "keys", {"Collect the KEYS"}, True),
        ("contains", "keys", {"Photos"}, False),
        ("contains_not", "keys", {"Photos"}, True),
        ("contains_not", "keys", {"Keys"}, False),
    ],
)
def test_a_condition_holds(operator, value, values, holds):
    condition = Condition("label", operator, value)
    assert (unmet([condition], {"label": frozenset(values)}) == []) is holds


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_WORDS = st.dictionaries(
    st.sampled_from(["field", "op", "value", "action", "user", "role", "column", "message", "users", "members"]),
    st.sampled_from([*FIELDS, *OPERATORS, *ACTIONS, "coordinator", 1, True, None]) | _JSON,
)


@given(
    trigger=st.sampled_from(list(TRIGGERS)) | _JSON,
    conditions=st.lists(_WORDS) | _JSON,
    actions=st.lists(_WORDS) | _JSON,
)
def test_whatever_is_written_is_read_or_refused_and_what_is_read_stays_the_same(trigger, conditions, actions):
    rule, errors = read_or_refused(trigger, conditions, actions)
    assert (rule is None) is bool(errors)
    assert all(error.encode() and path.encode() for path, error in errors.items())
    assert rule is None or read_rule(**stored(rule)) == rule


def read_or_refused(*written):
    try:
        return read_rule(*written), {}
    except Unfit as unfit:
        return None, unfit.errors


def test_the_docs_have_every_word_and_no_other():
    page = (Path(settings.BASE_DIR) / "docs" / "automation.md").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Any]] = {
        "Triggers": TRIGGERS,
        "Conditions": FIELDS,
        "Operators": OPERATORS,
        "Actions": ACTIONS,
        "Placeholders": PLACEHOLDERS,
    }
    for heading, words in tables.items():
        part = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        rows = [line for line in part.splitlines() if line.startswith("| `")]
        assert [re.findall(r"`([^`]+)`", row)[0] for row in rows] == list(words), heading
        for row, name in zip(rows, words, strict=True):
            said = set(re.findall(r"`([^`]+)`", row))
            assert expected(words[name]) <= said, row


def expected(word):
    """What the row of a word has to name: its operators and choices, or what it takes."""
    if hasattr(word, "operators"):
        return {*word.operators, *word.value.choices, *word.triggers}
    if hasattr(word, "takes"):
        return {*word.takes}
    return set()
