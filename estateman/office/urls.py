from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from estateman.office import views

urlpatterns = [
    path("", views.my_day, name="my-day"),
    path("my-day/points", views.my_points, name="day-points"),
    path("login", views.Login.as_view(), name="login"),
    # What the admin and the API's docs, which name no icon, are asked for.
    path("favicon.ico", RedirectView.as_view(url=static("favicon.svg"))),
    path("logout", LogoutView.as_view(), name="logout"),
]
