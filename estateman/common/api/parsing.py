"""Bodies: JSON without what JSON can say and nothing behind it can hold, files as they are, and forms with a file."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, JSONParser, MultiPartParser

from estateman.common.errors import TooLarge

# What a form needs beside its file.
_AROUND_A_FILE = 64 * 1024


class HouseJSONParser(JSONParser):
    """Also refuses half characters (``"\\ud800"``), endless numbers (``1e400``) and bottomless nesting, with a 400."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
            # What can't be written again could be neither stored nor quoted in an error.
            json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(f"JSON parse error - {type(error).__name__}") from None
        return body


class FileParser(BaseParser):
    """A whole file as the body, as bytes; one kind of file is a subclass with its ``media_type``."""

    most_bytes = 8 * 1024 * 1024

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises TooLarge without having read more than is taken."""
        body = stream.read(self.most_bytes + 1)
        if len(body) > self.most_bytes:
            raise TooLarge(self.most_bytes)
        return body


class UploadParser(MultiPartParser):
    """A form with a file. Refuses with 413, before it reads, more than a file of ``UPLOAD_MAX_BYTES`` takes."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        request = (parser_context or {})["request"]
        if said_length(request) > settings.UPLOAD_MAX_BYTES + _AROUND_A_FILE:
            raise TooLarge(settings.UPLOAD_MAX_BYTES)
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise TooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) from None
        except SuspiciousOperation as error:  # Django would answer with a page
            raise ParseError(f"Form parse error - {type(error).__name__}") from None


def said_length(request: HttpRequest) -> int:
    """How many bytes ``request`` says it has; 0 where it does not say."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0
