# ruff: noqa: DTZ001  a local start has no zone, that is the point
"""Who has a place: against a plain count on every date."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.seating import ACCEPTED, WAITING, Answers, Wait, has_place, promoted

DATES = [datetime(2026, 3, day, 9) for day in (2, 9, 16)]
USUAL = datetime(2026, 3, 23, 9)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

replies = st.sampled_from([ACCEPTED, "declined", "tentative", WAITING])


@st.composite
def rooms(draw):
    """Answers of a few, whose yes never goes beyond the capacity, and the list of those who wait."""
    capacity = draw(st.integers(1, 3))
    everyone = [Answers(n, "needs_action") for n in range(draw(st.integers(1, 6)))]
    waits: list[Wait] = []
    for step in range(draw(st.integers(0, 14))):
        who, date = draw(st.integers(0, len(everyone) - 1)), draw(st.sampled_from([None, *DATES]))
        status = draw(replies)
        if status in {ACCEPTED, WAITING}:
            status = ACCEPTED if has_place(everyone, who, date, capacity) else WAITING
        waits = [wait for wait in waits if (wait.attendee, wait.date) != (who, date)]
        if status == WAITING:
            waits.append(Wait(NOON + timedelta(minutes=step), who, date))
        everyone[who] = everyone[who].saying(status, date)
    return everyone, waits, capacity


def count(everyone, date):
    return sum(each.on(date) == ACCEPTED for each in everyone)


@given(rooms())
def test_no_date_ever_holds_more_than_the_capacity(room):
    everyone, waits, capacity = room
    for wait in promoted(everyone, waits, capacity):
        everyone[wait.attendee] = everyone[wait.attendee].saying(ACCEPTED, wait.date)
    assert all(count(everyone, date) <= capacity for date in [*DATES, USUAL])


@given(rooms())
def test_after_moving_up_nobody_waits_for_a_place_that_is_free(room):
    everyone, waits, capacity = room
    seated = promoted(everyone, waits, capacity)
    for wait in seated:
        everyone[wait.attendee] = everyone[wait.attendee].saying(ACCEPTED, wait.date)
    assert not any(has_place(everyone, wait.attendee, wait.date, capacity) for wait in waits if wait not in seated)


@given(rooms())
def test_for_one_date_whoever_came_first_moves_up_first(room):
    everyone, waits, capacity = room
    seated = promoted(everyone, waits, capacity)
    for wait in waits:
        ahead = [each for each in waits if each.date == wait.date and each.since < wait.since]
        if wait in seated and wait.date is not None:
            assert all(each in seated for each in ahead)


def test_a_place_on_one_date_is_no_place_for_the_whole():
    everyone = [Answers(1, "needs_action", {DATES[0]: ACCEPTED}), Answers(2, "needs_action")]
    assert not has_place(everyone, 2, None, 1)
    assert has_place(everyone, 2, DATES[1], 1)
    assert has_place([everyone[0], Answers(2, "needs_action", {DATES[0]: "declined"})], 2, None, 1)


def test_without_a_capacity_there_is_always_a_place():
    assert has_place([Answers(n, ACCEPTED) for n in range(99)], 100, None, None)
