"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def eventually(condition: Callable[[], Result], *, within: float = 15.0) -> Result:
    """Ask ``condition`` until its answer is true and return that; AssertionError after ``within`` seconds."""
    give_up_at = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"Still not so after {within} s")
        time.sleep(0.02)
    return answer
