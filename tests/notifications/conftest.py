from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from estateman.live.hub import running_hub


@pytest.fixture
async def quiet_afterwards(transactional_db: None) -> AsyncIterator[None]:
    """End the hub of this test's loop, and the connection of its database thread, before the tables are emptied."""
    yield
    if hub := running_hub():
        await hub.stop()
    await sync_to_async(connections.close_all)()
