"""Deeds to count, and a small set of things to earn."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from gamification.models import Achievement, AchievementLevel, Metric
from gamification.rules import Deed

MONDAY = datetime(2026, 5, 4, 15, tzinfo=UTC)


@pytest.fixture
def visits(db):
    """A metric that nothing else in the house counts: 10 points a visit."""
    return Metric.objects.create(key="test.visits", name="Visits", activity_kind="test.visited", points=10)


@pytest.fixture
def make_achievement(visits):
    """``make_achievement("walker", {1: 5, 3: 20})``: thresholds and their points."""

    def make(key, levels, *, metric=visits, **fields):
        fields = {"name": key.title(), "icon": "🚶"} | fields
        achievement = Achievement.objects.create(key=f"test.{key}", metric=metric, **fields)
        for number, (threshold, points) in enumerate(levels.items(), start=1):
            AchievementLevel.objects.create(achievement=achievement, level=number, threshold=threshold, points=points)
        return achievement

    return make


@pytest.fixture
def visit():
    """``visit()``: a deed, each time another one; ``visit(key=…)`` the one of that name."""
    numbers = count(1)

    def deed(**fields):
        defaults: dict[str, Any] = {
            "kind": "test.visited",
            "source": "test",
            "key": f"visit:{next(numbers)}",
            "title": "Visit to 12 Elm Street",
            "occurred_at": MONDAY,
        }
        return Deed(**defaults | fields)

    return deed
