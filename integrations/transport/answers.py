"""What came back, read."""

from typing import Any

import requests


def json_object(response: requests.Response) -> dict[str, Any]:
    """The JSON object that ``response`` holds; an empty one where it holds anything else."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
