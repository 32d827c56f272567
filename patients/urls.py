"""Gathers the addresses of this package; each feature owns its own."""

from django.urls import include, path

app_name = "patients"
urlpatterns = [
    path("", include("patients.records.urls")),
    path("", include("patients.measures.urls")),
    path("", include("patients.intake.urls")),
]
