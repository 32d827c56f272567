from django.urls import path

from plans.corrections import views

urlpatterns = [
    path("sessions/<int:session_id>/correct/", views.correct, name="correct_session"),
]
