from django.urls import path

from clinic.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("keys/", views.keys, name="keys"),
    path("behind-plan/", views.behind, name="behind"),
    path("needle-counts/", views.needle_counts, name="needle_counts"),
    path("account/sign-out/", views.sign_out, name="account_logout"),
    path("patients/<int:patient_id>/", views.patient, name="patient"),
]
