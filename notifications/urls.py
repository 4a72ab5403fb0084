from django.urls import path

from notifications import views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("inbox/read-all", views.read_all, name="inbox-read-all"),
    path("inbox/<int:notification_id>", views.row, name="inbox-row"),
    path("inbox/<int:notification_id>/read", views.read, name="inbox-read"),
]
