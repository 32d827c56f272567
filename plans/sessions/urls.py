from django.urls import path

from plans.sessions.views import autosave, letter, log, missed, points, reading

urlpatterns = [
    path("appointments/<int:appointment_id>/session/", log.log, name="log"),
    path(
        "appointments/<int:appointment_id>/session/draft/",
        autosave.autosave,
        name="autosave",
    ),
    path(
        "appointments/<int:appointment_id>/session/points/",
        points.found,
        name="found_points",
    ),
    path(
        "appointments/<int:appointment_id>/session/points/read/",
        points.read,
        name="read_points",
    ),
    path("episodes/<int:episode_id>/sessions/", reading.sessions, name="sessions"),
    path("sessions/missed/", missed.missed, name="missed_logs"),
    path("sessions/<int:session_id>/", reading.session, name="session"),
    path("sessions/<int:session_id>/letter/", letter.letter, name="session_letter"),
    path("sessions/<int:session_id>/amendments/", reading.amend, name="amend"),
]
