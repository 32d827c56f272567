from django.urls import path

from plans.progress import views

urlpatterns = [
    path("episodes/<int:episode_id>/progress/", views.progress, name="progress"),
]
