from django.urls import path

from plans.planning.views import draft, plan, points, what_if

urlpatterns = [
    path("episodes/<int:episode_id>/plan/new/", draft.new, name="propose"),
    path("plans/<int:plan_id>/", plan.plan, name="plan"),
    path("plans/<int:plan_id>/draft/", draft.draft, name="draft"),
    path("plans/<int:plan_id>/draft/anew/", draft.propose_anew, name="propose_anew"),
    path("plans/<int:plan_id>/points/", points.points, name="points"),
    path("plans/<int:plan_id>/revise/", draft.revise, name="revise"),
    path("plans/<int:plan_id>/compare/", plan.compare, name="compare"),
    path("plans/<int:plan_id>/what-if/", what_if.what_if, name="what_if"),
    path("plans/<int:plan_id>/versions/<int:number>/", plan.version, name="version"),
]
