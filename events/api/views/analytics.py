from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import queried
from estateman.people.auth import caller
from events.analytics import figures
from events.api.serializers.analytics import AnalyticsQuerySerializer, EventFiguresSerializer
from events.models import Access, Calendar


class AnalyticsView(APIView):
    @extend_schema(parameters=[AnalyticsQuerySerializer], responses=EventFiguresSerializer)
    def get(self, request: Request) -> Response:
        """Who came, what was booked, what was kept in step and who was reminded, from `from` until before `to`.

        Of the calendars that I manage; for the office's leaders that is all.
        """
        asked = queried(AnalyticsQuerySerializer, request)
        calendars = Calendar.objects.visible_to(caller(request), at_least=Access.MANAGE)
        if calendar := asked.get("calendar"):
            calendars = calendars.filter(pk=calendar.pk)
        return Response(EventFiguresSerializer(figures(calendars, asked["from"], asked["to"])).data)
