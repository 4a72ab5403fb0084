"""A board, as it is asked for and answered.

The serializers say what the answer looks like; ``plain`` makes it, in a tenth of the time that they would take for a
board of thousands.
"""

from datetime import date
from typing import Any

from rest_framework import serializers

from tasks.api.serializers.tasks import PersonSerializer
from tasks.board import DUE, WAYS, Board, Card, Lane, Swimlane
from tasks.models import Priority

# What can be an id; anything else is a 400, where SQLite would fall over a number that no column holds.
ID: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
_INSTANT = serializers.DateTimeField()


class BoardQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """Which board, which of its cards, and whether in swimlanes, too."""

    project = serializers.IntegerField(**ID)
    swimlane = serializers.ChoiceField(choices=tuple(WAYS), required=False, help_text="Rows across the board")
    assignee = serializers.IntegerField(**ID, required=False, help_text="Only cards that this person has")
    label = serializers.IntegerField(  # type: ignore[assignment]  # a field, though fields have a label, too
        **ID, required=False
    )
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    q = serializers.CharField(required=False, max_length=200, help_text="In the name, the key and the description")
    due = serializers.ChoiceField(
        choices=DUE, required=False, help_text="`overdue`: open ones; `week`: today and the six days after it"
    )
    blocked = serializers.BooleanField(required=False, allow_null=True, default=None)
    mine = serializers.BooleanField(default=False, help_text="Only what I have")


class LabelOnCardSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    color = serializers.CharField()


class CountedSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class CardSerializer(serializers.Serializer[Card]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    priority = serializers.ChoiceField(choices=Priority.choices)
    starts_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    deadline_on = serializers.DateField(allow_null=True)
    deadline_at = serializers.DateTimeField(allow_null=True)
    progress = serializers.IntegerField()
    parent = serializers.IntegerField(  # type: ignore[assignment]  # a field, though fields have a parent, too
        allow_null=True, help_text="The task it is part of"
    )
    is_completed = serializers.BooleanField()
    assignees = serializers.ListField(child=serializers.IntegerField())
    people = PersonSerializer(many=True)
    labels = LabelOnCardSerializer(many=True)
    checklist = CountedSerializer(help_text="`done` counts what is settled: done, accepted or not applicable")
    subtasks = CountedSerializer(help_text="Cancelled ones do not count")
    is_blocked = serializers.BooleanField()
    blocked_by = serializers.ListField(child=serializers.CharField(), help_text="Names of the tasks it waits for")
    version = serializers.IntegerField()


class LaneSerializer(serializers.Serializer[Lane]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    group = serializers.CharField()
    wip_limit = serializers.IntegerField(allow_null=True)
    wip_is_hard = serializers.BooleanField()
    position = serializers.IntegerField()
    count = serializers.IntegerField(help_text="All cards that stand in the column; limits are about these")
    shown = serializers.IntegerField(help_text="Those of them that are here")
    is_over_limit = serializers.BooleanField()
    cards = CardSerializer(many=True)


class SwimlaneSerializer(serializers.Serializer[Swimlane]):
    """One row across the board. A card with several assignees or labels stands in several."""

    key = serializers.CharField(help_text="The person's or label's id, the priority, or `none`")
    name = serializers.CharField()
    shown = serializers.IntegerField()
    columns = LaneSerializer(many=True, help_text="The board's columns with the row's cards")


class BoardSerializer(serializers.Serializer[Board]):
    """The columns from left to right, each with its cards from top to bottom."""

    project = serializers.IntegerField()
    columns = LaneSerializer(many=True)
    swimlanes = SwimlaneSerializer(many=True, required=False, help_text="Only with `swimlane`")


def plain(board: Board) -> dict[str, Any]:
    """What BoardSerializer describes."""
    attached = _Attached()
    cards = {card.id: _card(card, attached) for lane in board.columns for card in lane.cards}
    told: dict[str, Any] = {"project": board.project, "columns": _lanes(board.columns, cards)}
    if board.swimlanes is not None:
        told["swimlanes"] = [
            {"key": row.key, "name": row.name, "shown": row.shown, "columns": _lanes(row.columns, cards)}
            for row in board.swimlanes
        ]
    return told


def _lanes(lanes: tuple[Lane, ...], cards: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": lane.id,
            "name": lane.name,
            "group": lane.group,
            "wip_limit": lane.wip_limit,
            "wip_is_hard": lane.wip_is_hard,
            "position": lane.position,
            "count": lane.count,
            "shown": lane.shown,
            "is_over_limit": lane.is_over_limit,
            "cards": [cards[card.id] for card in lane.cards],
        }
        for lane in lanes
    ]


class _Attached(dict[tuple[Any, ...], Any]):
    """What hangs on cards, as it is answered, each made once: most of it hangs on hundreds of them."""

    def __missing__(self, things: tuple[Any, ...]) -> Any:
        """Of a named tuple a dict, of a tuple of these a list."""
        made = things._asdict() if hasattr(things, "_asdict") else [self[each] for each in things]
        self[things] = made
        return made


def _card(card: Card, attached: _Attached) -> dict[str, Any]:
    return {
        "id": card.id,
        "key": card.key,
        "name": card.name,
        "priority": card.priority,
        "starts_on": _day(card.starts_on),
        "due_on": _day(card.due_on),
        "deadline_on": _day(card.deadline_on),
        "deadline_at": card.deadline_at and _INSTANT.to_representation(card.deadline_at),
        "progress": card.progress,
        "parent": card.parent,
        "is_completed": card.is_completed,
        "assignees": card.assignees,
        "people": attached[card.people],
        "labels": attached[card.labels],
        "checklist": attached[card.checklist],
        "subtasks": attached[card.subtasks],
        "is_blocked": card.is_blocked,
        "blocked_by": list(card.blocked_by),
        "version": card.version,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
