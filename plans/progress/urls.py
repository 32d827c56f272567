from django.urls import path

from plans.progress import views

urlpatterns = [
    path("episodes/<int:episode_id>/progress/", views.progress, name="progress"),
    path("episodes/<int:episode_id>/flare-ups/", views.flare_ups, name="flare_ups"),
    path(
        "flare-ups/<int:flare_up_id>/withdraw/",
        views.withdraw_flare_up,
        name="withdraw_flare_up",
    ),
]
