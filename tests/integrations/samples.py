"""Of every provider, settings and credentials that can be built; the tests of all providers go through them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """What an integration of this provider may be set up with."""

    config: dict[str, Any] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    mode: str = "live"


SAMPLES: dict[str, Sample] = {
    "sandbox": Sample(mode="sandbox"),
    "smtp": Sample(config={"host": "smtp.example.com"}),
}
