"""Who is told when the connections to the outside fail."""

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from integrations.activities import (
    ConsentEnded,
    HealthChanged,
    IntegrationDisabled,
    IntegrationFailed,
    MessageFailed,
    SubscriptionDisabled,
    WebhookDied,
)
from notifications.models import Category
from notifications.reactions.telling import admins, leaders, tell


@on(IntegrationFailed)
def alert_the_admins(fact: IntegrationFailed, activity: Activity) -> None:
    url = f"/admin/integrations/integration/{fact.integration_id}/change/"
    tell(admins(), activity, Category.SYSTEM, title=f"{fact.name} is failing", body=fact.detail, url=url)


@on(MessageFailed)
def tell_the_sender(fact: MessageFailed, activity: Activity) -> None:
    """Whoever had an e-mail or a text sent that did not arrive, or was called spam."""
    if fact.sender_id:
        title = f"{'SMS' if fact.channel == 'sms' else 'E-mail'} to {fact.to}: {fact.outcome}"[:200]
        tell([fact.sender_id], activity, Category.SYSTEM, title=title, body=fact.reason, url="/")


@on(HealthChanged)
def tell_of_health(fact: HealthChanged, activity: Activity) -> None:
    change = "is not well" if fact.fell else "is better"
    title, body = f"{fact.name} {change}: {fact.score} of 100", fact.reason
    tell(leaders(), activity, Category.SYSTEM, title=title, body=body, url="/integrations/health")


@on(IntegrationDisabled)
def tell_of_a_disabled_integration(fact: IntegrationDisabled, activity: Activity) -> None:
    body = f"{fact.because} Repair it, then test it: a pass puts it back to use."
    tell(leaders(), activity, Category.SYSTEM, title=f"{fact.name} was disabled", body=body, url="/integrations/health")


@on(SubscriptionDisabled)
def tell_of_a_disabled_subscription(fact: SubscriptionDisabled, activity: Activity) -> None:
    people = {*admins(), *((fact.owner_id,) if fact.owner_id else ())}
    url = f"/admin/integrations/webhooksubscription/{fact.subscription_id}/change/"
    title = f"Webhooks to {fact.name} were switched off"
    tell(people, activity, Category.SYSTEM, title=title, body=fact.reason, url=url)


@on(WebhookDied)
def tell_of_a_dead_webhook(fact: WebhookDied, activity: Activity) -> None:
    """Of many that are given up together, each admin hears once an hour."""
    title, body = f"{fact.event_kind} from {fact.name} was given up", fact.detail
    url = f"/admin/integrations/webhookevent/{fact.event_id}/change/"
    cause = f"webhook.dead:{fact.integration_id}:{activity.at:%Y-%m-%dT%H}"
    tell(admins(), activity, Category.SYSTEM, title=title, body=body, url=url, dedupe_key=cause)


@on(ConsentEnded)
def ask_to_connect_again(fact: ConsentEnded, activity: Activity) -> None:
    title, body = (
        f"Connect {fact.name} again",
        "It no longer accepts what you once allowed, so your account there rests.",
    )
    url = f"/admin/integrations/integration/{fact.integration_id}/change/"
    tell([fact.user_id], activity, Category.SYSTEM, title=title, body=body, url=url)
