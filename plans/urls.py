"""Gathers the addresses of this package; each feature owns its own."""

from django.urls import include, path

app_name = "plans"
urlpatterns = [
    path("", include("plans.planning.urls")),
    path("", include("plans.pauses.urls")),
    path("", include("plans.scheduling.urls")),
    path("", include("plans.messages.urls")),
    path("", include("plans.patient_mode.urls")),
    path("", include("plans.combinations.urls")),
    path("", include("plans.sessions.urls")),
    path("", include("plans.room.urls")),
    path("", include("plans.adverse.urls")),
    path("", include("plans.paper.urls")),
    path("", include("plans.corrections.urls")),
    path("", include("plans.progress.urls")),
    path("", include("plans.outcomes.urls")),
    path("", include("plans.reviews.urls")),
    path("", include("plans.exports.urls")),
]
