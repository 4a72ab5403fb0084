"""How the admin looks."""

from typing import Any

from django.templatetags.static import static

# The pages' green, in the shades that unfold asks for.
_GREEN = {
    "50": "#f0faf7",
    "100": "#dcf1ec",
    "200": "#b8e2d8",
    "300": "#86cbbd",
    "400": "#4fac9b",
    "500": "#1f8a78",
    "600": "#0d6b5e",
    "700": "#0b574d",
    "800": "#0a453e",
    "900": "#083832",
    "950": "#04211d",
}
LOOK: dict[str, Any] = {
    "SITE_TITLE": "Estateman",
    "SITE_HEADER": "Estateman",
    "SITE_SYMBOL": "real_estate_agent",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}],
    "COLORS": {"primary": _GREEN},
    "DASHBOARD_CALLBACK": "estateman.office.dashboard.admin_dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "estateman.office.dashboard.admin_sidebar"},
}
