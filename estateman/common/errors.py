"""Broken rules: what a service raises when it understands a request and will not do it."""

from typing import Any, ClassVar


class RuleBroken(Exception):
    """A rule of the house stands in the way; the API answers 409.

    Subclass it once per rule, with the rule's ``code``. ``extra`` is what the person needs to act on, as plain
    values: it stands beside the error in the answer (``raise BlockedBy("…", tasks=[4, 9])``).
    """

    code: ClassVar[str] = "rule_broken"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class VersionConflict(RuleBroken):
    """Somebody else changed it since the caller read it; ``current`` holds what stands there now."""

    code = "version_conflict"


class TooLarge(Exception):
    """More bytes than are taken; the API answers 413."""

    def __init__(self, most: int) -> None:
        super().__init__(f"At most {most // 1024 // 1024} MiB are taken.")
