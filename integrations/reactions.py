"""What integrations do about what happens: whoever subscribed to it is told."""

from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.common.rooms import may_enter, rooms_of
from estateman.people.models import User
from integrations import services
from integrations.activities import PaymentCaptured
from integrations.jobs import messages
from integrations.jobs import subscriptions as jobs
from integrations.models import Payment, SubscriptionDelivery, WebhookSubscription
from integrations.permissions import may_be_told
from integrations.services.payments import queue_receipt
from integrations.services.subscriptions import OWNER_LEFT
from integrations.subscriptions.bodies import body_of
from integrations.subscriptions.kinds import is_wanted, tellable_kinds

Happened = Sequence[tuple[Fact, Activity]]
Actors = Mapping[int | None, dict[str, object]]
FEW_ROOMS = 5
"""So many are asked for one by one; of more, it is cheaper to know all that somebody may enter."""


@on(batch=True)
def tell_subscribers(happened: Happened) -> None:
    """One delivery for each subscription that wants to hear of it and whose owner may see it."""
    kinds = tellable_kinds()
    told = [each for each in happened if each[1].kind in kinds]
    listening = _listening(told)
    if not listening:
        return
    rooms = {room for fact, _ in told for room in fact.rooms()}
    open_rooms = {owner: _open_rooms(owner, rooms) for owner in dict.fromkeys(owner for _, owner in listening)}
    actors = _actors(told)
    deliveries = [each for one, owner in listening for each in _deliveries(one, told, open_rooms[owner], actors)]
    # What was queued before stays as it is.
    SubscriptionDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    transaction.on_commit(jobs.wake)


@on(PaymentCaptured)
def send_the_receipt(fact: PaymentCaptured, activity: Activity) -> None:
    """To the payer who left an address, once for each payment."""
    payment = Payment.objects.get(pk=fact.payment_id)
    if payment.receipt_email:
        queue_receipt(payment)
        transaction.on_commit(messages.wake)


def _listening(told: Happened) -> list[tuple[WebhookSubscription, User]]:
    """The subscriptions that want to hear any of it, with their owners; those whose owner left are disabled."""
    if not told:
        return []
    listening, found = [], {activity.kind for _, activity in told}
    for one in WebhookSubscription.objects.filter(is_active=True).select_related("owner").order_by("pk"):
        if not any(is_wanted(one.kinds, kind) for kind in found):
            continue
        if one.owner is not None and may_be_told(one.owner):
            listening.append((one, one.owner))
        else:
            services.disable_subscription(one, reason=OWNER_LEFT)
    return listening


def _deliveries(
    subscription: WebhookSubscription, told: Happened, open_rooms: set[str], actors: Actors
) -> Iterator[SubscriptionDelivery]:
    for fact, activity in told:
        if not is_wanted(subscription.kinds, activity.kind):
            continue
        if rooms := open_rooms.intersection(fact.rooms()):
            body = body_of(activity, actor=actors.get(activity.actor_id), rooms=rooms)
            yield SubscriptionDelivery(
                subscription=subscription,
                owner_id=subscription.owner_id,
                activity=activity,
                kind=activity.kind,
                body=body,
            )


def _open_rooms(owner: User, rooms: set[str]) -> set[str]:
    if len(rooms) <= FEW_ROOMS:
        return {room for room in rooms if may_enter(owner, room)}
    return rooms.intersection(rooms_of(owner))


def _actors(happened: Happened) -> Actors:
    ids = {activity.actor_id for _, activity in happened if activity.actor_id}
    users = User.objects.filter(pk__in=ids) if ids else ()
    return {user.pk: {"id": user.pk, "name": str(user)} for user in users}
