"""A fresh office has something to earn; what it makes of it is kept."""

import pytest
from django.core.management import call_command

from gamification.catalogue import ACHIEVEMENTS, METRICS, install_catalogue
from gamification.models import Achievement, AchievementLevel, Metric

pytestmark = pytest.mark.django_db


def test_migrating_installs_it():
    assert Metric.objects.filter(key__in=[spec.key for spec in METRICS]).count() == len(METRICS)
    levels = AchievementLevel.objects.filter(achievement__key="tasks.done")
    assert list(levels.values_list("level", "threshold")) == [(1, 10), (2, 50), (3, 200)]


def test_installing_it_again_changes_nothing_that_the_office_has_changed():
    Metric.objects.filter(key="tasks.completed").update(points=3, is_active=False)
    Achievement.objects.get(key="tasks.done").levels.filter(level=3).delete()
    install_catalogue()
    assert Metric.objects.get(key="tasks.completed").points == 3
    assert Achievement.objects.get(key="tasks.done").levels.count() == 2


def test_what_is_missing_is_added(capsys):
    Achievement.objects.all().delete()
    call_command("install_starter_catalogue")
    assert Achievement.objects.count() == len(ACHIEVEMENTS)
    assert "4 achievements" in capsys.readouterr().out


def test_every_achievement_is_worth_something_and_rises():
    for spec in ACHIEVEMENTS:
        assert spec.levels == tuple(sorted(spec.levels))
        assert all(points > 0 for _, points in spec.levels)
        assert spec.metric in {metric.key for metric in METRICS}
