"""Answers whose form the route decides, whatever the caller says it accepts."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation


class AnyAnswerWillDo(DefaultContentNegotiation):
    """The first renderer always: where callers ask for all kinds of answers, or ``format`` is a word of our own."""

    def select_renderer(self, request: Any, renderers: Iterable[Any], format_suffix: str | None = None) -> Any:
        first = next(iter(renderers))
        return first, first.media_type
