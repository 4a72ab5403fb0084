"""Plans in working days, held against brute force over the rules of the four types of link, word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.scheduling import Circle, Link, Trials, Work, schedule

TYPES = ("FS", "SS", "FF", "SF")


@st.composite
def nets(draw, *, bound=False):
    """Works and links; with ``bound`` also days that are pinned, not to be started before, or deadlines."""
    count = draw(st.integers(1, 9))
    order = draw(st.permutations(range(count)))
    works = [draw(works_of(key, bound=bound)) for key in range(count)]
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=16))
    links = [
        Link(order[low], order[high], draw(st.sampled_from(TYPES)), draw(st.integers(-4, 4)))
        for low, high in sorted(pairs)
        if low < high
    ]
    return works, links


@st.composite
def works_of(draw, key, *, bound):
    duration = draw(st.integers(0, 6))
    if not bound:
        return Work(key, duration)
    may = lambda low, high: draw(st.none() | st.integers(low, high))  # noqa: E731
    return Work(key, duration, not_before=may(-3, 9), pinned=may(-5, 15), deadline=may(0, 25))


def keeps(link, start, duration):
    """The four rules, word for word."""
    before, after = start[link.predecessor], start[link.successor]
    finish_before, finish_after = before + duration[link.predecessor], after + duration[link.successor]
    return {
        "FS": after >= finish_before + link.lag,
        "SS": after >= before + link.lag,
        "FF": finish_after >= finish_before + link.lag,
        "SF": finish_after >= before + link.lag,
    }[link.type]


def earliest(works, links):
    """Start everything far too early and push each task a day later for as long as it breaks a rule."""
    duration = {work.key: work.duration for work in works}
    pinned = {work.key for work in works if work.pinned is not None}
    floor = {}
    for work in works:
        kinds = {link.type for link in links if link.successor == work.key}
        free = [] if kinds and "FF" not in kinds else [0]
        floor[work.key] = max([*free, work.not_before if work.not_before is not None else -200])
    start = {work.key: floor[work.key] if work.pinned is None else work.pinned for work in works}
    while late := {link.successor for link in links if not keeps(link, start, duration)} - pinned:
        for key in late:
            start[key] += 1
    return start


def latest(works, links, finish):
    """Start everything far too late and pull each task a day earlier for as long as it breaks a rule.

    A pinned task holds what comes before it to its own day, or earlier where it should have been earlier itself.
    """
    duration = {work.key: work.duration for work in works}
    late = {work.key: min(finish, work.deadline if work.deadline is not None else finish) for work in works}
    start = {key: at - duration[key] for key, at in late.items()}

    def held(key):
        pinned = next(work.pinned for work in works if work.key == key)
        return start[key] if pinned is None else min(pinned, start[key])

    def broken(link):
        return not keeps(link, {**start, link.successor: held(link.successor)}, duration)

    while early := {link.predecessor for link in links if broken(link)}:
        for key in early:
            start[key] -= 1
    return start


def may_slip(key, works, links, start):
    """By how many days the task may slip before another one has to move: tried day by day."""
    duration = {work.key: work.duration for work in works}
    after = [link for link in links if link.predecessor == key]
    days = 0 if all(keeps(link, start, duration) for link in after) else -1
    step = 1 if days == 0 else -1
    while all(keeps(link, {**start, key: start[key] + days + max(step, 0)}, duration) for link in after) == (step == 1):
        days += step
    return days


@given(nets())
def test_everything_is_as_early_as_brute_force_finds_it(net):
    assert {key: span.early_start for key, span in schedule(*net).spans.items()} == earliest(*net)


@given(nets(bound=True))
def test_pinned_days_and_days_not_to_start_before_are_kept(net):
    plan, start = schedule(*net), earliest(*net)
    assert {key: span.early_start for key, span in plan.spans.items()} == start
    assert plan.finish == max(start[work.key] + work.duration for work in net[0])


@given(nets(bound=True))
def test_everything_is_as_late_as_brute_force_finds_it(net):
    works, links = net
    plan = schedule(works, links)
    assert {key: span.late_start for key, span in plan.spans.items()} == latest(works, links, plan.finish)


@given(nets(bound=True))
def test_the_total_slack_is_what_lies_between_early_and_late(net):
    for span in schedule(*net).spans.values():
        assert span.total_slack == span.late_start - span.early_start == span.late_finish - span.early_finish
        assert span.is_critical == (span.late_start <= span.early_start)


@given(nets(bound=True))
def test_the_free_slack_is_how_far_a_task_slips_without_moving_another(net):
    works, links = net
    plan = schedule(works, links)
    start = {key: span.early_start for key, span in plan.spans.items()}
    for work in works:
        span = plan.spans[work.key]
        if any(link.predecessor == work.key for link in links):
            assert span.free_slack == may_slip(work.key, works, links, start)
        else:
            assert span.free_slack == plan.finish - span.early_finish


@given(nets())
def test_predecessors_come_first(net):
    order = list(schedule(*net).spans)
    assert all(order.index(link.predecessor) < order.index(link.successor) for link in net[1])


@given(nets())
def test_something_is_critical_in_a_plan_that_nothing_binds(net):
    assert any(span.is_critical for span in schedule(*net).spans.values())


def test_no_link_of_type_ff_pulls_a_task_before_the_start_of_the_plan():
    assert schedule([Work("a", 1), Work("b", 5)], [Link("a", "b", "FF", -3)]).spans["b"].early_start == 0


def test_a_lead_does():
    assert schedule([Work("a", 1), Work("b", 5)], [Link("a", "b", "FS", -3)]).spans["b"].early_start == -2


def test_what_comes_before_a_day_that_is_too_early_has_negative_slack():
    spans = schedule([Work("a", 3), Work("b", 1, pinned=1)], [Link("a", "b")]).spans
    assert (spans["a"].total_slack, spans["a"].is_critical, spans["b"].early_start) == (-2, True, 1)


def test_a_deadline_that_cannot_be_kept_shows_by_how_much():
    spans = schedule([Work("a", 3), Work("b", 2, deadline=4)], [Link("a", "b")]).spans
    assert [spans[key].total_slack for key in "ab"] == [-1, -1]


def test_a_circle_is_named():
    with pytest.raises(Circle) as circle:
        schedule([Work(1, 1), Work(2, 1), Work(3, 1)], [Link(1, 2), Link(2, 1, "SS")])
    assert circle.value.keys == [1, 2]


def test_a_link_to_no_task_is_a_mistake():
    with pytest.raises(KeyError):
        schedule([Work(1, 1)], [Link(1, 2)])


@given(nets(bound=True), st.data())
def test_a_trial_says_what_a_plan_with_that_start_would(net, data):
    works, links = net
    work, start = data.draw(st.sampled_from(works)), data.draw(st.integers(-5, 20))
    trials = Trials(works, links)
    before = schedule(works, links)
    after = schedule([each._replace(pinned=start) if each == work else each for each in works], links)
    starts, finish = trials.moved(work.key, start)
    assert finish == after.finish
    assert trials.finish == before.finish
    assert {key: span.early_start for key, span in before.spans.items()} | starts == {
        key: span.early_start for key, span in after.spans.items()
    }
    assert all(starts[key] != trials.start(key) for key in starts if key != work.key)
