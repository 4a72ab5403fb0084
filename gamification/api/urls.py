from django.urls import URLPattern, URLResolver, path

from gamification.api import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("gamification/me", views.MyProfileView.as_view(), name="my-score"),
    path("gamification/members/<int:pk>", views.MemberProfileView.as_view(), name="member-score"),
    path("gamification/achievements", views.AchievementListView.as_view(), name="achievement-list"),
    path("gamification/achievements/<int:pk>", views.AchievementView.as_view(), name="achievement"),
    path("gamification/ledger", views.LedgerView.as_view(), name="ledger"),
    path(
        "gamification/ledger/<int:pk>/explain",
        views.ExplanationView.as_view(),
        name="ledger-explanation",
    ),
]
