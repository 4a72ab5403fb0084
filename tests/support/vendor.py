"""Calls through the door to a vendor that does as it is told, without a line in between."""

import pytest

from integrations.door import call
from integrations.limits import FAILURES_UNTIL_OPEN
from integrations.models import Gate, IntegrationLog
from integrations.spi import Answer, Operation, ProviderError, Unreachable

WRITE = Operation("send")
READ = Operation("look_up", is_repeatable=True)
EAGER = Operation("eager", tries=1)
EAGER_READ = Operation("eager_read", is_repeatable=True, tries=1)


class Vendor:
    """Does what it is told next; the last stays. ``asked`` counts."""

    def __init__(self, *does: Answer | Exception) -> None:
        self.does, self.asked = list(does) or [Answer(detail="Done.")], 0

    def __call__(self, provider) -> Answer:
        self.asked += 1
        told = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        if isinstance(told, Exception):
            raise told
        return told


def ask(integration, vendor, operation=WRITE, **more) -> Answer:
    return call(integration, operation, vendor, **more)


def fail(integration, times=FAILURES_UNTIL_OPEN, error=None) -> None:
    for _ in range(times):
        with pytest.raises(ProviderError):
            ask(integration, Vendor(error or Unreachable("Nobody there.")), EAGER)


def last_log(integration) -> IntegrationLog:
    return integration.logs.latest("pk")


def gate_of(integration) -> Gate:
    return Gate.objects.get(pk=integration.pk)
