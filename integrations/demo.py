"""What the demo agency has of integrations."""

from collections.abc import Mapping

from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations.models import Integration, Mode
from integrations.services import create_integration

POST_OFFICE = "Demo post office"


def load_integrations(*, staff: Mapping[str, User]) -> None:
    """A post office that delivers nothing; loading it again changes nothing.

    ``staff`` by name; one of them must manage integrations.
    """
    if Integration.objects.existing().filter(name=POST_OFFICE).exists():
        return
    by = next(user for user in staff.values() if can_manage_integrations(user))
    create_integration(provider="sandbox", name=POST_OFFICE, config={}, credentials={}, mode=Mode.SANDBOX, by=by)
