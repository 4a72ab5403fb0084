"""Reading from a line that may drip for ever."""

import io
import socket
import time
from typing import Any


class Patient(io.RawIOBase):
    """Reads from a line, each time no longer than ``silence`` seconds, nor than is left until ``ends_at``.

    ``ends_at`` is of time.monotonic().
    """

    def __init__(self, raw: io.RawIOBase, line: socket.socket, *, ends_at: float, silence: float) -> None:
        self._raw, self._line, self._ends_at, self._silence = raw, line, ends_at, silence

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long")
        self._line.settimeout(min(left, self._silence))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
