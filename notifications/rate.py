"""How fast one socket may talk."""

import time


class Bucket:
    """A token bucket: ``burst`` frames at once, ``per_second`` in the long run."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, burst
        self._tokens, self._at = float(burst), time.monotonic()

    def take(self) -> bool:
        """Use one token; False when there is none, which counts against the socket."""
        at = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (at - self._at) * self._per_second)
        self._at = at
        # Refused frames go on counting, down to one more burst: only silence earns new tokens back.
        allowed = self._tokens >= 1
        self._tokens = max(-float(self._burst), self._tokens - 1)
        return allowed

    def is_abused(self) -> bool:
        """Whether a whole burst was sent after being told to slow down."""
        return self._tokens <= 1 - self._burst
