"""Finding a time: ranked, with who or what stands in the way, and the same as looking at every minute."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from events.slots import Need, Person, Thing, find_slots
from events.starts import open_starts, starts_between

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at(hours):
    return MONDAY + hours * HOUR


def spans(*pairs):
    return [(at(since), at(until)) for since, until in pairs]


def person(name, *, works=((9, 17),), busy=()):
    return Person(key=hash(name), name=name, working=spans(*works), busy=spans(*busy))


def room(name, capacity, *, taken=((),), bookable=((0, 24),), **buffers):
    return Thing(hash(name), name, capacity, spans(*bookable), [spans(*unit) for unit in taken], **buffers)


def find(*required, optional=(), needs=(), minutes=60, step=30, limit=50):
    starts = starts_between(
        MONDAY, at(24), step=timedelta(minutes=step), duration=timedelta(minutes=minutes), midnight=MONDAY
    )
    return find_slots(starts, required=required, optional=optional, needs=needs, limit=limit)


def times(found):
    return [f"{slot.starts_at:%H:%M}" for slot in found.slots]


def test_all_who_are_required_are_free_within_their_hours():
    found = find(person("Alex", busy=[(9, 12)]), person("Cora", works=[(10, 14)], busy=[(13, 13.5)]))
    assert times(found) == ["12:00"]
    assert found.total == 1


def test_a_time_may_touch_what_is_before_and_after_it():
    assert times(find(person("Alex", works=[(9, 12)], busy=[(9, 10), (11, 12)]))) == ["10:00"]


def test_what_is_busy_at_odd_minutes_blocks_no_more_than_it_takes():
    found = find(person("Alex", works=[(9, 10)], busy=[(9, 9 + 7 / 60)]), minutes=20, step=5)
    assert times(found) == ["09:10", "09:15", "09:20", "09:25", "09:30", "09:35", "09:40"]


def test_first_come_the_times_that_most_can_come_to_then_those_in_their_hours_then_the_earliest():
    found = find(
        person("Alex", works=[(9, 13)]),
        optional=[person("Cora", busy=[(9, 10)]), person("Max", works=[(12, 17)])],
    )
    assert times(found) == ["12:00", "10:00", "10:30", "11:00", "11:30", "09:00", "09:30"]
    best, second, last = found.slots[0], found.slots[1], found.slots[-1]
    assert ([each.name for each in best.optional_free], best.outside_hours) == (["Cora", "Max"], ())
    assert [each.name for each in second.outside_hours] == ["Max"]
    assert [each.name for each in last.optional_busy] == ["Cora"]


def test_the_smallest_room_that_fits_is_taken():
    small, large = room("Small", 4, taken=[[(9, 16)]]), room("Large", 20)
    found = find(person("Alex"), needs=[Need("room", [large, small])])
    assert times(found)[:1] == ["16:00"]
    assert [slot.things[0].name for slot in found.slots[:2]] == ["Small", "Large"]


def test_no_room_is_given_for_two_needs():
    one, two = room("One", 4), room("Two", 4, taken=[[(0, 12)]])
    found = find(person("Alex", works=[(9, 14)]), needs=[Need("room", [one, two]), Need("room", [one])])
    assert times(found)[:1] == ["12:00"]
    assert [thing.name for thing in found.slots[0].things] == ["Two", "One"]


def test_one_free_unit_of_several_is_enough_and_buffers_are_kept():
    van = room("Van", None, taken=[[(9, 12)], [(11, 17)]])
    assert times(find(person("Alex"), needs=[Need("vehicle", [van])]))[:3] == ["09:00", "09:30", "10:00"]
    cleaned = room("Kitchen", 4, taken=[[(12, 13)]], before=30 * MINUTE, after=HOUR)
    near_noon = [time for time in times(find(person("Alex"), needs=[Need("room", [cleaned])])) if "09" < time < "15"]
    assert near_noon == ["09:00", "09:30", "10:00", "13:30", "14:00", "14:30"]


def why(found):
    assert found.slots == []
    return [obstacle.detail for obstacle in found.why_none]


def test_who_is_never_free_is_named():
    obstacles = find(person("Alex", busy=[(9, 17)]), person("Cora"), person("Max", works=[]))
    assert why(obstacles) == [
        "Alex is taken at every such time within their working hours.",
        "Max does not work that long at a stretch in this time.",
    ]
    assert [each.person.name for each in obstacles.why_none] == ["Alex", "Max"]


def test_what_does_not_exist_or_is_never_free_is_named():
    taken = room("Small", 4, taken=[[(0, 24)]])
    assert why(find(person("Alex"), needs=[Need("room for 90", []), Need("room", [taken])])) == [
        "There is no room for 90.",
        "No room is free at any time: Small.",
    ]


def test_where_only_all_together_cannot_it_says_whose_absence_would_help_most():
    found = find(person("Alex", works=[(9, 12)]), person("Cora", works=[(9, 17)]), person("Max", works=[(12, 15)]))
    assert why(found) == [
        "Each is free at some time, but they never are all at once.",
        "Without Alex there would be 5 times.",
        "Without Max there would be 5 times.",
    ]


def test_two_needs_that_only_one_thing_meets():
    one = room("One", 4)
    assert why(find(person("Alex"), needs=[Need("room", [one]), Need("room with video", [one])])) == [
        "Each is free at some time, but they never are all at once."
    ]


def test_a_window_shorter_than_the_meeting():
    assert why(find(person("Alex"), minutes=25 * 60)) == ["The window is too short for that duration."]


@pytest.mark.parametrize("seed", range(150))
def test_it_finds_what_looking_at_every_minute_finds(seed):
    chosen = random.Random(seed)
    duration, step = chosen.randint(5, 90), chosen.choice([5, 10, 15, 30, 50])
    people = [
        person(str(number), works=random_spans(chosen, 2, 240, 600), busy=random_spans(chosen, 4, 1, 90))
        for number in range(chosen.randint(1, 3))
    ]
    before, after = chosen.randint(0, 30) * MINUTE, chosen.randint(0, 30) * MINUTE
    rooms = [
        room(
            f"room {number}",
            number,
            taken=[random_spans(chosen, 3, 1, 200) for _ in range(2)],
            before=before,
            after=after,
        )
        for number in range(2)
    ]
    found = find(*people, needs=[Need("room", rooms)], minutes=duration, step=step, limit=10_000)
    expected = {
        start
        for start in (MONDAY + number * step * MINUTE for number in range(24 * 60 // step + 1))
        if start + duration * MINUTE <= at(24)
        and all(suits(each, start, start + duration * MINUTE) for each in people)
        and any(has_unit(each, start - before, start + duration * MINUTE + after) for each in rooms)
    }
    assert {slot.starts_at for slot in found.slots} == expected
    assert found.total == len(expected)
    assert bool(found.why_none) == (not expected)


def random_spans(chosen, most, shortest, longest):
    starts = [(chosen.randint(0, 23 * 60), chosen.randint(shortest, longest)) for _ in range(chosen.randint(0, most))]
    return [(start / 60, (start + length) / 60) for start, length in starts]


def every_minute(start, end):
    return (start + number * MINUTE for number in range(round((end - start) / MINUTE)))


def covers(intervals, minute):
    return any(since - timedelta(seconds=1) <= minute < until - timedelta(seconds=1) for since, until in intervals)


def suits(person, start, end):
    one_stretch = any(since <= start and end <= until for since, until in person.working)
    return one_stretch and not any(covers(person.busy, minute) for minute in every_minute(start, end))


def has_unit(thing, start, end):
    return any(not any(covers(unit, minute) for minute in every_minute(start, end)) for unit in thing.taken)


def test_an_appointment_begins_each_step_from_the_beginning_of_the_hours():
    found = open_starts(spans((9.25, 12), (14, 15)), [], duration=HOUR, step=45 * MINUTE)
    assert [f"{start:%H:%M}" for start in found] == ["09:15", "10:00", "10:45", "14:00"]


def test_buffers_may_reach_out_of_the_hours_but_not_into_what_is_taken():
    options = {"duration": HOUR, "step": 30 * MINUTE, "before": 30 * MINUTE, "after": 15 * MINUTE}
    found = open_starts(spans((9, 13)), spans((8, 8.5), (11.5, 12)), **options)
    assert [f"{start:%H:%M}" for start in found] == ["09:00", "09:30", "10:00"]
    assert open_starts(spans((9, 10)), spans((8, 8.75)), **options) == []
