"""Adds up JUnit reports, and finds out when a run has left out what it was made for.

    pytest --scaled -p tools.tally --junitxml=test-results/scaled.xml
    python -m tools.tally --must-run scaled test-results/scaled.xml

As a plugin of pytest it writes each test's markers into the report; on the command line it prints
the total and fails if a test failed, or if a test with a marker that must run was skipped or no
test bears it.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

PROPERTY = "marker"


@dataclass(frozen=True)
class Result:
    """How one test ended: `passed`, `failed` (or broke while it was set up) or `skipped`."""

    test: str
    outcome: str
    markers: frozenset[str]


@pytest.hookimpl(trylast=True)  # after any conftest.py that still adds markers
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Called by pytest: hand each test's markers to its report."""
    for item in items:
        names = {mark.name for mark in item.iter_markers()}
        item.user_properties.extend((PROPERTY, name) for name in sorted(names))


def read(report: Path) -> list[Result]:
    """The results in one JUnit report of pytest. Raises OSError if the run never wrote it."""
    # We wrote this file ourselves a moment ago: the attacks on XML parsers do not apply.
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314
    return [Result(f"{case.get('classname')}::{case.get('name')}", _outcome(case), _markers(case)) for case in cases]


def left_out(results: Iterable[Result], marker: str) -> list[str]:
    """What keeps `marker` from having been put to the test; empty when all is well."""
    bearing = [result for result in results if marker in result.markers]
    if not bearing:
        return [f"No test marked {marker} has run."]
    return [f"{result.test} is marked {marker} but was skipped." for result in bearing if result.outcome == "skipped"]


def total(results: Iterable[Result]) -> str:
    """For instance `412 passed, 0 failed, 3 skipped`."""
    count = Counter(result.outcome for result in results)
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    return f"{count['passed']} passed, {count['failed']} failed{skipped}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.tally")
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--must-run", action="append", default=[], metavar="MARKER")
    options = parser.parse_args(arguments)
    results = [result for report in options.reports for result in read(report)]
    complaints = [line for marker in options.must_run for line in left_out(results, marker)]
    print(*complaints, total(results), sep="\n")
    return 1 if complaints or any(result.outcome == "failed" for result in results) else 0


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    # pytest files an expected failure under "skipped", but that test did run.
    if skipped is not None and skipped.get("type") != "pytest.xfail":
        return "skipped"
    return "passed"


def _markers(case: ET.Element) -> frozenset[str]:
    properties = case.iterfind(f"properties/property[@name='{PROPERTY}']")
    return frozenset(each.get("value", "") for each in properties)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
