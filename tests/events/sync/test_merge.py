# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""The three-way merge, on its own."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.sync.contents import base_of, snapshot, usual
from events.sync.merging import DATES, SINGLE, TIMES, Base, merge
from integrations.spi import EventContent, Override

MONDAY = datetime(2031, 3, 3, 9)
DAYS = [MONDAY + timedelta(days=day) for day in range(6)]
PLAIN = EventContent(title="Showing", starts_at=MONDAY, minutes=60, timezone="America/New_York", rule="FREQ=DAILY")

days = st.frozensets(st.sampled_from(DAYS))
words = st.sampled_from(["", "Keys", "Pier 7", "Quay 12"])
overrides = st.dictionaries(
    st.sampled_from(DAYS), st.builds(Override, title=st.sampled_from(["A", "B"]), minutes=st.sampled_from([None, 30]))
)
texts = {"title": st.sampled_from(["Showing", "Visit", "Open day"]), "description": words, "location": words}
flags = {"is_busy": st.booleans(), "is_tentative": st.booleans()}
dates = {"exdates": days, "rdates": days, "overrides": overrides}
times = {
    "starts_at": st.sampled_from([MONDAY, MONDAY + timedelta(hours=2)]),
    "minutes": st.sampled_from([30, 60]),
    "timezone": st.sampled_from(["America/New_York", "Europe/London"]),
    "rule": st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", ""]),
}
contents = st.builds(EventContent, all_day=st.just(False), **texts, **flags, **dates, **times)
still = st.builds(replace, st.just(PLAIN), **texts, **flags, **dates)
winners = st.sampled_from(["local", "remote"])


def differing(one, other):
    return {each.name for each in fields(EventContent) if getattr(one, each.name) != getattr(other, each.name)}


@given(contents, winners)
def test_what_nobody_changed_stays_on_both_sides(content, winner):
    merged = merge(Base(content, content), content, content, winner=winner)
    assert (merged.local, merged.remote, merged.conflicts) == (content, content, ())


@given(contents, contents, winners)
def test_what_a_side_cannot_say_is_no_change(local, remote, winner):
    merged = merge(Base(local, remote), local, remote, winner=winner)
    assert (merged.local, merged.remote, merged.conflicts) == (local, remote, ())


@given(contents, contents, winners)
def test_what_one_side_changed_the_other_takes(before, after, winner):
    there = merge(Base(before, before), before, after, winner=winner)
    here = merge(Base(before, before), after, before, winner=winner)
    assert there.local == there.remote == after
    assert here.local == here.remote == after
    assert there.conflicts == here.conflicts == ()


@given(contents, contents, contents, winners)
def test_both_sides_end_equal_and_merging_again_changes_nothing(base, local, remote, winner):
    merged = merge(Base(base, base), local, remote, winner=winner)
    assert merged.local == merged.remote
    again = merge(Base(merged.local, merged.remote), merged.local, merged.remote, winner=winner)
    assert (again.local, again.remote, again.conflicts) == (merged.local, merged.remote, ())


@given(contents, contents, contents)
def test_a_field_is_only_ever_what_one_of_the_two_said(base, local, remote):
    merged = merge(Base(base, base), local, remote, winner="local").local
    for name in (*SINGLE, *TIMES):
        assert getattr(merged, name) in {getattr(local, name), getattr(remote, name)}


@given(contents, contents, contents)
def test_who_wins_is_the_only_thing_that_the_winner_decides(base, local, remote):
    ours = merge(Base(base, base), local, remote, winner="local")
    theirs = merge(Base(base, base), local, remote, winner="remote")
    assert [(each.field, each.recurrence_id) for each in ours.conflicts] == [
        (each.field, each.recurrence_id) for each in theirs.conflicts
    ]
    disputed = {each.field for each in ours.conflicts}
    assert differing(ours.local, theirs.local) <= disputed | (
        {*TIMES, *DATES} if disputed & {*TIMES, *DATES} else set()
    )


@given(contents, contents, contents)
def test_nothing_gives_way_without_being_noted(base, local, remote):
    """Whatever the remote side changed is there afterwards, or stands in a conflict."""
    merged = merge(Base(base, base), local, remote, winner="local")
    noted = {each.field for each in merged.conflicts}
    for name in differing(base, remote) & set(SINGLE):
        assert getattr(merged.local, name) == getattr(remote, name) or name in noted


@given(still, still, still)
def test_dates_left_out_on_either_side_are_left_out_on_both(base, local, remote):
    merged = merge(Base(base, base), local, remote, winner="local").local
    assert (local.exdates - base.exdates) | (remote.exdates - base.exdates) <= merged.exdates
    assert not merged.exdates & ((base.exdates - local.exdates) & (base.exdates - remote.exdates))


def test_one_date_changed_on_both_sides_is_one_conflict_that_names_the_date():
    second, third = DAYS[1:3]
    local = replace(PLAIN, overrides={second: Override(title="Ours"), third: Override(minutes=30)})
    remote = replace(PLAIN, overrides={second: Override(title="Theirs")})
    merged = merge(Base(PLAIN, PLAIN), local, remote, winner="remote")
    assert merged.local.overrides == {second: Override(title="Theirs"), third: Override(minutes=30)}
    (conflict,) = merged.conflicts
    assert (conflict.field, conflict.recurrence_id, conflict.winner) == ("overrides", second, "remote")


def test_times_are_taken_together_so_that_no_rule_meets_a_start_that_it_was_not_written_for():
    local = replace(PLAIN, starts_at=MONDAY + timedelta(days=1), rule="FREQ=WEEKLY;BYDAY=TU")
    remote = replace(PLAIN, rule="FREQ=WEEKLY;BYDAY=MO")
    merged = merge(Base(PLAIN, PLAIN), local, remote, winner="local")
    assert (merged.remote.starts_at, merged.remote.rule) == (local.starts_at, local.rule)
    assert {each.field for each in merged.conflicts} == {"starts_at", "rule"}


def test_without_a_past_every_difference_is_the_winners():
    remote = replace(PLAIN, title="Theirs", location="Pier 7")
    merged = merge(None, PLAIN, remote, winner="remote")
    assert merged.local == merged.remote == remote
    assert {each.field for each in merged.conflicts} == {"title", "location"}


@given(contents, contents)
def test_what_is_kept_of_an_agreement_is_read_back_as_it_was(local, remote):
    base = Base(local, remote)
    assert base_of(snapshot(base)) == base


def test_rules_that_mean_the_same_are_written_the_same():
    first = usual(replace(PLAIN, rule="RRULE:FREQ=WEEKLY;WKST=MO;INTERVAL=1;BYDAY=MO;UNTIL=20310401"))
    assert first == usual(replace(PLAIN, rule="freq=weekly;until=20310401T235959;byday=MO"))
