from typing import ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, CYCLE, DATE_RULE_GONE, KEY_DATE_GONE, TOO_LONG
from tasks.api.serializers.key_dates import (
    DateRuleChangeSerializer,
    DateRuleSerializer,
    NewDateRuleSerializer,
    PreviewSerializer,
    RuledSerializer,
)
from tasks.api.views.access import InProject, OfTask
from tasks.models import KeyDate, Task

_BEFORE_CLOSING = OpenApiExample(
    "Three TRID business days before closing",
    {"days": 3, "direction": "before", "after_key_date": 12, "profile": 8},
    request_only=True,
)


class _RuleView(APIView):
    """The rule that hangs a day off another one."""

    target: ClassVar[property]

    @extend_schema(responses=DateRuleSerializer)
    def get(self, request: Request, **ids: int) -> Response:
        """How its day is counted; 404 where it hangs off nothing."""
        rule = services.rule_of(self.target)
        if rule is None:
            raise Http404
        return Response(DateRuleSerializer(rule).data)

    @extend_schema(
        request=NewDateRuleSerializer,
        parameters=[PreviewSerializer],
        responses={200: RuledSerializer, **conflicts(CYCLE, KEY_DATE_GONE, TOO_LONG, ARCHIVED)},
        examples=[_BEFORE_CLOSING],
    )
    def put(self, request: Request, **ids: int) -> Response:
        """Let it follow another day, by a rule in place of any that it has; with ``preview`` only say what changes."""
        target, asked = self.target, parsed(NewDateRuleSerializer, request)
        ruled = services.set_date_rule(target, **asked, **queried(PreviewSerializer, request), by=caller(request))
        return Response(RuledSerializer(ruled._asdict()).data)

    @extend_schema(
        request=DateRuleChangeSerializer,
        parameters=[PreviewSerializer],
        responses={200: RuledSerializer, **conflicts(DATE_RULE_GONE, KEY_DATE_GONE, TOO_LONG, ARCHIVED)},
    )
    def patch(self, request: Request, **ids: int) -> Response:
        """Another number of days in this deal (an addendum), or whether a person says the day instead."""
        target, changes = self.target, parsed(DateRuleChangeSerializer, request, partial=True)
        asked = queried(PreviewSerializer, request)
        ruled = services.change_date_rule(target, changes=changes, by=caller(request), **asked)
        return Response(RuledSerializer(ruled._asdict()).data)

    @extend_schema(responses={200: RuledSerializer, **conflicts(KEY_DATE_GONE, TOO_LONG, ARCHIVED)})
    def delete(self, request: Request, **ids: int) -> Response:
        """Let it hang off nothing: it stays on its day, and a task goes by its schedule from there."""
        ruled = services.remove_date_rule(self.target, by=caller(request))
        return Response(RuledSerializer(ruled._asdict()).data)


class TaskRuleView(OfTask, _RuleView):
    """The rule of a task's day."""

    @property
    def target(self) -> Task:
        return self.task


class KeyDateRuleView(InProject, _RuleView):
    """The rule of a key date's day."""

    @property
    def target(self) -> KeyDate:
        return get_object_or_404(self.project.key_dates.select_related("project"), pk=self.kwargs["key_date_id"])
