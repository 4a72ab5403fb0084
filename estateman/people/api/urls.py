from django.urls import include, path
from rest_framework.routers import SimpleRouter

from estateman.people.api import views

router = SimpleRouter(trailing_slash=False)
router.register("auth/tokens", views.TokenViewSet, basename="token")
router.register("users", views.UserViewSet, basename="user")
router.register("teams", views.TeamViewSet, basename="team")

urlpatterns = [
    path("auth/login", views.LoginView.as_view(), name="api-login"),
    path("auth/logout", views.LogoutView.as_view(), name="api-logout"),
    path("auth/logout-all", views.LogoutAllView.as_view(), name="api-logout-all"),
    path("", include(router.urls)),
]
