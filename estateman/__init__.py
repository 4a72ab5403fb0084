"""Estateman: the back office a real-estate agency's staff run themselves."""

from estateman.celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "0.1.0"
