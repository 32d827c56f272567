from django.urls import path

from plans.patient_mode import views

urlpatterns = [
    path("patient-mode/", views.welcome, name="welcome"),
    path("patient-mode/language/", views.speak, name="speak"),
    path("patient-mode/birth-date/", views.birth_date, name="birth_date"),
    path("patient-mode/initials/", views.initials, name="initials"),
    path("patient-mode/time/", views.visit_time, name="visit_time"),
    path("patient-mode/questions/<slug:step>/", views.ask, name="ask"),
    path("patient-mode/end/<slug:how>/", views.say_farewell, name="farewell"),
    path("tablets/start/", views.start, name="start_patient_mode"),
    path("tablets/alerts/", views.alerts, name="alerts"),
]
