"""Days that hang off days by rules, on plain values."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.date_rules import Count, counted
from tasks.reflow import Ref, Rule, Standing, reflow
from tasks.scheduling import Circle
from tasks.workdays import WEEKDAYS

CLOSING, WALK, ACCEPTED = (Ref("key_date", number) for number in (1, 2, 3))
KEYS, SIGN = Ref("task", 1), Ref("task", 2)
MONDAY = date(2026, 6, 15)


def standing(ref, on=None, **rest):
    return Standing(
        ref, {CLOSING: "Closing", WALK: "Walkthrough", KEYS: "Keys", SIGN: "Sign"}.get(ref, "Day"), on, **rest
    )


def test_a_chain_of_rules_settles_at_once_whatever_their_order():
    rules = [
        Rule(SIGN, KEYS, Count(1, "after", "business")),
        Rule(KEYS, WALK, Count(0), sets="start"),
        Rule(WALK, CLOSING, Count(1, "before", "business")),
    ]
    stands = [standing(CLOSING, MONDAY), standing(WALK), standing(KEYS, duration_days=3), standing(SIGN)]
    found = reflow(stands, rules, WEEKDAYS)
    assert list(found) == [WALK, KEYS, SIGN]
    assert found[WALK].on == date(2026, 6, 12)
    assert (found[KEYS].starts_on, found[KEYS].due_on) == (date(2026, 6, 12), date(2026, 6, 16))
    assert found[SIGN].on == date(2026, 6, 17)
    assert (found[WALK].why, found[WALK].anchor) == ("1 business day before Closing", CLOSING)


def test_one_that_is_overridden_stays_and_others_count_from_there():
    rules = [
        Rule(WALK, CLOSING, Count(1, "before"), is_overridden=True),
        Rule(KEYS, WALK, Count(0)),
    ]
    stands = [standing(CLOSING, MONDAY), standing(WALK, date(2026, 6, 10)), standing(KEYS)]
    found = reflow(stands, rules, WEEKDAYS)
    assert (found[WALK].on, found[WALK].flag, found[WALK].holds) == (date(2026, 6, 14), "overridden", False)
    assert found[KEYS].on == date(2026, 6, 10)


def test_what_happened_counts_from_the_day_it_did():
    rules = [Rule(KEYS, CLOSING, Count(1)), Rule(SIGN, KEYS, Count(2))]
    stands = [standing(CLOSING, MONDAY), standing(KEYS, MONDAY, happened_on=date(2026, 6, 9)), standing(SIGN)]
    found = reflow(stands, rules, WEEKDAYS)
    assert (found[KEYS].on, found[KEYS].flag) == (date(2026, 6, 16), "finished")
    assert found[SIGN].on == date(2026, 6, 11)


def test_nothing_is_said_while_the_anchor_has_no_day():
    found = reflow([standing(CLOSING), standing(WALK, MONDAY)], [Rule(WALK, CLOSING, Count(1))], WEEKDAYS)
    assert (found[WALK].on, found[WALK].due_on) == (None, None)


def test_a_day_off_the_calendar_is_none():
    stands = [standing(CLOSING, date(9999, 12, 31)), standing(WALK)]
    assert reflow(stands, [Rule(WALK, CLOSING, Count(1))], WEEKDAYS)[WALK].on is None


def test_rules_of_what_is_not_there_say_nothing():
    rules = [Rule(WALK, CLOSING, Count(1)), Rule(KEYS, WALK, Count(1))]
    assert reflow([standing(WALK, MONDAY)], rules, WEEKDAYS) == {}


def test_rules_that_count_from_each_other_are_refused():
    rules = [Rule(WALK, CLOSING, Count(1)), Rule(CLOSING, WALK, Count(1)), Rule(KEYS, ACCEPTED, Count(1))]
    stands = [standing(ref, MONDAY) for ref in (WALK, CLOSING, KEYS, ACCEPTED)]
    with pytest.raises(Circle) as circle:
        reflow(stands, rules, WEEKDAYS)
    assert set(circle.value.keys) == {WALK, CLOSING}


def test_a_due_day_stays_as_the_contract_says_also_on_a_sunday():
    found = reflow(
        [standing(CLOSING, MONDAY), standing(KEYS, duration_days=2)], [Rule(KEYS, CLOSING, Count(6))], WEEKDAYS
    )
    assert (found[KEYS].starts_on, found[KEYS].due_on) == (date(2026, 6, 19), date(2026, 6, 21))


@st.composite
def webs(draw):
    """Key dates that each may count from an earlier one, in any order."""
    size = draw(st.integers(1, 9))
    refs = [Ref("key_date", number) for number in range(size)]
    stands = [
        Standing(ref, "Day", draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))),
                 draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))))
        for ref in refs
    ]  # fmt: skip
    rules = [
        Rule(
            refs[number],
            refs[draw(st.integers(0, number - 1))],
            Count(draw(st.integers(0, 40)), draw(st.sampled_from(["before", "after"])), draw(
                st.sampled_from(["business", "calendar"]))),
            is_overridden=draw(st.booleans()),
        )
        for number in range(1, size)
        if draw(st.booleans())
    ]  # fmt: skip
    return stands, draw(st.permutations(rules))


@given(webs())
def test_every_ruling_counts_from_where_its_anchor_comes_to_stand(web):
    stands, rules = web
    found = reflow(stands, rules, WEEKDAYS)
    stood = {each.ref: each for each in stands}

    def day_of(ref):
        if ref in found and found[ref].holds and found[ref].on:
            return found[ref].on
        return stood[ref].day

    assert set(found) == {rule.target for rule in rules}
    for rule in rules:
        anchor = day_of(rule.anchor)
        expected = counted(anchor, rule.count, WEEKDAYS) if anchor else None
        assert found[rule.target].on == expected
        finished = stood[rule.target].happened_on is not None
        assert found[rule.target].holds == (not finished and not rule.is_overridden)


@given(webs(), st.integers(-30, 30))
def test_moving_all_calendar_days_moves_all_that_hang_off_them(web, shift):
    stands, rules = web
    plain = [Rule(rule.target, rule.anchor, Count(rule.count.days, rule.count.direction)) for rule in rules]
    by = timedelta(days=shift)
    moved = [each._replace(on=each.on and each.on + by, happened_on=each.happened_on and each.happened_on + by)
             for each in stands]  # fmt: skip
    before, after = reflow(stands, plain, WEEKDAYS), reflow(moved, plain, WEEKDAYS)
    assert {ref: each.on and each.on + by for ref, each in before.items()} == {
        ref: each.on for ref, each in after.items()
    }
