"""How much our own API is used: what the recorder wrote, summed up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from estateman.common import clock
from estateman.common.models import ApiUsage

DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class UsageTotals:
    """Of some rows of the table together."""

    requests: int = 0
    throttled: int = 0
    errors: int = 0
    mean_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class CallerOfDay(UsageTotals):
    """What one caller did to one class of routes within a day; ``user`` is whose token or session it is."""

    caller: str
    user: str
    route_class: str

    @property
    def who(self) -> str:
        """A person, or the address of somebody who is not signed in."""
        return self.user or self.caller.partition(":")[2]

    @property
    def how(self) -> str:
        """By what they are known: "token ab12", "pages"."""
        kind, _, name = self.caller.partition(":")
        return {"token": f"token {name[:8]}…", "session": "on the pages"}.get(kind, "not signed in")


def totals_of(rows: QuerySet[ApiUsage]) -> UsageTotals:
    """All of ``rows`` together."""
    asked, throttled, failed, took = Sum("requests"), Sum("throttled"), Sum("errors"), Sum("total_ms")
    return UsageTotals(**_counts(rows.aggregate(asked=asked, over=throttled, failed=failed, took=took)))


def busiest(*, limit: int) -> Sequence[CallerOfDay]:
    """Who asked most within the last 24 hours, by class of routes."""
    rows = (
        ApiUsage.objects.filter(hour__gte=clock.now() - DAY)
        .values("caller", "user__name", "route_class")
        .annotate(asked=Sum("requests"), over=Sum("throttled"), failed=Sum("errors"), took=Sum("total_ms"))
        .order_by("-asked", "caller", "route_class")[:limit]
    )
    return [
        CallerOfDay(caller=row["caller"], user=row["user__name"] or "", route_class=row["route_class"], **_counts(row))
        for row in rows
    ]


def _counts(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's sums, which are None where there was nothing to sum up."""
    asked = row["asked"] or 0
    return {
        "requests": asked,
        "throttled": row["over"] or 0,
        "errors": row["failed"] or 0,
        "mean_ms": round((row["took"] or 0) / asked) if asked else None,
    }
