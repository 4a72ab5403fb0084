"""The letter that tests send, and the password that must show up nowhere."""

from typing import Any

PASSWORD = "correct-horse-battery-9471"


def letter(**fields: Any) -> dict[str, Any]:
    """What send_email needs."""
    return {
        "to": "buyer@example.com",
        "subject": "Keys",
        "text": "They are ready.",
        "message_id": "<keys-1@harbour.example>",
        **fields,
    }
