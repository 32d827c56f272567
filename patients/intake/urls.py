from django.urls import path

from patients.intake import views

urlpatterns = [
    path("episodes/<int:episode_id>/intake/", views.intake, name="intake"),
    path("intakes/<int:intake_id>/", views.screen_page, name="screen"),
    path("intakes/<int:intake_id>/clearances/", views.clearance, name="clearance"),
    path("intakes/<int:intake_id>/letter/", views.letter, name="letter"),
]
