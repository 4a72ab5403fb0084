"""How well each integration works, how it was doing, and how much it is used."""

from integrations.health.judging import Judgement, Reason, judge
from integrations.health.reporting import Report, Totals, reports, totals

__all__ = ["Judgement", "Reason", "Report", "Totals", "judge", "reports", "totals"]
