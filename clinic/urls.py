from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("clinic.home.urls")),
    path("account/", include("clinic.accounts.urls")),
    path("audit/", include("clinic.audit.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("patients/", include("patients.urls")),
    path("", include("plans.urls")),
]
