from django.urls import path

from plans.pauses import views

urlpatterns = [path("plans/<int:plan_id>/pause/", views.pause, name="pause")]
