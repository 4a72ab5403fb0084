from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from estateman.common.api.asking import parsed
from estateman.common.api.conflicts import conflicts
from estateman.people.auth import caller
from tasks import automation, services
from tasks.api.conflicts import ARCHIVED, RULE_GONE, RULE_NAME_TAKEN, STALE
from tasks.api.serializers.automation import (
    AutomationDryRunSerializer,
    AutomationRuleChangeSerializer,
    AutomationRuleSerializer,
    AutomationRunSerializer,
    AutomationTrialSerializer,
    AutomationVocabularySerializer,
    NewAutomationRuleSerializer,
)
from tasks.api.views.access import InProject
from tasks.models import AutomationRule, AutomationRun


class AutomationRuleListView(InProject, generics.ListAPIView[AutomationRule]):
    """The rules that do a project's routine."""

    queryset = AutomationRule.objects.none()
    serializer_class = AutomationRuleSerializer
    page_order = "id"

    def get_queryset(self) -> QuerySet[AutomationRule]:
        return self.project.automation_rules.all()

    @extend_schema(
        request=NewAutomationRuleSerializer,
        responses={201: AutomationRuleSerializer, **conflicts(RULE_NAME_TAKEN, ARCHIVED)},
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Make a rule, which acts in one's own name. A mistake is named by its place, like `actions.0.column`."""
        project, asked = self.project, parsed(NewAutomationRuleSerializer, request)
        rule = services.create_automation_rule(project, **asked, by=caller(request))
        return Response(AutomationRuleSerializer(rule).data, status=status.HTTP_201_CREATED)


class OfRule(InProject, generics.GenericAPIView[AutomationRule]):
    """A view of one rule of a project."""

    queryset = AutomationRule.objects.none()
    serializer_class = AutomationRuleSerializer
    lookup_url_kwarg = "rule_id"

    def get_queryset(self) -> QuerySet[AutomationRule]:
        return self.project.automation_rules.select_related("project", "created_by")


class AutomationRuleView(OfRule, generics.RetrieveAPIView[AutomationRule]):
    """One rule of a project."""

    @extend_schema(
        request=AutomationRuleChangeSerializer,
        responses={200: AutomationRuleSerializer, **conflicts(STALE, RULE_NAME_TAKEN, RULE_GONE, ARCHIVED)},
    )
    def patch(self, request: Request, project_id: int, rule_id: int) -> Response:
        """Change it. Who changes what it does, or switches it on, answers for it: it acts in their name then."""
        rule, changes = self.get_object(), parsed(AutomationRuleChangeSerializer, request, partial=True)
        version = changes.pop("version", None)
        services.change_automation_rule(rule, by=caller(request), changes=changes, version=version)
        return Response(AutomationRuleSerializer(rule).data)

    @extend_schema(responses={204: None, **conflicts(RULE_GONE, ARCHIVED)})
    def delete(self, request: Request, project_id: int, rule_id: int) -> Response:
        """Delete it, with the log of what it did."""
        services.delete_automation_rule(self.get_object(), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AutomationDryRunView(OfRule):
    """Trying a rule out."""

    @extend_schema(request=AutomationDryRunSerializer, responses=AutomationTrialSerializer)
    def post(self, request: Request, project_id: int, rule_id: int) -> Response:
        """What the rule would do were it set off now, or why not. Nothing is kept and nobody is told."""
        rule, asked = self.get_object(), parsed(AutomationDryRunSerializer, request)
        trial = services.try_automation_rule(rule, by=caller(request), task=asked.get("task"))
        return Response(AutomationTrialSerializer(trial).data)


class AutomationRunListView(InProject, generics.ListAPIView[AutomationRun]):
    """What became of a rule's chances to act, the newest first."""

    queryset = AutomationRun.objects.none()
    serializer_class = AutomationRunSerializer
    page_order = "-id"

    def get_queryset(self) -> QuerySet[AutomationRun]:
        rule = generics.get_object_or_404(self.project.automation_rules, pk=self.kwargs["rule_id"])
        return rule.runs.select_related("activity")


class AutomationVocabularyView(APIView):
    """The words that rules are written in."""

    @extend_schema(responses=AutomationVocabularySerializer)
    def get(self, request: Request) -> Response:
        """Triggers, fields, operators, actions and placeholders."""
        return Response(AutomationVocabularySerializer(automation.vocabulary()).data)
