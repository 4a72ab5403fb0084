"""Plans that come and go as files."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from estateman.common.api.asking import parsed, queried
from estateman.common.api.conflicts import ConflictSerializer, conflicts
from estateman.common.api.downloads import written
from estateman.common.api.negotiation import AnyAnswerWillDo
from estateman.common.api.parsing import FileParser, HouseJSONParser
from estateman.people.auth import caller
from tasks import services
from tasks.api.conflicts import ARCHIVED, CYCLE, FULL, KEY_TAKEN, TOO_LONG
from tasks.api.serializers.plans import ExportQuerySerializer, ImportedSerializer, PlanSerializer
from tasks.api.views.access import InProject
from tasks.exchange.csv_plan import read_csv, write_csv
from tasks.exchange.mspdi import read_mspdi
from tasks.exchange.plan import PlanFile, Unreadable, as_json
from tasks.exporting import ics_of, mspdi_of, plan_file
from tasks.models import Project

_PLAN = OpenApiExample(
    "Three tasks",
    {
        "tasks": [
            {"key": "photos", "name": "Photos and floor plan", "duration_days": 2},
            {"key": "copy", "name": "Write the listing text", "duration_days": 3},
            {"key": "live", "name": "Go live", "duration_days": 0},
        ],
        "dependencies": [
            {"predecessor": "photos", "successor": "copy", "type": "FF"},
            {"predecessor": "copy", "successor": "live", "type": "FS", "lag_days": 1},
        ],
    },
    request_only=True,
    media_type="application/json",
)
_CSV, _XML = "text/csv", "application/xml"


class CsvParser(FileParser):
    media_type = _CSV


class XmlParser(FileParser):
    media_type = _XML


class ImportView(InProject):
    """A plan taken in from a file."""

    parser_classes = (HouseJSONParser, CsvParser, XmlParser)

    @extend_schema(
        request={
            "application/json": PlanSerializer,
            _CSV: OpenApiTypes.STR,
            _XML: OpenApiTypes.STR,
        },
        responses={
            201: ImportedSerializer,
            413: OpenApiResponse(ConflictSerializer, description="Longer than 8 MiB (`too_large`)"),
            **conflicts(KEY_TAKEN, CYCLE, FULL, TOO_LONG, ARCHIVED),
        },
        examples=[_PLAN],
    )
    def post(self, request: Request, project_id: int) -> Response:
        """Add the tasks of a plan and what they wait for: all of it, or nothing.

        As JSON, as CSV with a header of the same names, or as XML of MS Project (MSPDI).
        """
        project = self.project
        done = services.import_plan(project, plan=_plan(request), by=caller(request))
        return Response(ImportedSerializer(done).data, status=status.HTTP_201_CREATED)


class ExportView(InProject):
    """A project's plan as a file."""

    content_negotiation_class = AnyAnswerWillDo

    @extend_schema(
        parameters=[ExportQuerySerializer],
        responses={
            (200, "application/json"): PlanSerializer,
            (200, _CSV): OpenApiTypes.STR,
            (200, "text/calendar"): OpenApiTypes.STR,
            (200, _XML): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, project_id: int) -> HttpResponse:
        """As JSON or CSV, which an import takes in again; for MS Project and its like; or for a calendar."""
        project, form = self.project, queried(ExportQuerySerializer, request)["format"]
        if form == "json":
            return Response(as_json(plan_file(project)))
        return _file(project, form)


def _plan(request: Request) -> PlanFile:
    """The plan in the body, whatever its format. Raises ValidationError."""
    body = request.data
    if not isinstance(body, bytes):
        asked = parsed(PlanSerializer, request)
        return PlanFile(tuple(asked["tasks"]), tuple(asked.get("dependencies", ())))
    try:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        plan = read_csv(body.decode()) if kind == _CSV else read_mspdi(body)
    except UnicodeDecodeError:
        raise ValidationError({"file": "Save it as UTF-8."}) from None
    except Unreadable as why:
        raise ValidationError({"file": str(why)}) from None
    checked = PlanSerializer(data=as_json(plan))
    checked.is_valid(raise_exception=True)
    asked = checked.validated_data
    return PlanFile(tuple(asked["tasks"]), tuple(asked.get("dependencies", ())), plan.warnings)


def _file(project: Project, form: str) -> HttpResponse:
    content: Any
    if form == "csv":
        content, kind, ending = write_csv(plan_file(project)), f"{_CSV}; charset=utf-8", "csv"
    elif form == "ics":
        content, kind, ending = ics_of(project, site=settings.SITE_URL), "text/calendar; charset=utf-8", "ics"
    else:
        content, kind, ending = mspdi_of(project), _XML, "xml"
    return written(content, name=f"{project.name}.{ending}", content_type=kind)
