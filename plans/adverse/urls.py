from django.urls import path

from plans.adverse import views

urlpatterns = [
    path("episodes/<int:episode_id>/adverse-events/", views.events, name="events"),
    path(
        "episodes/<int:episode_id>/adverse-events/new/",
        views.tell_event,
        name="tell_event",
    ),
    path(
        "sessions/<int:session_id>/adverse-events/new/",
        views.record_event,
        name="record_event",
    ),
    path("adverse-events/<int:event_id>/", views.event, name="event"),
    path(
        "adverse-events/<int:event_id>/correct/",
        views.correct_event,
        name="correct_event",
    ),
]
