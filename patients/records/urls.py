from django.urls import path

from patients.records import views

urlpatterns = [
    path("", views.search, name="search"),
    path("new/", views.register, name="register"),
    path("<int:patient_id>/details/", views.correct, name="correct"),
    path("<int:patient_id>/episodes/new/", views.open_episode, name="open_episode"),
    path("episodes/<int:episode_id>/close/", views.close_episode, name="close_episode"),
    path(
        "episodes/<int:episode_id>/reopen/", views.reopen_episode, name="reopen_episode"
    ),
]
