"""Keeps the workers of a parallel run apart, as a plugin of pytest (`-p tools.workers`, with `-n` of pytest-xdist).

Each has a database of its own from pytest-django. Scaled out each has a Redis of its own, too: a test clears the cache
and hears every channel.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tools.throwaway import redis


@pytest.hookimpl(wrapper=True)  # around pytest-django, which reads the settings here
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Called by pytest, in each worker before anything of Estateman is read."""
    if "PYTEST_XDIST_WORKER" in os.environ and os.environ.get("REDIS_URL"):
        stack = ExitStack()
        early_config.add_cleanup(stack.close)
        os.environ["REDIS_URL"] = stack.enter_context(redis()).url
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Called by pytest: a file that starts processes is one piece of work, since its tests may share them."""
    for item in items:
        if item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.xdist_group(item.path.name))
