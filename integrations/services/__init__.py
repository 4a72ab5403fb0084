"""Verbs on integrations, and what the house does through them."""

from integrations.services.integrations import (
    IntegrationNameTaken,
    checked_changes,
    create_integration,
    delete_integration,
    edit_integration,
    test_integration,
    validate,
)
from integrations.services.messages import send_email

__all__ = [
    "IntegrationNameTaken",
    "checked_changes",
    "create_integration",
    "delete_integration",
    "edit_integration",
    "send_email",
    "test_integration",
    "validate",
]
