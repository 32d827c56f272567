from django.urls import path

from plans.exports.views import sheets, sources

urlpatterns = [
    path(
        "plans/<int:plan_id>/patient-sheet/", sheets.patient_sheet, name="patient_sheet"
    ),
    path(
        "plans/<int:plan_id>/clinical-sheet/",
        sheets.clinical_sheet,
        name="clinical_sheet",
    ),
    path("plans/<int:plan_id>/stricta/", sheets.stricta, name="stricta"),
    path("sources/", sources.sources, name="sources"),
]
