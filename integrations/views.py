"""How the office's connections are doing, and the page where vendors send people back to."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from estateman.common.errors import RuleBroken
from estateman.people.permissions import can_manage_integrations
from estateman.people.requests import StaffRequest
from integrations import services
from integrations.connections import connections_of, may_set_up, overview
from integrations.models import ConsentRequest, Integration
from integrations.spi import ProviderError


@login_required
@require_GET
def connections(request: StaffRequest) -> HttpResponse:
    """Every connection with its health, and who uses our own API; to htmx what changes about it."""
    if not can_manage_integrations(request.user):
        raise PermissionDenied
    template = "integrations/_connections.html" if request.htmx else "integrations/connections.html"
    return render(request, template, {"overview": overview(request.user)})


@login_required
@require_POST
def test_now(request: StaffRequest, integration_id: int) -> HttpResponse:
    """Test one; answers its card, and says in words how it went."""
    integration = get_object_or_404(Integration.objects.visible_to(request.user), pk=integration_id)
    found = services.test_integration(integration, by=request.user)
    (connection,) = connections_of([integration])
    about = {"connection": connection, "may_set_up": may_set_up(request.user)}
    page = render(request, "integrations/_connection.html", about)
    told = f"{integration}: {found.detail}"
    return trigger_client_event(page, "toast", {"text": told, "kind": "done" if found.ok else "error"})


@login_required
@never_cache
@require_GET
def oauth_callback(request: StaffRequest) -> HttpResponse:
    """Finish what ``services.ask_consent`` began, and go on to where the person came from."""
    try:
        asked = services.take_up_consent(request.GET.get("state", ""), by=request.user)
    except services.UnknownConsent as refused:
        return render(request, "integrations/consent_refused.html", {"words": refused.detail}, status=400)
    _finish(request, asked)
    page = reverse("admin:integrations_integration_change", args=[asked.integration_id])
    return redirect(asked.return_to or (page if can_manage_integrations(request.user) else "my-day"))


def _finish(request: StaffRequest, asked: ConsentRequest) -> None:
    name = asked.integration.name
    code, error = request.GET.get("code", ""), request.GET.get("error", "")
    try:
        services.finish_consent(asked, code=code, error=error, by=request.user)
    except (RuleBroken, ProviderError) as refused:
        messages.error(request, f"{name} is not connected: {refused}")
    else:
        messages.success(request, f"Your account is connected to {name}.")
