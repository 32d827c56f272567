from django.urls import path

from plans.outcomes import views

urlpatterns = [
    path("outcomes/", views.outcomes, name="outcomes"),
    path("outcomes/paper/", views.paper, name="outcomes_paper"),
    path("outcomes/explorer/", views.explorer, name="explorer"),
    path("outcomes/take-away/", views.take_away, name="take_away"),
    path("outcomes/take-away/<int:pk>/", views.courses_file, name="courses_file"),
    path("outcomes/files/<slug:key>.csv", views.table_file, name="table_file"),
]
