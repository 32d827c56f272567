from django.urls import path

from plans.room import views

urlpatterns = [
    path("room/", views.room, name="room"),
    path("room/changes/", views.changes, name="room_changes"),
    path("appointments/<int:appointment_id>/take-over/", views.take, name="take_over"),
    path("appointments/<int:appointment_id>/clock/", views.clock, name="bed_clock"),
]
