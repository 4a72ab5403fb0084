"""JSON bodies, without what JSON can say and nothing behind it can hold."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


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
