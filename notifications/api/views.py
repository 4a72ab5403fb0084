import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed
from estateman.common.api.lists import whole_list, whole_list_of
from estateman.people.auth import caller, credential_of
from estateman.people.models import User
from notifications import services
from notifications.api.serializers import (
    DeliverySerializer,
    NotificationSerializer,
    PreferencesSerializer,
    ReadAllSerializer,
    TicketSerializer,
    UnreadCountSerializer,
)
from notifications.models import Category, Delivery, Notification, NotificationQuerySet, UserStream


class NotificationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=[("unread", "unread"), ("read", "read")], method="filter_state")
    category = django_filters.ChoiceFilter(choices=Category.choices)
    after_seq = django_filters.NumberFilter(field_name="seq", lookup_expr="gt", min_value=0, max_value=2**63 - 1)

    class Meta:
        model = Notification
        fields = ("state", "category", "after_seq")

    def filter_state(self, rows: NotificationQuerySet, name: str, value: str) -> NotificationQuerySet:
        return rows.filter(read_at__isnull=value == "unread")


class NotificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Notification]):
    """My inbox."""

    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    page_order = "-seq"
    page_orders = ("seq",)
    lookup_value_regex = r"\d+"
    queryset = Notification.objects.none()

    def get_queryset(self) -> NotificationQuerySet:
        return Notification.objects.for_user(caller(self.request)).select_related("actor")

    @extend_schema(responses=UnreadCountSerializer)
    @action(detail=False, url_path="unread-count", pagination_class=None, filterset_class=None)
    def unread_count(self, request: Request) -> Response:
        """How many of mine are unread."""
        return Response(_unread(caller(request)))

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Mark one as read."""
        services.mark_read(caller(request), ids=[self.get_object().pk])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, pk: str) -> Response:
        """Mark one as not read yet."""
        services.mark_unread(caller(request), ids=[self.get_object().pk])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=ReadAllSerializer, responses=UnreadCountSerializer)
    @action(detail=False, methods=["put"], url_path="read-all", filterset_class=None)
    def read_all(self, request: Request) -> Response:
        """Mark everything as read, or everything up to ``upto_seq``."""
        services.mark_all_read(caller(request), **parsed(ReadAllSerializer, request))
        return Response(_unread(caller(request)))

    @extend_schema(responses=whole_list_of("Deliveries", DeliverySerializer(many=True)))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def deliveries(self, request: Request, pk: str) -> Response:
        """Where one notification went beside the inbox, and what became of it."""
        rows = Delivery.objects.filter(notification=self.get_object()).order_by("pk")
        return whole_list(DeliverySerializer(rows, many=True).data)


def _unread(user: User) -> dict[str, int]:
    stream = UserStream.objects.filter(user=user).first()
    return {"unread": services.unread_count(user.pk), "seq": stream.last_seq if stream else 0}


class PreferencesView(APIView):
    """Which categories I want over which channels."""

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """Every category with every channel."""
        return Response({"preferences": services.preferences(caller(request))})

    @extend_schema(request=PreferencesSerializer, responses=PreferencesSerializer)
    def post(self, request: Request) -> Response:
        """Change those that are named; the others stay."""
        given = parsed(PreferencesSerializer, request)["preferences"]
        pairs = {(category, channel): is_on for category, row in given.items() for channel, is_on in row.items()}
        services.set_preferences(caller(request), choices=pairs)
        return self.get(request)


class TicketView(APIView):
    """Passes for sockets of pages that can't send our cookie or a header."""

    @extend_schema(request=None, responses={201: TicketSerializer})
    def post(self, request: Request) -> Response:
        """A ticket that opens one socket, once, within 30 seconds."""
        credential = credential_of(request)
        if credential is None:
            raise AuthenticationFailed
        ticket = services.issue_ticket(caller(request), credential=credential)
        life = int(services.TICKET_LIFE.total_seconds())
        return Response({"ticket": ticket, "expires_in_seconds": life}, status=status.HTTP_201_CREATED)
