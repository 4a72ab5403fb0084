"""What every page's frame shows."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from estateman.people.models import User
from estateman.people.permissions import leads_office
from notifications.models import UserStream
from notifications.services import unread_count


class Shell:
    """The frame of one person's pages; each part is read when a template asks for it, and only then."""

    def __init__(self, user: User) -> None:
        self._user = user

    @cached_property
    def unread(self) -> int:
        return unread_count(self._user.pk)

    @property
    def leads(self) -> bool:
        """Whether the pages of the office's leaders are theirs."""
        return leads_office(self._user)

    @cached_property
    def _stream(self) -> UserStream | None:
        return UserStream.objects.filter(user=self._user).first()

    @property
    def epoch(self) -> str:
        """Where the person's stream stood before the page was read: its socket goes on from there."""
        return str(self._stream.epoch) if self._stream else ""

    @property
    def seq(self) -> int:
        return self._stream.last_seq if self._stream else 0


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame for signed-in people; nothing for strangers."""
    user = getattr(request, "user", None)
    return {"shell": Shell(user)} if isinstance(user, User) else {}
