from django.urls import path

from integrations.api import views

urlpatterns = [
    path("integrations", views.IntegrationViewSet.as_view({"get": "list", "post": "create"})),
    path("integrations/health", views.IntegrationHealthView.as_view()),
    path("integrations/providers", views.ProviderList.as_view()),
    path("integrations/email/send", views.EmailSendView.as_view()),
    path(
        "integrations/<int:pk>",
        views.IntegrationViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("integrations/<int:pk>/test", views.IntegrationViewSet.as_view({"post": "test"})),
    path("integrations/<int:pk>/logs", views.IntegrationLogList.as_view()),
]
