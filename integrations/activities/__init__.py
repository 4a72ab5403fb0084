"""What integrations announce. Only those who manage integrations may enter an integration's room."""

from integrations.activities.integrations import IntegrationChanged, IntegrationFailed, IntegrationTested

__all__ = ["IntegrationChanged", "IntegrationFailed", "IntegrationTested"]
