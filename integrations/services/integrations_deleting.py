"""Taking an integration out of the office for good."""

from functools import partial

from django.db import transaction

from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.models import User
from integrations.models import ConsentRequest, Grant, Integration, Status
from integrations.permissions import require_manager
from integrations.services.grants import take_back
from integrations.services.integrations import announce_change
from integrations.services.locking import lock_integration


class PaymentsUndecided(RuleBroken):
    """Only through this integration can be found out what became of ``payments``, or their money be taken or let go."""

    code = "payments_undecided"


@transaction.atomic
def delete_integration(integration: Integration, *, by: User) -> None:
    """Forget all its secrets and people's consents, and use it no more. The row stays for its logs and payments.

    Once that is committed, the vendor is told of the consents, as far as it can be. Raises IntegrationGone, and
    PaymentsUndecided while payments of it are not over.
    """
    require_manager(by)
    lock_integration(integration)
    _refuse_while_money_moves(integration)
    # Rows of their own: they still know the credentials when the vendor is told.
    grants = list(Grant.objects.filter(integration=integration).select_related("integration"))
    save_changes(
        integration,
        {"status": Status.DISABLED, "credentials": integration.seal({}), "deleted_at": clock.now()},
    )
    integration.webhook_secrets.all().delete()
    integration.grants.all().delete()
    ConsentRequest.objects.filter(integration=integration).delete()
    announce_change(integration, "deleted", by=by)
    transaction.on_commit(partial(_take_back_all, grants), robust=True)


def _refuse_while_money_moves(integration: Integration) -> None:
    if moving := list(integration.payments.unsettled().values_list("pk", flat=True)):
        raise PaymentsUndecided(
            "Some payments are not over: what became of them is not known yet, or they can still be taken. "
            "Wait for them, capture them or cancel them.",
            payments=moving,
        )


def _take_back_all(grants: list[Grant]) -> None:
    for grant in grants:
        take_back(grant)
