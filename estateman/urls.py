"""Every address of the house. Literal paths stand before those with an id."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from estateman.common.api.unknown import UnknownRoute
from estateman.office import health

api = [
    path("", include("estateman.people.api.urls")),
    path("", include("estateman.activity.api.urls")),
    path("", include("tasks.api.urls")),
    path("", include("events.api.urls")),
    path("", include("gamification.api.urls")),
    path("", include("notifications.api.urls")),
    path("", include("integrations.api.urls")),
]

urlpatterns = [
    path("", include("estateman.office.urls")),
    path("", include("tasks.urls")),
    path("", include("events.urls")),
    path("", include("notifications.urls")),
    path("", include("integrations.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/", include(api)),
    re_path(r"^api/", UnknownRoute.as_view()),
]
