"""Pages that say more than their rows."""

from typing import Any

from estateman.common.api.pagination import CursorPages
from integrations.models import WebhookEvent


class WebhookPages(CursorPages):
    """Beside the rows stands how many there are in each state; the view puts it there."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        counts = {state: {"type": "integer"} for state in WebhookEvent.State.values}
        page["properties"]["counts"] = {
            "type": "object",
            "properties": counts,
            "required": list(counts),
            "description": "How many are in each state, narrowed by all that was asked for but the state",
        }
        return page
