"""The shape of what can be announced: frozen dataclasses of plain values, one per kind of activity."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

_kinds: dict[str, type["Fact"]] = {}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. Subclass it once per kind: ``class TaskCompleted(Fact, kind="task.completed")``.

    Fields are plain JSON values (numbers, text, booleans, None, tuples of them): they are stored as they are, and a
    field added later needs a default so that older rows can still be read.
    """

    kind: ClassVar[str]
    by_id: int | None
    """The user who did it; None when a clock or the outside world did."""

    def __init_subclass__(cls, *, kind: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if (known := _kinds.get(kind)) and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{kind} is already announced as {known.__qualname__}")
        cls.kind = kind
        _kinds[kind] = cls

    def rooms(self) -> tuple[str, ...]:
        """The rooms that may see it, in the feed and live."""
        return ()

    def sentence(self) -> str:
        """What the feed says, without the actor: "completed Order the sign"."""
        raise NotImplementedError

    def payload(self) -> dict[str, Any]:
        """All fields but the actor, as stored."""
        return {name: value for name, value in asdict(self).items() if name != "by_id"}

    @classmethod
    def from_payload(cls, payload: dict[str, Any], *, by_id: int | None) -> Self:
        """The fact as announced. Raises TypeError when the stored fields no longer fit."""
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in payload.items()}
        return cls(by_id=by_id, **plain)


def fact_class(kind: str) -> type[Fact] | None:
    """The dataclass of a stored kind; None when this version no longer knows it."""
    return _kinds.get(kind)


def known_kinds() -> dict[str, type[Fact]]:
    """Every kind that can be announced, by name."""
    return dict(sorted(_kinds.items()))
