from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("clinic.home.urls")),
    path("account/", include("clinic.accounts.urls")),
    path("language/", set_language, name="set_language"),
    path("patients/", include("patients.urls")),
    path("", include("plans.urls")),
]
