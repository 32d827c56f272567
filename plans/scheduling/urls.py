from django.urls import path

from plans.scheduling.views import (
    appointment,
    booking,
    course,
    day,
    hours,
    shift,
    waiting,
)

urlpatterns = [
    path("schedule/", day.day, name="day"),
    path("schedule/week/", day.week, name="diary_week"),
    path("schedule/changes/", day.changes, name="changes"),
    path("schedule/new/", booking.book, name="book"),
    path("schedule/hours/", hours.hours, name="hours"),
    path("schedule/hours/<int:user_id>/", hours.week, name="week"),
    path("schedule/hours/<int:user_id>/days/new/", hours.add_day, name="add_day"),
    path(
        "schedule/hours/<int:user_id>/days/remove/", hours.remove_day, name="remove_day"
    ),
    path("schedule/lengths/", hours.lengths, name="lengths"),
    path("schedule/waiting/", waiting.wait_list, name="wait_list"),
    path("schedule/waiting/place/", waiting.freed_place, name="freed_place"),
    path("schedule/waiting/<int:patient_id>/", waiting.join, name="join_wait_list"),
    path(
        "schedule/waiting/<int:patient_id>/leave/",
        waiting.leave,
        name="leave_wait_list",
    ),
    path("schedule/holds/<int:hold_id>/take/", waiting.take, name="take_place"),
    path("schedule/holds/<int:hold_id>/decline/", waiting.decline, name="let_go"),
    path("schedule/closures/new/", hours.add_closure, name="add_closure"),
    path(
        "schedule/closures/<int:closure_id>/remove/",
        hours.remove_closure,
        name="remove_closure",
    ),
    path("schedule/beds/new/", hours.bed, name="add_bed"),
    path("schedule/beds/<int:bed_id>/", hours.bed, name="bed"),
    path("plans/<int:plan_id>/book/", course.book_course, name="book_course"),
    path("plans/<int:plan_id>/course/", course.course, name="course"),
    path(
        "appointments/<int:appointment_id>/",
        appointment.appointment,
        name="appointment",
    ),
    path(
        "appointments/<int:appointment_id>/move/",
        appointment.move,
        name="move",
    ),
    path(
        "appointments/<int:appointment_id>/status/",
        appointment.set_status,
        name="set_status",
    ),
    path(
        "appointments/<int:appointment_id>/shift/",
        shift.shift_course,
        name="shift_course",
    ),
]
