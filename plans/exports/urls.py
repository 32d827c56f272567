from django.urls import path

from plans.exports import views

urlpatterns = [
    path(
        "plans/<int:plan_id>/patient-sheet/", views.patient_sheet, name="patient_sheet"
    ),
    path(
        "plans/<int:plan_id>/clinical-sheet/",
        views.clinical_sheet,
        name="clinical_sheet",
    ),
    path("plans/<int:plan_id>/stricta/", views.stricta, name="stricta"),
    path("sources/", views.sources, name="sources"),
]
