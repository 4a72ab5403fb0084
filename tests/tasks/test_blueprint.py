"""Templates as plain data: what does not hold together is named, and no circle is overlooked."""

import re
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tasks.blueprints import Blueprint, Day, Rule, Step, Wait, circle, mistakes
from tasks.starter_templates import PLANS

SOUND = Blueprint(
    key="plan",
    name="Plan",
    key_dates=(Day("closing", "Closing"), Day("own", "Party", Rule(days=3, after_task="b"))),
    tasks=(Step("a", "A"), Step("b", "B", parent="a"), Step("c", "C", rule=Rule(days=1, after_key_date="Closing"))),
    dependencies=(Wait("b", "c"),),
)


@pytest.mark.parametrize("plan", [SOUND, *PLANS], ids=lambda plan: plan.key)
def test_a_sound_plan_holds_together(plan):
    assert (mistakes(plan), circle(plan)) == ({}, [])


def with_task(**changes):
    return replace(SOUND, tasks=(*SOUND.tasks[:2], replace(SOUND.tasks[2], **changes)))


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        (with_task(key="a"), "tasks.2.key"),
        (with_task(parent="c"), "tasks.2.parent"),
        (with_task(parent="z"), "tasks.2.parent"),
        (with_task(rule=Rule(days=1)), "tasks.2.rule"),
        (with_task(rule=Rule(days=1, after_task="a", after_key_date="Closing")), "tasks.2.rule"),
        (with_task(rule=Rule(days=1, after_task="z")), "tasks.2.rule.after_task"),
        (with_task(rule=Rule(days=1, after_task="c")), "tasks.2.rule"),
        (with_task(rule=Rule(days=1, after_key_date="Opening")), "tasks.2.rule.after_key_date"),
        (
            replace(SOUND, tasks=(replace(SOUND.tasks[0], rule=Rule(days=1, after_task="c")), *SOUND.tasks[1:])),
            "tasks.0.rule",
        ),
        (replace(SOUND, key_dates=(*SOUND.key_dates, Day("own", "Party"))), "key_dates.2.name"),
        (replace(SOUND, key_dates=(*SOUND.key_dates, Day("closing", "Closing again"))), "key_dates.2.kind"),
        (
            replace(SOUND, key_dates=(*SOUND.key_dates, Day("own", "X", Rule(days=1, after_key_date="X")))),
            "key_dates.2.rule",
        ),
        (replace(SOUND, dependencies=(Wait("b", "c"), Wait("b", "c", "SS"))), "dependencies.1"),
        (replace(SOUND, dependencies=(Wait("b", "z"),)), "dependencies.0.successor"),
        (replace(SOUND, dependencies=(Wait("b", "b"),)), "dependencies.0.predecessor"),
    ],
)
def test_what_does_not_hold_together_is_named_by_its_place(plan, place):
    assert place in mistakes(plan)


@pytest.mark.parametrize(
    ("plan", "names"),
    [
        (replace(SOUND, dependencies=(Wait("b", "c"), Wait("c", "b", "SF"))), {"b", "c"}),
        # A part waits for the whole that it is part of.
        (replace(SOUND, dependencies=(Wait("a", "b"),)), {"a", "b"}),
        # Each is part of the other.
        (replace(SOUND, tasks=(replace(SOUND.tasks[0], parent="b"), *SOUND.tasks[1:])), {"a", "b"}),
        # The party counts from b, and b from the party.
        (
            replace(
                SOUND,
                tasks=(
                    SOUND.tasks[0],
                    replace(SOUND.tasks[1], rule=Rule(days=1, after_key_date="Party")),
                    SOUND.tasks[2],
                ),
            ),
            {"Party", "b"},
        ),
    ],
)
def test_what_waits_for_itself_is_named(plan, names):
    assert mistakes(plan) == {}
    assert set(circle(plan)) == names


KEYS = "abcdef"


@given(st.sets(st.sampled_from(list(permutations(KEYS, 2))), max_size=12))
def test_there_is_a_circle_exactly_where_no_order_keeps_every_dependency(pairs):
    plan = Blueprint(
        key="plan",
        name="Plan",
        tasks=tuple(Step(key, key) for key in KEYS),
        dependencies=tuple(Wait(*pair) for pair in sorted(pairs)),
    )
    found = circle(plan)
    if found:
        assert all(pair in pairs for pair in [*pairwise(found), (found[-1], found[0])])
    else:
        left = set(KEYS)
        while free := {key for key in left if not any(after == key and before in left for before, after in pairs)}:
            left -= free
        assert not left


def test_the_starter_templates_are_rich():
    for plan in PLANS:
        assert 12 <= len(plan.tasks) <= 30, plan.key
        assert plan.key_dates
        assert any(step.checklist for step in plan.tasks), plan.key
        assert any(step.rule for step in plan.tasks), plan.key
        assert all(step.role for step in plan.tasks), plan.key
    assert {wait.type for plan in PLANS for wait in plan.dependencies} == {"FS", "SS", "FF", "SF"}
    assert {day.rule.profile for plan in PLANS for day in plan.key_dates if day.rule} >= {"trid-specific"}


def test_the_page_of_templates_names_each_of_them():
    page = (Path(settings.BASE_DIR) / "docs" / "templates.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted(plan.key for plan in PLANS)
