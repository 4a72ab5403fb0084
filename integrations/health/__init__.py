"""How well each integration works."""

from integrations.health.judging import Call, Report, Totals, judge, reports, totals

__all__ = ["Call", "Report", "Totals", "judge", "reports", "totals"]
