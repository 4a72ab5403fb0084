"""What the page of the connections shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from estateman.common import clock
from estateman.people.models import User
from integrations import health
from integrations.health import Report
from integrations.health.history import recent_lines
from integrations.health.incoming import CallerOfDay, busiest
from integrations.health.sparkline import Sparkline
from integrations.health.words import counted, span
from integrations.models import Integration, Status
from integrations.registry import find_provider

MOST_CALLERS = 10
GOOD = 80
FAIR = 50
TONES = {
    Status.ACTIVE: "good",
    Status.DISABLED: "",
    Status.FAILING: "danger",
    Status.NEEDS_CREDENTIALS: "warn",
}


@dataclass(frozen=True)
class Connection:
    """One integration as its card shows it."""

    integration: Integration
    report: Report
    line: Sparkline | None

    @property
    def provider(self) -> str:
        found = find_provider(self.integration.provider)
        return found.label if found else self.integration.provider

    @property
    def status(self) -> Status:
        return Status(self.integration.shown_status)

    @property
    def status_tone(self) -> str:
        return TONES[self.status]

    @property
    def score_tone(self) -> str:
        if self.status == Status.DISABLED:
            return ""
        if self.report.score >= GOOD:
            return "good"
        return "warn" if self.report.score >= FAIR else "danger"

    @property
    def is_well(self) -> bool:
        return not self.report.deductions

    @property
    def reasons_tone(self) -> str:
        """A full score is good news, anything less at least a warning."""
        return "danger" if self.score_tone == "danger" else "good" if self.is_well else "warn"

    @property
    def order(self) -> tuple[bool, int, str]:
        """What needs a look first, the worst of it at the top; disabled ones last."""
        return self.status == Status.DISABLED, self.report.score, self.integration.name.lower()

    @property
    def webhook_lag(self) -> str:
        """How late what came in is; empty where nothing ever comes in."""
        webhooks = self.report.webhooks
        if webhooks.lag_seconds is not None:
            return f"{span(timedelta(seconds=webhooks.lag_seconds))}, {webhooks.waiting} waiting"
        found = find_provider(self.integration.provider)
        return "None waiting" if found and found.receives_webhooks else ""

    @property
    def calls_of_the_day(self) -> str:
        usage = self.report.usage
        parts = [counted(usage.calls, "call") if usage.calls else "No calls"]
        if usage.failed:
            parts.append(f"{usage.failed} failed")
        if usage.held_back:
            parts.append(f"{usage.held_back} held back")
        return ", ".join(parts)


@dataclass(frozen=True)
class Overview:
    """The whole page."""

    connections: Sequence[Connection]
    score: int | None
    callers: Sequence[CallerOfDay]
    add_url: str
    """Where another one is added; empty for who may not."""
    may_set_up: bool

    @property
    def rooms(self) -> str:
        """Where it is heard that something changed."""
        return " ".join(f"integration:{each.integration.pk}" for each in self.connections)

    @property
    def words(self) -> str:
        """Them all in one sentence."""
        unwell = sum(not each.is_well for each in self.connections)
        if not unwell:
            return "Everything works."
        return f"{unwell} of {len(self.connections)} {'needs' if unwell == 1 else 'need'} a look."


def overview(user: User) -> Overview:
    """What ``user``, who manages integrations, sees."""
    shown = sorted(connections_of(list(Integration.objects.visible_to(user))), key=lambda each: each.order)
    scores = [each.report.score for each in shown if each.status != Status.DISABLED]
    may_add = user.is_staff and user.has_perm("integrations.add_integration")
    return Overview(
        connections=shown,
        score=round(sum(scores) / len(scores)) if scores else None,
        callers=busiest(limit=MOST_CALLERS),
        add_url=reverse("admin:integrations_integration_add") if may_add else "",
        may_set_up=may_set_up(user),
    )


def may_set_up(user: User) -> bool:
    """Whether the admin lets ``user`` change integrations."""
    return user.is_staff and user.has_perm("integrations.change_integration")


def connections_of(integrations: Sequence[Integration]) -> list[Connection]:
    """The cards of ``integrations``."""
    found = health.reports(integrations)
    lines = recent_lines([each.pk for each in integrations], now=clock.now())
    return [Connection(each, found[each.pk], lines.get(each.pk)) for each in integrations]
