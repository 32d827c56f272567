from django.urls import path

from plans.paper import views

urlpatterns = [path("sessions/paper/", views.paper, name="paper")]
