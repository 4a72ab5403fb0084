"""An integration that is held, so that nobody deletes or changes it meanwhile."""

from estateman.common.errors import RuleBroken
from integrations.models import Integration


class IntegrationGone(RuleBroken):
    """It was deleted, and its credentials with it: nothing goes through it any more."""

    code = "integration_gone"


def lock_integration(integration: Integration) -> None:
    """Hold it until the transaction ends, as it stands now. Raises IntegrationGone.

    Whoever locks a payment too does that first. The lock leaves the row's key alone, so that those who only refer to
    the integration, like its log, do not wait.
    """
    integration.refresh_from_db(from_queryset=Integration.objects.select_for_update(no_key=True))
    if integration.deleted_at:
        raise IntegrationGone(
            f"{integration} was deleted, and its credentials with it: nothing goes through it any more."
        )
