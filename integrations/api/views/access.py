"""Whose business integrations are."""

from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from estateman.people.auth import caller
from estateman.people.permissions import can_manage_integrations


class ManagesIntegrations(BasePermission):
    """On collections 403; one integration is found through the user, so that strangers get 404."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool({"pk", "integration_id"} & set(view.kwargs)) or can_manage_integrations(caller(request))


MANAGERS_ONLY = (IsAuthenticated, ManagesIntegrations)
