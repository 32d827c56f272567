from django.urls import path

from plans.exports.views import day_sheets, sheets, sources

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
    path("plans/<int:plan_id>/calendar/", sheets.calendar, name="calendar"),
    path("schedule/desk-sheet/", day_sheets.desk_sheet, name="desk_sheet"),
    path(
        "schedule/treatment-sheet/",
        day_sheets.treatment_sheet,
        name="treatment_sheet",
    ),
    path("sources/", sources.sources, name="sources"),
]
