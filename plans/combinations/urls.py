from django.urls import path

from plans.combinations import views

urlpatterns = [
    path("combinations/", views.combinations, name="combinations"),
    path("combinations/new/", views.new_combination, name="new_combination"),
    path("combinations/<int:combination_id>/", views.combination, name="combination"),
    path(
        "combinations/<int:combination_id>/delete/",
        views.delete_combination,
        name="delete_combination",
    ),
]
