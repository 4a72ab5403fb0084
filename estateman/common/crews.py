"""Work that waits for others: only so many threads of a process may be at one kind of it."""

from collections.abc import Callable
from threading import BoundedSemaphore


class Crew:
    """At most ``size`` threads of this process at once.

    A worker's threads serve every job. Without a bound, those that wait for a mail server that hangs would take all of
    them, and nobody would hear of anything any more.
    """

    def __init__(self, size: int) -> None:
        self._places = BoundedSemaphore(size)

    def work(self, batch: Callable[[], object]) -> None:
        """Call ``batch`` until it finds nothing to do, unless the crew is at it already: it will find the same work."""
        if self._places.acquire(blocking=False):
            try:
                while batch():
                    pass
            finally:
                self._places.release()
