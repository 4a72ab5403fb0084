"""The numbers by which MSPDI says things, and the hours of a working day."""

from datetime import time

HOURS_PER_DAY = 8
OPENS, NOON, AFTERNOON, CLOSES = time(8), time(12), time(13), time(17)
MINUTES_PER_DAY = 60 * HOURS_PER_DAY
KEY_FIELD, KEY_ALIAS = "188743731", "Key"
"""Text1, a field of one's own in every program: called like that it holds the tasks' keys."""
LINK_TYPES = ("FF", "FS", "SF", "SS")
PRIORITIES = (("low", 250), ("normal", 500), ("high", 750), ("urgent", 1000))
AS_SOON, MUST_START, NOT_EARLIER = "0", "2", "4"
LOST = {
    "1": "start as late as possible",
    "3": "finish on a fixed day",
    "5": "start no later than a day",
    "6": "finish no earlier than a day",
    "7": "finish no later than a day",
}
"""Constraints that no plan here holds."""
# Durations and lags that run on through nights and weekends, by their formats; each has an estimated twin 32 later.
ELAPSED = frozenset(str(base + extra) for base in (4, 6, 8, 10, 12) for extra in (0, 32))
PERCENT = frozenset({"19", "20", "51", "52"})
