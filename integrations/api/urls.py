from django.urls import path

from integrations.api.views import integrations, messages

urlpatterns = [
    path("integrations", integrations.IntegrationViewSet.as_view({"get": "list", "post": "create"})),
    path("integrations/health", integrations.IntegrationHealthView.as_view()),
    path("integrations/providers", integrations.ProviderList.as_view()),
    path("integrations/email/send", messages.EmailSendView.as_view()),
    path(
        "integrations/<int:pk>",
        integrations.IntegrationViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("integrations/<int:pk>/test", integrations.IntegrationViewSet.as_view({"post": "test"})),
    path("integrations/<int:pk>/logs", integrations.IntegrationLogList.as_view()),
]
