"""Who may see what. Scores and awards are the office's to see; a ledger is its member's."""

from estateman.people.models import User
from estateman.people.permissions import leads_office


def can_read_ledger(user: User, member_id: int) -> bool:
    return user.pk == member_id or leads_office(user)
