from django.urls import path

from plans.patient_mode import views
from plans.patient_mode.answers import FAREWELLS, STEPS

urlpatterns = [
    path("patient-mode/", views.welcome, name="welcome"),
    path("patient-mode/language/", views.speak, name="speak"),
    path("patient-mode/birth-date/", views.birth_date, name="birth_date"),
    path("patient-mode/initials/", views.initials, name="initials"),
    path("patient-mode/time/", views.visit_time, name="visit_time"),
    *(
        path(f"patient-mode/questions/{step}/", views.ask, {"step": step}, name="ask")
        for step in STEPS
    ),
    *(
        path(f"patient-mode/end/{how}/", views.say_farewell, {"how": how}, "farewell")
        for how in FAREWELLS
    ),
    path("tablets/start/", views.start, name="start_patient_mode"),
    path("tablets/alerts/", views.alerts, name="alerts"),
]
