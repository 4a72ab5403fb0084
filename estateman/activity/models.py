"""The kept activities, the rooms that may see them, and the receipts of the reactions."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models

from estateman.activity.facts import Fact, fact_class
from estateman.common import clock
from estateman.common.claims import Claimable


class ActivityQuerySet(models.QuerySet["Activity"]):
    def in_rooms(self, rooms: Iterable[str]) -> "ActivityQuerySet":
        """What happened in any of ``rooms``, each activity once."""
        seen = ActivityRoom.objects.filter(room__in=list(rooms), activity=models.OuterRef("pk"))
        return self.filter(models.Exists(seen))


class Activity(Claimable):
    """One thing that happened: feed entry, audit line and the reactions' input. Only its work state ever changes."""

    kind = models.CharField(max_length=80)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    payload = models.JSONField()
    sentence = models.CharField(max_length=500)
    at = models.DateTimeField(default=clock.now, db_index=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        db_table = "activities"
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["kind", "-at"], name="activity_by_kind"),
            models.Index(
                fields=["next_attempt_at"],
                name="activity_unsettled",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"

    @property
    def fact(self) -> Fact:
        """What was announced. Raises LookupError for a kind of another version."""
        found = fact_class(self.kind)
        if found is None:
            raise LookupError(f"No activity of kind {self.kind} is known")
        return found.from_payload(self.payload, by_id=self.actor_id)


class ActivityRoom(models.Model):
    """One room that may see one activity."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="rooms")
    room = models.CharField(max_length=80)

    class Meta:
        db_table = "activity_rooms"
        constraints = [models.UniqueConstraint(fields=["room", "activity"], name="activity_once_per_room")]

    def __str__(self) -> str:
        return self.room


class Receipt(models.Model):
    """That one reaction to one activity took effect, or what keeps it from doing so.

    Written in the reaction's own transaction, so effect and receipt stand or fall together.
    """

    class State(models.TextChoices):
        DONE = "done"
        WAITING = "waiting", "waiting to be tried again"
        DEAD = "dead", "given up"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="receipts")
    reaction = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices)
    attempts = models.PositiveIntegerField(default=1)
    next_attempt_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "activity_receipts"
        constraints = [models.UniqueConstraint(fields=["activity", "reaction"], name="one_receipt_per_reaction")]
        indexes = [
            models.Index(fields=["state"], name="receipt_unfinished", condition=~models.Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} on {self.activity_id}: {self.state}"
