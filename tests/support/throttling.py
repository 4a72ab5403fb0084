"""Limits of the API as a test wants them."""

from typing import Any


def rates_set_to(settings: Any, **limits: str) -> None:
    """These limits, and no others."""
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": limits}
