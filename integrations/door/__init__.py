"""The one door to the outside: every call to a provider goes through ``call``."""

from integrations.door.calling import call

__all__ = ["call"]
