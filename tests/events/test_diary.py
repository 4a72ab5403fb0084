"""Which unit is free: the diary against a look at every entry, on random diaries."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from events.diary import Diary, Taken

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def random_diary(chance, units):
    """Bookings that lie apart on each unit, also on some that the resource has no more, and blackouts as they come."""
    taken: list[Taken] = []
    for unit in range(1, units + 2):
        clock = 0
        for _ in range(chance.randrange(6)):
            start = clock + chance.randrange(0, 30, 5)
            clock = start + chance.randrange(5, 40, 5)
            taken.append(Taken(at(start), at(clock), unit, booking=len(taken) + 1))
    for _ in range(chance.randrange(3)):
        start = chance.randrange(0, 200, 5)
        taken.append(Taken(at(start), at(start + chance.randrange(5, 60, 5)), reason="Repairs"))
    chance.shuffle(taken)
    return taken


@pytest.mark.parametrize("seed", range(200))
def test_the_lowest_free_unit_is_what_a_look_at_every_entry_finds(seed):
    chance = random.Random(seed)
    units = chance.randrange(1, 5)
    taken = random_diary(chance, units)
    diary = Diary(units, taken)
    for _ in range(40):
        start = at(chance.randrange(-10, 220, 5))
        end = start + timedelta(minutes=chance.randrange(5, 60, 5))
        standing = {each.unit for each in taken if each.starts_at < end and each.ends_at > start}
        free = [unit for unit in range(1, units + 1) if not standing & {unit, None}]
        assert diary.lowest_free(start, end) == (free[0] if free else None)
        found = diary.in_the_way(start, end)
        assert (found is None) == (not standing & {1, None})
        if found:
            assert found.touches(start, end)


def test_what_was_taken_meanwhile_counts():
    diary = Diary(2)
    for unit in (1, 2):
        assert diary.lowest_free(at(0), at(60)) == unit
        diary.take(Taken(at(0), at(60), unit))
    assert diary.lowest_free(at(30), at(90)) is None
    assert diary.lowest_free(at(60), at(90)) == 1


def test_a_blackout_is_named_before_a_booking():
    diary = Diary(1, [Taken(at(0), at(60), 1, booking=7), Taken(at(0), at(60), reason="Repairs")])
    found = diary.in_the_way(at(0), at(60))
    assert found
    assert found.reason == "Repairs"
