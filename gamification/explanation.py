"""Why a ledger entry is there: from the entry to the act, the metric and the award behind it."""

from gamification.models import LedgerEntry

# What `explain` looks at, for a select_related.
BEHIND = ("event__metric", "award__achievement", "reverses", "reversed_by")


def explain(entry: LedgerEntry) -> str:
    """One sentence for the member."""
    title = entry.event.title if entry.event else ""
    match entry.kind:
        case LedgerEntry.Kind.ACTIVITY:
            return f"{entry.amount:+} for “{title}” ({_metric(entry)})."
        case LedgerEntry.Kind.ACHIEVEMENT:
            return f"{entry.amount:+} for {entry.award}, reached with “{title}”."
        case _:
            lost = f"{entry.award} is no longer reached" if entry.award else "it no longer counts"
            return f"{entry.amount:+} because “{title}” was undone: {lost}."


def _metric(entry: LedgerEntry) -> str:
    return entry.event.metric.name if entry.event else ""
