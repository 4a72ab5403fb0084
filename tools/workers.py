"""Keeps the workers of a parallel run apart, as a plugin of pytest (`-p tools.workers`, with `-n` of pytest-xdist).

Each has a database of its own from pytest-django. Scaled out each has a Redis of its own, too: a test clears the cache
and hears every channel.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tools.throwaway import redis


@pytest.hookimpl(wrapper=True)  # around pytest-django, which reads the settings here
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Called by pytest, in each worker before anything of Estateman is read."""
    if "PYTEST_XDIST_WORKER" in os.environ and os.environ.get("REDIS_URL"):
        stack = ExitStack()
        early_config.add_cleanup(stack.close)
        os.environ["REDIS_URL"] = stack.enter_context(redis()).url
    yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Called by pytest-xdist, once for the run."""
    return Scheduling(config, log)


class Scheduling(LoadScopeScheduling):
    """Each test goes to whichever worker is free.

    Those that start processes are one piece of work: their files share what they started, and two at once would leave
    each other too little of the machine.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "processes" if _starts_processes(self.config.rootpath / path) else nodeid


@cache
def _starts_processes(path: Path) -> bool:
    return "pytest.mark.processes" in path.read_text()
