from django.urls import path

from plans.reviews import views

urlpatterns = [
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<int:review_id>/", views.held, name="review_held"),
    path("plans/<int:plan_id>/review/", views.review, name="review"),
]
