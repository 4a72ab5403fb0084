"""How many requests a caller may make, and headers that say how many are left."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:  # DRF's views import this module through its settings
    from rest_framework.views import APIView


_KEPT_AS = "rate_limit"


class CallerThrottle(SimpleRateThrottle):
    """Per signed-in user, or per address for everyone else. A view narrows it with ``throttle_scope``."""

    history: list[float]
    now: float

    def __init__(self) -> None:
        """The rate depends on who calls, so it is read in ``allow_request``."""

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        ident = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def allow_request(self, request: Request, view: "APIView") -> bool:
        caller = "user" if request.user.is_authenticated else "anonymous"
        self.scope = getattr(view, "throttle_scope", None) or caller
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed = super().allow_request(request, view)
        setattr(request, _KEPT_AS, self)
        return allowed


def rate_limit_headers(request: Request) -> dict[str, str]:
    """``RateLimit-*`` for one answer: the limit, what is left of it, and the seconds until all of it is back."""
    throttle: Any = getattr(request, _KEPT_AS, None)
    if throttle is None:
        return {}
    oldest = throttle.history[-1] if throttle.history else throttle.now
    return {
        "RateLimit-Limit": str(throttle.num_requests),
        "RateLimit-Remaining": str(max(0, throttle.num_requests - len(throttle.history))),
        "RateLimit-Reset": str(max(0, math.ceil(oldest + throttle.duration - throttle.now))),
    }


def rate_limit_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say on every API answer how many requests are left."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, Response) and hasattr(response, "renderer_context"):
            for name, value in rate_limit_headers(response.renderer_context["request"]).items():
                response[name] = value
        return response

    return middleware
