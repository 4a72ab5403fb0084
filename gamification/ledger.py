"""A member's account: locked, then paid into or taken back from. Balances move with the entries."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet, Sum

from estateman.people.models import User
from gamification.models import ActivityEvent, Award, Balance, Currency, LedgerEntry


class Account:
    """What a member has, while a transaction holds it; get it from ``account_of``."""

    def __init__(self, member: User) -> None:
        self.member = member
        self._balances = _locked_balances(member)
        self._pending: list[LedgerEntry] = []

    @property
    def score(self) -> int:
        return self._balances[Currency.SCORE].available

    def pay_event(self, event: ActivityEvent, points: int) -> None:
        """Points for an event, in each currency."""
        self._pay(points, kind=LedgerEntry.Kind.ACTIVITY, key=f"event:{event.pk}", event=event)

    def pay_award(self, award: Award, points: int, *, event: ActivityEvent) -> None:
        """Points for the award that ``event`` earned. Earned anew (``seq``), it pays anew."""
        key = f"award:{award.pk}:{award.seq}"
        kind = LedgerEntry.Kind.ACHIEVEMENT
        self._pay(points, kind=kind, key=key, event=event, award=award)

    def take_back(self, entries: QuerySet[LedgerEntry], *, event: ActivityEvent) -> None:
        """Mirror those of ``entries`` that still stand, because of the reversal ``event``."""
        standing = entries.filter(reversed_by=None).exclude(kind=LedgerEntry.Kind.REVERSAL)
        self._pending += [
            LedgerEntry(
                member=self.member,
                currency=entry.currency,
                amount=-entry.amount,
                kind=LedgerEntry.Kind.REVERSAL,
                key=f"reversal:{entry.pk}",
                reverses=entry,
                event=event,
                award_id=entry.award_id,
            )
            for entry in standing.order_by("pk")
        ]

    def _pay(self, points: int, *, key: str, **about: object) -> None:
        if points:
            self._pending += [
                LedgerEntry(
                    member=self.member,
                    currency=currency,
                    amount=points,
                    key=f"{key}:{currency.value}",
                    **about,
                )
                for currency in Currency
            ]

    def post(self) -> None:
        """Write what is pending, and the balances that it moves."""
        for entry in LedgerEntry.objects.bulk_create(self._pending):
            balance = self._balances[Currency(entry.currency)]
            balance.available += entry.amount
            balance.lifetime += entry.amount
        if self._pending:
            self._save_balances()
        self._pending = []

    def rebuild(self) -> None:
        """Set the balances to what the ledger says."""
        entries = LedgerEntry.objects.filter(member=self.member).order_by()
        sums = dict(entries.values_list("currency").annotate(total=Sum("amount")))
        for currency, balance in self._balances.items():
            balance.available = balance.lifetime = sums.get(currency.value, 0)
        self._save_balances()

    def _save_balances(self) -> None:
        Balance.objects.bulk_update(self._balances.values(), ["available", "lifetime"])


@contextmanager
def account_of(member: User) -> Iterator[Account]:
    """The account of ``member``, locked until the caller's transaction ends; posts on leaving.

    While it is held nothing else counts for this member. Take several members' in the order of
    their ids.
    """
    account = Account(member)
    yield account
    account.post()


def _locked_balances(member: User) -> dict[Currency, Balance]:
    mine = Balance.objects.filter(member=member).order_by("currency").select_for_update()
    kept = list(mine)
    if len(kept) < len(Currency):
        opened = [Balance(member=member, currency=currency.value) for currency in Currency]
        Balance.objects.bulk_create(opened, ignore_conflicts=True)
        kept = list(mine.all())
    return {Currency(balance.currency): balance for balance in kept}
