"""Money: taken, let go, given back. For the office's leaders and its coordinators."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.common.api.idempotency import idempotent
from estateman.people.auth import caller
from estateman.people.permissions import can_take_payments
from integrations.api import payment_conflicts as refusals
from integrations.api.errors import provider_errors_answered
from integrations.api.filters import PaymentFilter
from integrations.api.serializers import payments as serializers
from integrations.models import Payment, PaymentOperation
from integrations.services import payments as services

_KEY = OpenApiParameter("Idempotency-Key", str, "header", required=True)
_UNKNOWN = "202: the provider did not say what came of it. It is being found out; look at the payment again."
_PAYMENT = serializers.PaymentSerializer
_NEW = {
    "amount_minor": 250000,
    "currency": "USD",
    "project": 12,
    "invoice": "2026-114",
    "description": "Earnest money, 14 Lighthouse Road",
    "method": "pm_1Nx…",
    "receipt_email": "buyer@example.com",
}


class TakesPayments(BasePermission):
    """On collections 403; one payment is found through the user, so that strangers get 404."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return "pk" in view.kwargs or can_take_payments(caller(request))


class PaymentViewSet(GenericViewSet[Payment]):
    permission_classes = (IsAuthenticated, TakesPayments)
    throttle_scope = "send"
    queryset = Payment.objects.none()
    serializer_class = serializers.PaymentSerializer
    filterset_class = PaymentFilter
    page_orders = ("id", "created_at", "amount_minor")

    def get_queryset(self) -> QuerySet[Payment]:
        return Payment.objects.visible_to(self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whoever may not see the payment is told so before their key is written down."""
        super().initial(request, *args, **kwargs)
        if "pk" in kwargs:
            self.payment = self.get_object()

    @extend_schema(summary="Payments, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(_PAYMENT(page, many=True).data)

    @extend_schema(
        summary="Take a payment",
        description=(
            "Asks one gateway, and never another after it. The same key again answers the same, and charges nothing; "
            f"of one purpose (an invoice of a deal) one payment is alive at a time. {_UNKNOWN}"
        ),
        parameters=[_KEY],
        request=serializers.NewPaymentSerializer,
        responses={201: _PAYMENT, 202: _PAYMENT, **conflicts(*refusals.PROCESS)},
        examples=[OpenApiExample("For an invoice of a deal", request_only=True, value=_NEW)],
    )
    @idempotent(required=True)
    def process(self, request: Request) -> Response:
        values = parsed(serializers.NewPaymentSerializer, request)
        with provider_errors_answered():
            payment = services.process_payment(
                _order(values), key=request.headers["Idempotency-Key"], by=caller(request)
            )
        return _answer(payment, status.HTTP_201_CREATED)

    @extend_schema(
        summary="One payment, with all that was asked of the provider",
        responses=serializers.PaymentWithOperationsSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(serializers.PaymentWithOperationsSerializer(self.payment).data)

    @extend_schema(
        summary="Take what is held, or part of it",
        description=_UNKNOWN,
        parameters=[_KEY],
        request=serializers.PartSerializer,
        responses={200: _PAYMENT, 202: _PAYMENT, **conflicts(*refusals.CAPTURE)},
        examples=[OpenApiExample("Part of it", request_only=True, value={"amount_minor": 100000})],
    )
    @idempotent(required=True)
    def capture(self, request: Request, pk: int) -> Response:
        part = parsed(serializers.PartSerializer, request)
        return _answer(services.capture_payment(self.payment, **part, **_who(request)))

    @extend_schema(
        summary="Let go of what was not captured",
        description=_UNKNOWN,
        parameters=[_KEY],
        request=None,
        responses={200: _PAYMENT, 202: _PAYMENT, **conflicts(*refusals.CANCEL)},
    )
    @idempotent(required=True)
    def cancel(self, request: Request, pk: int) -> Response:
        return _answer(services.cancel_payment(self.payment, **_who(request)))

    @extend_schema(
        summary="Give it back, or part of it",
        description=f"There may be several, until all is given back. {_UNKNOWN}",
        parameters=[_KEY],
        request=serializers.PartSerializer,
        responses={200: _PAYMENT, 202: _PAYMENT, **conflicts(*refusals.REFUND)},
        examples=[OpenApiExample("Part of it", request_only=True, value={"amount_minor": 100000})],
    )
    @idempotent(required=True)
    def refund(self, request: Request, pk: int) -> Response:
        part = parsed(serializers.PartSerializer, request)
        return _answer(services.refund_payment(self.payment, **part, **_who(request)))

    @extend_schema(
        summary="The receipt of a payment",
        description="Amounts are decimals, as text.",
        responses={200: serializers.ReceiptSerializer, **conflicts(refusals.NOTHING_PAID)},
    )
    def receipt(self, request: Request, pk: int) -> Response:
        return Response(serializers.ReceiptSerializer(services.receipt_of(self.payment)).data)


def _order(values: dict[str, Any]) -> services.PaymentOrder:
    project, captures_at_once = values.pop("project", None), values.pop("capture")
    room = f"project:{project}" if project else ""
    return services.PaymentOrder(**values, room=room, captures_at_once=captures_at_once)


def _who(request: Request) -> dict[str, Any]:
    """Keys of requests never meet those that the admin and the jobs choose."""
    return {"key": f"api:{request.headers['Idempotency-Key']}", "by": caller(request)}


def _answer(payment: Payment, settled: int = status.HTTP_200_OK) -> Response:
    """202 while a call about it is not decided."""
    is_open = payment.operations.filter(state__in=PaymentOperation.UNDECIDED).exists()
    return Response(_PAYMENT(payment).data, status=status.HTTP_202_ACCEPTED if is_open else settled)
