"""Database work from async code."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")


def in_database_thread(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """``function`` as a coroutine, run in the thread that may touch the database, its connection tidied up after."""
    return cast("Callable[P, Awaitable[R]]", database_sync_to_async(function))
