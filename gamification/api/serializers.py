from typing import Any

from rest_framework import serializers

from estateman.people.models import User
from gamification.explanation import explain
from gamification.models import Achievement, ActivityEvent, Award, LedgerEntry, Metric
from gamification.profile import HeldAward, LevelStanding, Profile, Standing


class ScorerSerializer(serializers.ModelSerializer[User]):
    """Whose score it is."""

    class Meta:
        model = User
        fields = ("id", "name")
        read_only_fields = fields


class MetricSerializer(serializers.ModelSerializer[Metric]):
    """What is counted; ``points`` are for one unit, today."""

    class Meta:
        model = Metric
        fields = ("key", "name", "points", "daily_cap")
        read_only_fields = fields


class AchievementBriefSerializer(serializers.ModelSerializer[Achievement]):
    class Meta:
        model = Achievement
        fields = ("id", "key", "name", "description", "icon")
        read_only_fields = fields


class HeldAwardSerializer(serializers.Serializer[HeldAward]):
    """A level that is held; ``times`` counts the periods it was reached in."""

    achievement = AchievementBriefSerializer()
    level = serializers.IntegerField()
    times = serializers.IntegerField()
    earned_at = serializers.DateTimeField(help_text="The last time")


class LevelStandingSerializer(serializers.Serializer[LevelStanding]):
    level = serializers.IntegerField()
    threshold = serializers.IntegerField()
    points = serializers.IntegerField()
    earned_at = serializers.DateTimeField(allow_null=True, help_text="In the current period")


class StandingSerializer(serializers.Serializer[Standing]):
    """An achievement and how far I am with it in the current period."""

    id = serializers.IntegerField(source="achievement.pk")
    key = serializers.CharField(source="achievement.key")
    name = serializers.CharField(source="achievement.name")
    description = serializers.CharField(source="achievement.description")
    icon = serializers.CharField(source="achievement.icon")
    metric = MetricSerializer(source="achievement.metric")
    period_kind = serializers.CharField(source="achievement.period_kind")
    period_start = serializers.DateField()
    value = serializers.IntegerField(help_text="How many count so far")
    levels = LevelStandingSerializer(many=True)
    next_level = LevelStandingSerializer(allow_null=True)


class MyProfileSerializer(serializers.Serializer[Profile]):
    """My points, awards and what I can reach next, the nearest first."""

    member = ScorerSerializer()
    score = serializers.IntegerField()
    coins = serializers.IntegerField()
    awards = HeldAwardSerializer(many=True)
    next = StandingSerializer(many=True)


class PublicProfileSerializer(serializers.Serializer[Any]):
    """What colleagues see: score and awards, not the coins or what is still missing."""

    member = ScorerSerializer()
    score = serializers.IntegerField()
    awards = HeldAwardSerializer(many=True)


class LedgerEntrySerializer(serializers.ModelSerializer[LedgerEntry]):
    title = serializers.CharField(source="event.title", default="", read_only=True, help_text="What was done")

    class Meta:
        model = LedgerEntry
        fields = (
            "id",
            "member",
            "currency",
            "amount",
            "kind",
            "title",
            "event",
            "award",
            "reverses",
            "created_at",
        )
        read_only_fields = fields


class CountedEventSerializer(serializers.ModelSerializer[ActivityEvent]):
    """The act behind an entry; ``local_date`` is the member's own day at the time."""

    metric = MetricSerializer()

    class Meta:
        model = ActivityEvent
        fields = (
            "id",
            "source",
            "idem_key",
            "title",
            "metric",
            "quantity",
            "occurred_at",
            "local_date",
            "status",
            "reverses",
        )
        read_only_fields = fields


class AwardSerializer(serializers.ModelSerializer[Award]):
    achievement = AchievementBriefSerializer()

    class Meta:
        model = Award
        fields = ("id", "achievement", "level", "period_start", "state", "seq", "earned_at")
        read_only_fields = fields


class ExplanationSerializer(serializers.Serializer[LedgerEntry]):
    """The chain behind a ledger entry: the act, its metric, the award it reached."""

    entry = LedgerEntrySerializer(source="*")
    sentence = serializers.SerializerMethodField()
    event = CountedEventSerializer(allow_null=True)
    award = AwardSerializer(allow_null=True)
    reverses = LedgerEntrySerializer(allow_null=True)
    reversed_by = LedgerEntrySerializer(allow_null=True, default=None)

    def get_sentence(self, entry: LedgerEntry) -> str:
        return explain(entry)
