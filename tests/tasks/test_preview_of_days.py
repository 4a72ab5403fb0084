"""What a preview says is what then happens: with dependencies, rules, sub-tasks, and what is overridden or finished."""

from datetime import date, timedelta
from functools import partial

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks import services
from tasks.models import DateProfile, KeyDate, Task
from tasks.services import Move
from tasks.services.refusals import DependencyCycle, DependencyExists

DAYS = st.dates(date(2026, 5, 1), date(2026, 9, 30))
TYPES = st.sampled_from(["FS", "SS", "FF", "SF"])
KINDS = ["contract_acceptance", "inspection", "appraisal", "loan_approval", "closing"]
PROFILES = ["california-rpa", "texas-trec", "trid-specific", "trid-general", "florida-far-bar"]
MONDAY = date(2026, 5, 4)


@st.composite
def deals(draw):
    """What there is, by numbers: key dates come first, then tasks; each may hang off an earlier one."""
    key_dates = draw(st.lists(st.none() | DAYS, min_size=1, max_size=4))
    tasks = draw(st.lists(st.tuples(st.integers(0, 4), st.none() | DAYS), min_size=1, max_size=5))
    count = len(key_dates) + len(tasks)
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    rule = st.fixed_dictionaries({
        "days": st.integers(0, 20),
        "direction": st.sampled_from(["before", "after"]),
        "counting": st.sampled_from(["", "business", "off_weekends"]),
        "sets": st.sampled_from(["start", "due"]),
        "profile": st.sampled_from(["", *PROFILES]),
    })  # fmt: skip
    return {
        "key_dates": key_dates,
        "tasks": tasks,
        "rules": draw(st.lists(st.tuples(pairs, rule), max_size=6)),
        "links": draw(st.lists(st.tuples(pairs, TYPES, st.integers(-3, 3)), max_size=4)),
        "overridden": draw(st.sets(st.integers(0, count - 1), max_size=2)),
        "finished": draw(st.sets(st.integers(0, count - 1), max_size=2)),
        "moves": draw(st.dictionaries(st.integers(0, len(key_dates) - 1), st.none() | DAYS, min_size=1)),
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=deals())
def test_a_preview_is_what_then_happens(manager, wanted):
    before_all = transaction.savepoint()
    try:
        deal, key_dates = built(wanted, manager)
        moves = [Move(key_dates[number], {"on": day}) for number, day in wanted["moves"].items()]
        stood = days_of(deal)
        previewed = services.move_key_dates(deal, moves=moves, by=manager, preview=True)
        assert days_of(deal) == stood
        applied = services.move_key_dates(deal, moves=moves, by=manager)
        assert previewed == applied
        assert moved(applied) == {ref: day for ref, day in days_of(deal).items() if stood[ref] != day}
        assert all(stood[each.kind, each.id] == days_of(deal)[each.kind, each.id] for each in applied if each.flag)
        assert services.recount_project(deal, by=manager, preview=True) == services.recount_project(deal, by=manager)
    finally:
        transaction.savepoint_rollback(before_all)


def test_what_has_settled_stays_settled(deal, manager, make_task):
    """Counting all anew after a move finds nothing left to move."""
    closing = services.add_key_date(deal, kind="closing", on=date(2026, 6, 15), by=manager)
    whole = make_task("Prepare")
    first = make_task("Paint", parent=whole, duration_days=3)
    then = make_task("Photos", parent=whole, after=[first])
    last = make_task("Go live", after=[whole], duration_days=0)
    services.set_date_rule(first, after=closing, days=20, direction="before", sets="start", by=manager)
    live = services.add_key_date(deal, kind="listing_live", by=manager)
    services.set_date_rule(live, after=last, days=0, by=manager)
    changes = services.change_key_date(closing, by=manager, changes={"on": date(2026, 6, 22)})
    assert {each.name for each in changes} == {"Closing", "Paint", "Photos", "Prepare", "Go live", "Listing live"}
    assert services.recount_project(deal, by=manager) == []
    then.refresh_from_db()
    live.refresh_from_db()
    assert (then.due_on, live.on) == (date(2026, 6, 5), date(2026, 6, 8))


def built(wanted, manager):
    deal = services.open_project(name="Drawn", kind="listing", starts_on=MONDAY, by=manager)
    key_dates = [
        services.add_key_date(deal, kind=KINDS[number], on=day, by=manager)
        for number, day in enumerate(wanted["key_dates"])
    ]
    tasks = [
        services.create_task(deal, name=f"Task {number}", duration_days=duration, starts_on=day, by=manager)
        for number, (duration, day) in enumerate(wanted["tasks"])
    ]
    things = [*key_dates, *tasks]
    for (before, after), kind, lag in wanted["links"]:
        if isinstance(things[before], Task) and isinstance(things[after], Task):
            link = partial(services.add_dependency, predecessor=things[before], type=kind, lag_days=lag, by=manager)
            unless_circular(partial(link, things[after]))
    profiles = {each.key: each for each in DateProfile.objects.all()}
    for (before, after), rule in wanted["rules"]:
        rest = rule | {"profile": profiles.get(rule["profile"])}
        unless_circular(partial(services.set_date_rule, things[after], after=things[before], by=manager, **rest))
    for number in wanted["overridden"]:
        if services.rule_of(things[number]):
            services.change_date_rule(things[number], changes={"is_overridden": True}, by=manager)
    for number in wanted["finished"]:
        finish(things[number], manager)
    for thing in things:
        thing.refresh_from_db()
    return deal, key_dates


def unless_circular(act):
    try:
        with transaction.atomic():
            act()
    except (DependencyCycle, DependencyExists):
        pass


def finish(thing, manager):
    if isinstance(thing, KeyDate):
        services.change_key_date(thing, by=manager, changes={"met_on": MONDAY - timedelta(days=60)})
    else:
        services.complete_task(
            thing, by=manager, force=True, reason="Drawn so", completed_on=MONDAY - timedelta(days=60)
        )


def days_of(deal):
    key_dates = {("key_date", each.pk): each.met_on or each.on for each in deal.key_dates.all()}
    tasks = {("task", each.pk): (each.starts_on, each.due_on) for each in deal.tasks.all()}
    return key_dates | tasks


def moved(changes):
    return {
        (each.kind, each.id): each.new if each.kind == "key_date" else (each.new_starts_on, each.new)
        for each in changes
        if not each.flag
    }
