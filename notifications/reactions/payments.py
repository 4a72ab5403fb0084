"""Who is told of payments that did not go as they should."""

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from integrations.activities import PaymentDoubled, PaymentFailed, PaymentOperationFailed, PaymentUnknown
from integrations.activities.payments import OfPayment
from notifications.models import Category
from notifications.reactions.telling import board_of, leaders, tell


@on(PaymentFailed)
def tell_of_a_failed_payment(fact: PaymentFailed, activity: Activity) -> None:
    _tell_who_took(fact, activity, f"{fact.money} for {fact.purpose} was not paid", fact.reason)


@on(PaymentUnknown)
def tell_of_an_unknown_payment(fact: PaymentUnknown, activity: Activity) -> None:
    title = f"It is not known yet whether the {fact.operation} of {fact.money} went through"
    _tell_who_took(fact, activity, title, f"{fact.purpose}. It is being found out; do not repeat it.")


@on(PaymentOperationFailed)
def tell_of_a_failed_operation(fact: PaymentOperationFailed, activity: Activity) -> None:
    title = f"The {fact.operation} of {fact.money} did not happen"
    _tell_who_took(fact, activity, title, f"{fact.purpose}. {fact.reason}")


@on(PaymentDoubled)
def tell_of_a_doubled_payment(fact: PaymentDoubled, activity: Activity) -> None:
    title = f"{fact.money} for {fact.purpose} was paid twice"
    _tell_who_took(fact, activity, title, "It came through after all, when it had been paid anew. Refund one of them.")


def _tell_who_took(fact: OfPayment, activity: Activity, title: str, body: str) -> None:
    people = [fact.taken_by_id] if fact.taken_by_id else leaders()
    url = board_of(int(fact.room.partition(":")[2])) if fact.room.startswith("project:") else "/"
    tell(people, activity, Category.SYSTEM, title=title, body=body, url=url)
