from django.urls import path

from integrations.api.views import (
    consents,
    health,
    integrations,
    messages,
    payments,
    subscriptions,
    webhook_secrets,
    webhooks,
)

urlpatterns = [
    path("integrations", integrations.IntegrationViewSet.as_view({"get": "list", "post": "create"})),
    path("integrations/health", health.IntegrationHealthView.as_view()),
    path("integrations/api-usage", health.ApiUsageList.as_view()),
    path("integrations/providers", integrations.ProviderList.as_view()),
    path("integrations/email/send", messages.EmailSendView.as_view()),
    path("integrations/sms/send", messages.SmsSendView.as_view()),
    path("integrations/messages", messages.MessageViewSet.as_view({"get": "list"})),
    path("integrations/messages/<int:pk>", messages.MessageViewSet.as_view({"get": "retrieve"})),
    path("integrations/suppressions", messages.SuppressionViewSet.as_view({"get": "list", "post": "create"})),
    path("integrations/suppressions/<int:pk>", messages.SuppressionViewSet.as_view({"delete": "destroy"})),
    path(
        "integrations/<int:pk>",
        integrations.IntegrationViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("integrations/<int:pk>/test", integrations.IntegrationViewSet.as_view({"post": "test"})),
    path("integrations/<int:pk>/logs", integrations.IntegrationLogList.as_view()),
    path("integrations/<int:pk>/connect", consents.ConnectView.as_view()),
    path("integrations/<int:pk>/grants", consents.GrantViewSet.as_view({"get": "list"})),
    path("integrations/<int:pk>/grants/<int:user_id>", consents.GrantViewSet.as_view({"delete": "destroy"})),
    path("integrations/<int:pk>/calendars", consents.RemoteCalendarList.as_view()),
    path("integrations/<int:pk>/usage", health.IntegrationUsageView.as_view()),
    path("integrations/<int:pk>/health-history", health.HealthHistoryList.as_view()),
    path("integrations/webhook-kinds", subscriptions.WebhookKindList.as_view()),
    path(
        "integrations/webhook-subscriptions",
        subscriptions.WebhookSubscriptionViewSet.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "integrations/webhook-subscriptions/<int:pk>",
        subscriptions.WebhookSubscriptionViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    path(
        "integrations/webhook-subscriptions/<int:pk>/test",
        subscriptions.WebhookSubscriptionViewSet.as_view({"post": "test"}),
    ),
    path(
        "integrations/webhook-subscriptions/<int:pk>/rotate-secret",
        subscriptions.WebhookSubscriptionViewSet.as_view({"post": "rotate_secret"}),
    ),
    path("integrations/webhook-subscriptions/<int:pk>/deliveries", subscriptions.SubscriptionDeliveryList.as_view()),
    path(
        "integrations/webhook-subscriptions/<int:pk>/deliveries/<int:delivery_id>/retry",
        subscriptions.SubscriptionDeliveryRetryView.as_view(),
    ),
    path(
        "integrations/<int:integration_id>/webhook-secrets",
        webhook_secrets.WebhookSecretViewSet.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "integrations/<int:integration_id>/webhook-secrets/<int:secret_id>",
        webhook_secrets.WebhookSecretViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
    ),
    path("integrations/webhooks", webhooks.WebhookEventViewSet.as_view({"get": "list"})),
    path("integrations/webhooks/replay", webhooks.WebhookReplayView.as_view()),
    path("integrations/webhooks/<int:pk>", webhooks.WebhookEventViewSet.as_view({"get": "retrieve"})),
    path("integrations/webhooks/<int:pk>/replay", webhooks.WebhookEventViewSet.as_view({"post": "replay"})),
    path("integrations/webhooks/<slug:type>", webhooks.WebhookIntakeView.as_view()),
    path("integrations/webhooks/<slug:type>/<uuid:uuid>", webhooks.OneWebhookIntakeView.as_view()),
    path("integrations/payments", payments.PaymentViewSet.as_view({"get": "list"})),
    path("integrations/payments/process", payments.PaymentViewSet.as_view({"post": "process"})),
    path("integrations/payments/<int:pk>", payments.PaymentViewSet.as_view({"get": "retrieve"})),
    path("integrations/payments/<int:pk>/capture", payments.PaymentViewSet.as_view({"post": "capture"})),
    path("integrations/payments/<int:pk>/cancel", payments.PaymentViewSet.as_view({"post": "cancel"})),
    path("integrations/payments/<int:pk>/refund", payments.PaymentViewSet.as_view({"post": "refund"})),
    path("integrations/payments/<int:pk>/receipt", payments.PaymentViewSet.as_view({"get": "receipt"})),
]
