from allauth.account import views as sign_in
from django.urls import include, path

from clinic.accounts import views

urlpatterns = [
    path("sign-in/", sign_in.login, name="account_login"),
    path("closed/", sign_in.account_inactive, name="account_inactive"),
    path("password/", sign_in.password_change, name="account_change_password"),
    path("again/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("still-here/", views.still_here, name="still_here"),
    path("two-factor/", include("allauth.mfa.urls")),
    path("preferences/", views.preferences, name="preferences"),
    path("staff/", views.staff, name="staff"),
    path("staff/new/", views.add_member, name="add_member"),
    path("staff/<int:user_id>/", views.change_member, name="change_member"),
]
