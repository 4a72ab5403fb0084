"""What the lists may be narrowed by."""

from django_filters import rest_framework as filters

from integrations.models import IntegrationLog


class IntegrationLogFilter(filters.FilterSet):
    ok = filters.TypedChoiceFilter(
        choices=[("true", "worked"), ("false", "failed")], coerce=lambda word: word == "true"
    )
    operation = filters.CharFilter()
    since = filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")

    class Meta:
        model = IntegrationLog
        fields = ("ok", "operation", "since")
