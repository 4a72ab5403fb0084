"""Payments in the admin: to be looked at, and moved through the services."""

from collections.abc import Callable
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from estateman.common.admin import ReadOnly
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from estateman.people.permissions import can_take_payments
from integrations.models import Payment, PaymentOperation
from integrations.money import BadAmount, from_decimal, shown, to_decimal
from integrations.services import payments as services
from integrations.spi import PaymentStatus, ProviderError

UNKNOWN = "unknown"
COLOURS = {
    PaymentStatus.CAPTURED: "success",
    PaymentStatus.AUTHORISED: "info",
    PaymentStatus.PARTIALLY_REFUNDED: "warning",
    PaymentStatus.REFUNDED: "warning",
    PaymentStatus.FAILED: "danger",
    UNKNOWN: "danger",
}
Move = Callable[[Payment, "MoveForm", User], Payment]


class MoveForm(forms.Form):
    """How much is to be moved. ``key`` came with the page: pressing the button twice moves it once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.CharField(required=False, max_length=20, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment

    def clean_amount(self) -> int | None:
        """In the smallest unit; None for all there is."""
        text = self.cleaned_data["amount"].strip()
        if not text:
            return None
        try:
            amount = from_decimal(text, self.payment.currency)
        except BadAmount as error:
            raise forms.ValidationError(str(error)) from None
        if amount <= 0:
            raise forms.ValidationError("Write an amount above zero.")
        return amount


def _capture(payment: Payment, form: MoveForm, by: User) -> Payment:
    return services.capture_payment(payment, amount_minor=form.cleaned_data["amount"], key=_key(form), by=by)


def _cancel(payment: Payment, form: MoveForm, by: User) -> Payment:
    return services.cancel_payment(payment, key=_key(form), by=by)


def _refund(payment: Payment, form: MoveForm, by: User) -> Payment:
    return services.refund_payment(payment, amount_minor=form.cleaned_data["amount"], key=_key(form), by=by)


def _refresh(payment: Payment, form: MoveForm, by: User) -> Payment:
    now = services.refresh_payment(payment)
    services.capture_approved(now)
    now.refresh_from_db()
    return now


def _key(form: MoveForm) -> str:
    return f"admin:{form.cleaned_data['key']}"


MOVES: dict[str, Move] = {"capture": _capture, "cancel": _cancel, "refund": _refund, "refresh": _refresh}


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    """Nobody edits what was paid; the buttons below it ask the provider."""

    list_display = ("created_at", "money", "state", "purpose", "room", "integration", "by")
    list_filter = ("status", "is_unknown", "provider", "integration", "is_live", ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("integration", "by")
    search_fields = ("invoice", "description", "ref", "receipt_email", "room")
    ordering = ("-pk",)
    readonly_fields = ("money", "captured", "refunded", "stands")
    fieldsets = (
        (None, {"fields": ("money", "captured", "refunded", "stands", "failure")}),
        ("What for", {"fields": ("description", "invoice", "room", "by", "created_at", "captured_at")}),
        ("The payer", {"fields": ("method", "receipt_email", "action_url", "receipt_url")}),
        ("The provider", {"fields": ("integration", "ref", "is_live", "read_at", "idempotency_key")}),
    )
    change_form_outer_before_template = "integrations/admin/payment_moves.html"
    change_form_outer_after_template = "integrations/admin/payment_operations.html"

    @admin.display(description="Amount", ordering="amount_minor")
    def money(self, payment: Payment) -> str:
        return shown(payment.amount_minor, payment.currency)

    @admin.display(description="For")
    def purpose(self, payment: Payment) -> str:
        return payment.purpose_words

    @admin.display(description="Captured")
    def captured(self, payment: Payment) -> str:
        return shown(payment.captured_minor, payment.currency)

    @admin.display(description="Refunded")
    def refunded(self, payment: Payment) -> str:
        return shown(payment.refunded_minor, payment.currency)

    @display(  # type: ignore[untyped-decorator]  # unfold has no types
        description="Status", ordering="status", label=COLOURS
    )
    def state(self, payment: Payment) -> tuple[str, str]:
        return UNKNOWN if payment.is_unknown else payment.status, self.stands(payment)

    @admin.display(description="Status")
    def stands(self, payment: Payment) -> str:
        unknown = "; what came of the last call is not known yet" if payment.is_unknown else ""
        return payment.get_status_display() + unknown

    def get_urls(self) -> list[URLPattern]:
        move = require_POST(self.admin_site.admin_view(self.move_view))
        own = [path("<int:pk>/<slug:verb>/now/", move, name="integrations_payment_move")]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        payment = self.get_object(request, object_id)
        more = {"payment_facts": _facts(payment)} if payment else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})
        return page

    def move_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """What a button asks for."""
        payment = self.get_object(request, str(pk))
        if payment is None or verb not in MOVES or not self.has_view_permission(request, payment):
            raise Http404
        self._move(request, payment, verb)
        return redirect("admin:integrations_payment_change", pk)

    def _move(self, request: HttpRequest, payment: Payment, verb: str) -> None:
        by = cast(User, request.user)
        if not can_take_payments(by):
            raise PermissionDenied
        form = MoveForm(request.POST, payment=payment)
        if not form.is_valid():
            told = "; ".join(str(text) for texts in form.errors.values() for text in texts)
            self.message_user(request, told, messages.ERROR)
            return
        try:
            now = MOVES[verb](payment, form, by)
        except (RuleBroken, ProviderError) as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _told(now), messages.WARNING if now.is_unknown else messages.SUCCESS)


def _told(payment: Payment) -> str:
    if payment.is_unknown:
        return "The provider did not say what came of it. It is being found out; do not repeat it."
    return f"The payment is {payment.get_status_display()}."


def _facts(payment: Payment) -> dict[str, Any]:
    """What stands under the payment: what may be done with it, and what was."""
    most = {"capture": payment.capturable_minor, "refund": payment.refundable_minor}
    buttons = [
        {
            "title": verb.capitalize(),
            "url": reverse("admin:integrations_payment_move", args=[payment.pk, verb]),
            "most": to_decimal(most[verb], payment.currency) if verb in most else "",
            "form": MoveForm(initial={"key": uuid4()}, payment=payment),
        }
        for verb in [*payment.can, "refresh"]
    ]
    return {"payment": payment, "buttons": buttons, "operations": _table(payment.operations.order_by("-pk"))}


def _table(operations: QuerySet[PaymentOperation]) -> dict[str, Any]:
    rows = [
        [
            one.created_at.strftime("%d %b %Y %H:%M:%S UTC"),
            capfirst(one.get_kind_display()),
            "" if one.amount_minor is None else shown(one.amount_minor, one.payment.currency),
            one.get_state_display(),
            str(one.by or ""),
            one.error[:200],
        ]
        for one in operations.select_related("payment", "by")
    ]
    return {"headers": ["At", "What", "Amount", "Outcome", "By", "Why"], "rows": rows}
