"""What moved a task's days, in words that follow on them: "after Photos (FS+1)". Pure."""

from collections.abc import Container
from dataclasses import dataclass

from tasks.cascade import Cascade, Standings
from tasks.reflow import Ref
from tasks.settlement import Driver


@dataclass(frozen=True)
class Cause:
    """Why a task or all of the seeds move, and the task or the key date that moves them, if one does."""

    kind: str
    why: str
    task_id: int | None = None
    key_date_id: int | None = None


class Causes:
    """Why each task of a cascade moves.

    The ``seeds`` move for the ``given`` cause, as do those that nothing else moves; and a whole that is a seed only
    if its parts do not move it: those of the seeds that were ``edited`` are what people wanted.
    """

    def __init__(
        self, stands: Standings, cascade: Cascade, *, seeds: Container[int], edited: Container[int], given: Cause
    ) -> None:
        self._stands, self._cascade = stands, cascade
        self._seeds, self._edited, self._given = seeds, edited, given

    def of(self, task: int) -> Cause:
        is_whole = self._cascade.settlement.network.is_whole(task)
        if task in self._edited or (task in self._seeds and not is_whole):
            return self._given
        ruling = self._cascade.rulings.get(Ref("task", task))
        if ruling and ruling.holds and ruling.on:
            if ruling.anchor.kind == "key_date":
                return Cause("key_date", ruling.why, key_date_id=ruling.anchor.id)
            return Cause("task", ruling.why, task_id=ruling.anchor.id)
        if is_whole:
            return self._of_whole(task)
        return self._of_part(task)

    def _of_whole(self, task: int) -> Cause:
        """Those with sub-tasks move with the one that is first or last."""
        settlement = self._cascade.settlement
        start, finish = settlement.days(task)
        moved = [leaf for leaf in settlement.network.leaves(task) if self._has_moved(leaf)]
        at_an_end = [leaf for leaf in moved if settlement.days(leaf)[0] == start or settlement.days(leaf)[1] == finish]
        for leaf in (*at_an_end, *moved):
            return Cause("task", f"with its sub-task {self._stands.names[leaf]}", task_id=leaf)
        return self._given

    def _of_part(self, task: int) -> Cause:
        """What it waits for and what moved; of several first what it could not start any earlier for."""
        drivers = [
            (self._has_moved(driver.task) and bool(binds or driver.type), binds, driver)
            for driver, binds in self._cascade.settlement.drivers(task)
        ]
        moved, binds, driver = max(drivers, key=lambda each: each[:2], default=(False, False, None))
        if driver is None or not (moved or binds):
            return self._given
        return Cause("task", self._words(driver), task_id=driver.task)

    def _has_moved(self, task: int) -> bool:
        return task in self._cascade.days or task in self._seeds

    def _words(self, driver: Driver) -> str:
        name = self._stands.names[driver.task]
        if not driver.type:
            return f"with {name}, which it is a part of"
        lag = f"{driver.lag:+d}" if driver.lag else ""
        with_all = f", as all of {self._stands.names[driver.whole]}" if driver.whole else ""
        return f"after {name} ({driver.type}{lag}){with_all}"
