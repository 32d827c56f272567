from django.urls import path

from plans.outcomes import views

urlpatterns = [path("outcomes/", views.outcomes, name="outcomes")]
