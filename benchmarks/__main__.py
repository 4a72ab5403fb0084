"""`python -m benchmarks [entry …] [--json]`: measure all entries, or those named."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from benchmarks import board, booking, door, fanout, latency, reactions, recurrence, scheduling, slots, webhooks
from benchmarks.audience import Lost
from benchmarks.figures import Section
from benchmarks.processes import Stacks
from tools.throwaway import CannotStart, interrupt_on

ENTRIES: dict[str, Callable[[Stacks], Section]] = {
    "fanout": fanout.measure,
    "latency": latency.measure,
    "reactions": reactions.measure,
    "door": door.measure,
    "webhooks": webhooks.measure,
    "scheduling": scheduling.measure,
    "recurrence": recurrence.measure,
    "board": board.measure,
    "booking": booking.measure,
    "slots": slots.measure,
}


def main(arguments: Sequence[str]) -> int:
    """Returns 0, 69 when something can't be started, 1 when a server lost what it was to deliver."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("entries", nargs="*", metavar="entry", help=f"which of {', '.join(ENTRIES)}; all unless named")
    parser.add_argument("--json", action="store_true", help="print everything once more as one line of JSON")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.entries if name not in ENTRIES]:
        parser.error(f"there is no entry {unknown[0]}; there are {', '.join(ENTRIES)}")
    interrupt_on(signal.SIGINT, signal.SIGTERM)
    try:
        _measure(asked.entries or list(ENTRIES), as_json=asked.json)
    except CannotStart as why:
        print(why, file=sys.stderr)
        return 69  # EX_UNAVAILABLE
    except Lost as what:
        print(what, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _measure(names: Sequence[str], *, as_json: bool) -> None:
    sections = {}
    print(f"On {os.cpu_count()} cores", flush=True)
    with ExitStack() as stack:
        stacks = Stacks(stack)
        for name in names:
            sections[name] = ENTRIES[name](stacks)
            print("", *sections[name].lines(), sep="\n", flush=True)
    if as_json:
        print(json.dumps({name: section.as_json() for name, section in sections.items()}))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
