from django.urls import path

from plans.sessions import views

urlpatterns = [
    path("appointments/<int:appointment_id>/session/", views.log, name="log"),
    path("episodes/<int:episode_id>/sessions/", views.sessions, name="sessions"),
    path("sessions/<int:session_id>/", views.session, name="session"),
    path("sessions/<int:session_id>/amendments/", views.amend, name="amend"),
]
