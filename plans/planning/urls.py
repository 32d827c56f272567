from django.urls import path

from plans.planning import views

urlpatterns = [
    path("episodes/<int:episode_id>/plan/new/", views.new, name="propose"),
    path("plans/<int:plan_id>/", views.plan, name="plan"),
    path("plans/<int:plan_id>/draft/", views.draft, name="draft"),
    path("plans/<int:plan_id>/revise/", views.revise, name="revise"),
    path("plans/<int:plan_id>/versions/<int:number>/", views.version, name="version"),
]
