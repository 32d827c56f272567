from django.urls import path

from plans.messages.views import calendars, mailbox

urlpatterns = [
    path("messages/", mailbox.mailbox, name="mailbox"),
    path("messages/sent/", mailbox.sent, name="sent_messages"),
    path(
        "patients/<int:patient_id>/messages/",
        mailbox.sent,
        name="patients_messages",
    ),
    path("messages/send/", mailbox.send, name="send_messages"),
    path("messages/<int:message_id>/", mailbox.message, name="message"),
    path(
        "messages/<int:message_id>/by-phone/",
        mailbox.told_by_phone,
        name="told_by_phone",
    ),
    path("messages/<int:message_id>/again/", mailbox.try_again, name="try_again"),
    path(
        "messages/<int:message_id>/appointments.ics",
        calendars.message_file,
        name="message_file",
    ),
    path("plans/<int:plan_id>/appointments.ics", calendars.course, name="course_file"),
    path("calendar/", calendars.address, name="calendar_address"),
    path("calendar/new/", calendars.make_address, name="make_calendar_address"),
    path("calendar/end/", calendars.end_address, name="end_calendar_address"),
    path("calendar/<str:token>.ics", calendars.feed, name="calendar_feed"),
]
