"""What a CalDAV account is set up with."""

from dataclasses import dataclass

from integrations.schema import setting


@dataclass(frozen=True)
class CalDavConfig:
    """Where the server is, and who we are there."""

    url: str = setting(
        "Address of the server, like https://dav.example.com, or of the account's calendars there", is_address=True
    )
    username: str = setting("The account's name at the server")
    also_at: str = setting(
        "A domain to whose servers it may send us, like icloud.com; empty for none but its own",
        default="",
        is_address=True,
    )
