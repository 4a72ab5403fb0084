"""What is logged goes to the console, each line with its request's id and without what is secret in addresses."""

from typing import Any


def to_the_console(formatter: str, *, level: str) -> dict[str, Any]:
    """Django's ``LOGGING``; ``formatter`` is ``json`` or ``line``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "estateman.common.requests.RequestIdFilter"},
            "secret_paths": {"()": "estateman.common.requests.SecretPathFilter"},
        },
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
            },
            "line": {
                "format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s [%(request_id)s]",
                "datefmt": "%H:%M:%S",
            },
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request_id", "secret_paths"],
                "formatter": formatter,
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own console handler is for DEBUG only and would print these twice.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
