"""Finding a time that suits everybody, ranked and with reasons. Pure; ``events.starts`` does the arithmetic."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from heapq import nsmallest
from operator import and_, or_

from events.availability import Interval
from events.starts import NO_TIME, Starts, indexes


@dataclass(frozen=True)
class Person:
    """Who is to come: when they work, and when they are taken."""

    key: int
    name: str
    working: Sequence[Interval]
    busy: Sequence[Interval]


@dataclass(frozen=True)
class Thing:
    """What is to be booked: when it can be, and what takes each of its units, in time that bookings block.

    ``before`` and ``after`` are what a booking of it keeps free around itself.
    """

    key: int
    name: str
    capacity: int | None
    bookable: Sequence[Interval]
    taken: Sequence[Sequence[Interval]]
    before: timedelta = NO_TIME
    after: timedelta = NO_TIME

    def starts(self, starts: Starts) -> int:
        return starts.inside(self.bookable) & reduce(
            or_, (starts.apart(unit, self.before, self.after) for unit in self.taken), 0
        )

    @property
    def size(self) -> tuple[bool, int, str]:
        """Smallest first; what has no capacity comes after what has."""
        return (self.capacity is None, self.capacity or 0, self.name)


def names(those: Sequence[Person | Thing]) -> str:
    """Like "Alex, Cora and Max"."""
    *others, last = [each.name for each in those]
    return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True)
class Need:
    """One thing out of ``things``; ``name`` is what was asked for, as in "a room for 8"."""

    name: str
    things: Sequence[Thing]


@dataclass(frozen=True)
class Slot:
    """One time that suits, with the optional people who can come, and the things in the order of the needs.

    ``reasons`` say in words why it stands where it does.
    """

    starts_at: datetime
    optional_free: tuple[Person, ...]
    optional_busy: tuple[Person, ...]
    outside_hours: tuple[Person, ...]
    things: tuple[Thing, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Obstacle:
    """Who or what stands in the way of every time; both are None where only all together do."""

    detail: str
    person: Person | None = None
    need: Need | None = None


@dataclass(frozen=True)
class Found:
    """The best slots first, how many there are in all, and why there is none."""

    slots: list[Slot]
    total: int
    needs: Sequence[Need] = ()
    why_none: list[Obstacle] = field(default_factory=list)


def find_slots(
    starts: Starts, *, required: Sequence[Person], optional: Sequence[Person], needs: Sequence[Need], limit: int
) -> Found:
    """The ``limit`` best starts at which all ``required`` are free in their hours and every need is met.

    First come those at which most of ``optional`` are free, then those within most of their hours, then those that
    take the smallest things, then the earliest.
    """
    search = _Search(starts, required, optional, needs)
    chosen = {index: things for index in indexes(search.suiting) if (things := search.things_at(index)) is not None}
    best = nsmallest(limit, chosen, key=lambda index: search.rank(index, chosen[index]))
    slots = [search.slot(index, chosen[index]) for index in best]
    return Found(slots, len(chosen), needs, [] if slots else search.obstacles())


class _Search:
    """What each allows. Things are looked at smallest first, and only as far as they are needed: most never are."""

    def __init__(
        self, starts: Starts, required: Sequence[Person], optional: Sequence[Person], needs: Sequence[Need]
    ) -> None:
        self.starts, self.required, self.optional, self.needs = starts, required, optional, needs
        self.free = [(person, starts.inside(person.working) & starts.apart(person.busy)) for person in required]
        self.apart = [(person, starts.apart(person.busy), starts.inside(person.working)) for person in optional]
        self.fitting = [sorted(need.things, key=lambda thing: thing.size) for need in needs]
        self.known: dict[int, int] = {}
        self.suiting = reduce(and_, (bits for _, bits in self.free), starts.all)
        for things in self.fitting:
            self.suiting = self.met(things, self.suiting)

    def bits(self, thing: Thing) -> int:
        if thing.key not in self.known:
            self.known[thing.key] = thing.starts(self.starts)
        return self.known[thing.key]

    def met(self, things: Iterable[Thing], wanted: int) -> int:
        """Those of the ``wanted`` starts at which one of the things is free."""
        found = 0
        for thing in things:
            if found == wanted:
                break
            found |= self.bits(thing) & wanted
        return found

    def things_at(self, index: int, taken: tuple[Thing, ...] = ()) -> tuple[Thing, ...] | None:
        """The smallest thing for each need, no thing for two; None where they do not go round."""
        if len(taken) == len(self.fitting):
            return taken
        for thing in self.fitting[len(taken)]:
            is_given = any(thing.key == other.key for other in taken)
            if (
                not is_given
                and self.bits(thing) >> index & 1
                and (found := self.things_at(index, (*taken, thing))) is not None
            ):
                return found
        return None

    def rank(self, index: int, things: Sequence[Thing]) -> tuple[int, int, int, int]:
        free = sum(bits >> index & 1 for _, bits, _ in self.apart)
        fit = sum(bits & hours & 1 << index > 0 for _, bits, hours in self.apart)
        return -free, -fit, sum(thing.capacity or 0 for thing in things), index

    def slot(self, index: int, things: tuple[Thing, ...]) -> Slot:
        free = tuple(person for person, bits, _ in self.apart if bits >> index & 1)
        busy = tuple(person for person in self.optional if person not in free)
        outside = tuple(person for person, bits, hours in self.apart if bits & ~hours & 1 << index)
        reasons = tuple(self._reasons(busy, outside, index, things))
        return Slot(self.starts.at(index), free, busy, outside, things, reasons)

    def _reasons(
        self, busy: Sequence[Person], outside: Sequence[Person], index: int, things: Sequence[Thing]
    ) -> Iterator[str]:
        if self.required:
            yield f"{names(self.required)} can, within working hours."
        if self.optional:
            free = len(self.optional) - len(busy)
            yield f"{free} of {len(self.optional)} optional people are free{f'; not {names(busy)}' if busy else ''}."
        if outside:
            yield f"It is outside the working hours of {names(outside)}."
        for thing, need, fitting in zip(things, self.needs, self.fitting, strict=True):
            places = f" ({thing.capacity} places)" if thing.capacity else ""
            yield f"{thing.name}{places} is {f'the smallest {need.name} that is ' * (len(fitting) > 1)}free."

    def obstacles(self) -> list[Obstacle]:
        if not self.starts.count:
            return [Obstacle("The window is too short for that duration.")]
        alone = [*self._people_who_never_can(), *self._needs_never_met()]
        return alone or self._only_together()

    def _people_who_never_can(self) -> Iterator[Obstacle]:
        for person, bits in self.free:
            if not self.starts.inside(person.working):
                yield Obstacle(f"{person.name} does not work that long at a stretch in this time.", person=person)
            elif not bits:
                yield Obstacle(f"{person.name} is taken at every such time within their working hours.", person=person)

    def _needs_never_met(self) -> Iterator[Obstacle]:
        for need, things in zip(self.needs, self.fitting, strict=True):
            if not things:
                yield Obstacle(f"There is no {need.name}.", need=need)
            elif not self.met(things, self.starts.all):
                yield Obstacle(f"No {need.name} is free at any time: {names(things)}.", need=need)

    def _only_together(self) -> list[Obstacle]:
        """Each can sometimes; say whose absence would open most."""
        parts: list[tuple[Person | Need, int]] = [
            *self.free,
            *((need, self.met(things, self.starts.all)) for need, things in zip(self.needs, self.fitting, strict=True)),
        ]
        opened = [
            (
                reduce(and_, (bits for _, bits in parts[:number] + parts[number + 1 :]), self.starts.all).bit_count(),
                part,
            )
            for number, (part, _) in enumerate(parts)
            if not self.suiting
        ]
        said = [Obstacle("Each is free at some time, but they never are all at once.")]
        for count, part in sorted(opened, key=lambda each: -each[0]):
            if count:
                detail = f"Without {part.name} there would be {'one time' if count == 1 else f'{count} times'}."
                person, need = (part, None) if isinstance(part, Person) else (None, part)
                said.append(Obstacle(detail, person, need))
        return said
