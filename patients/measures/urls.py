from django.urls import path

from patients.measures import views

urlpatterns = [
    path("episodes/<int:episode_id>/scores/", views.scores, name="scores"),
    path(
        "episodes/<int:episode_id>/scores/<slug:code>/",
        views.record_score,
        name="record_score",
    ),
    path("scores/<int:score_id>/", views.score, name="score"),
    path("scores/<int:score_id>/notes/", views.annotate, name="annotate_score"),
    path("scores/<int:score_id>/correction/", views.correct, name="correct_score"),
]
