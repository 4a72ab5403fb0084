from django.urls import path

from integrations import views

urlpatterns = [
    path("integrations/health", views.connections, name="connections"),
    path("integrations/<int:integration_id>/test", views.test_now, name="test-connection"),
    path("integrations/oauth/callback", views.oauth_callback, name="oauth-callback"),
]
