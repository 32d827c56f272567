"""Hours, single days, closures, lengths and beds, as an admin sets them."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.scheduling import queries
from plans.scheduling.free import Length, free_starts
from plans.scheduling.models import (
    Appointment,
    Bed,
    Closure,
    VisitLength,
    WorkingHours,
)
from tests.factories import (
    make_appointment,
    make_bed,
    make_hours,
    make_patient,
    make_user,
)
from tests.plans.diary_setting import (
    JUNK,
    local,
    place,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]


def week(**changes):
    sent = {
        f"{edge}{part}_{weekday}": ""
        for edge in ("starts", "ends")
        for part in (1, 2)
        for weekday in range(7)
    }
    return sent | changes


def test_a_week_has_breaks_and_is_replaced_whole(admin, una):
    url = reverse("plans:week", args=[una.pk])
    sent = week(starts1_0="08:00", ends1_0="12:00", starts2_0="13:00", ends2_0="17:30")

    assert admin.post(url, sent).status_code == 302

    hours = WorkingHours.objects.filter(practitioner=una)
    assert [(h.weekday, h.starts, h.ends) for h in hours] == [
        (0, time(8), time(12)),
        (0, time(13), time(17, 30)),
    ]
    assert AuditEvent.objects.filter(action="set_hours").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts1_0": "08:00"}, "Give both times"),
        ({"starts1_0": "12:00", "ends1_0": "08:00"}, "ends before it begins"),
        ({"starts1_0": "08:00", "ends1_0": "08:00"}, "ends before it begins"),
        (
            {
                "starts1_0": "08:00",
                "ends1_0": "12:00",
                "starts2_0": "11:45",
                "ends2_0": "13:00",
            },
            "overlaps the hours before",
        ),
        ({"starts1_0": "08:07", "ends1_0": "12:00"}, "full quarter"),
    ],
)
def test_a_week_that_makes_no_sense_is_not_saved(admin, una, changes, said):
    page = admin.post(reverse("plans:week", args=[una.pk]), week(**changes))

    assert page.status_code == 422
    assert said in text(page)
    assert WorkingHours.objects.filter(practitioner=una).count() == 5


def test_one_day_may_have_other_hours_than_its_week(admin, una):
    """Thursday 5 March in the evening only; the Sunday after it too."""
    make_bed()
    make_appointment(practitioner=una, starts_at=local(5))
    url = reverse("plans:add_day", args=[una.pk])

    answer = admin.post(
        url, {"day": "2026-03-05", "starts1": "18:00", "ends1": "20:00"}
    )
    page = text(admin.get(answer.url))
    admin.post(url, {"day": "2026-03-08", "starts1": "10:00", "ends1": "12:00"})

    assert "1 appointment lies outside these hours" in page
    assert "18:00–20:00" in page
    first, last = date(2026, 3, 5), date(2026, 3, 8)
    known = queries.calendar(first, last)
    free = free_starts(known, Length(15, 45), first=first, last=last)
    hours = {day: {f.at.hour for f in free if f.at.day == day} for day in (5, 6, 8)}
    assert hours == {5: {18, 19}, 6: set(range(9, 18)), 8: {10, 11}}

    admin.post(reverse("plans:remove_day", args=[una.pk]), {"day": "2026-03-05"})
    assert [row.starts for row in queries.hours_on(first)] == [time(9)]
    assert [row.starts for row in queries.hours_on(last)] == [time(10)]


def test_setting_the_week_leaves_single_days_alone(admin, una):
    url = reverse("plans:add_day", args=[una.pk])
    admin.post(url, {"day": "2026-03-08", "starts1": "10:00", "ends1": "12:00"})

    admin.post(reverse("plans:week", args=[una.pk]), week())

    assert [str(row.day) for row in WorkingHours.objects.all()] == ["2026-03-08"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day": "2026-03-02"}, "That day has passed"),
        ({"starts1": ""}, "This field is required"),
        ({"ends1": "09:00"}, "ends before it begins"),
        ({"starts2": "11:00", "ends2": "13:00"}, "overlaps the hours before"),
        ({"starts2": "13:00"}, "Give both times"),
    ],
)
def test_hours_of_a_day_that_make_no_sense_are_not_saved(admin, una, changes, said):
    sent = {"day": "2026-03-08", "starts1": "10:00", "ends1": "12:00"} | changes

    page = admin.post(reverse("plans:add_day", args=[una.pk]), sent)

    assert page.status_code == 422
    assert said in text(page)
    assert not WorkingHours.objects.exclude(day=None).exists()


LENGTHS = {
    "needling_first": 45,
    "stay_first": 90,
    "needling_treatment": 30,
    "stay_treatment": 60,
}


def test_lengths_hold_for_what_is_booked_from_now_on(client, admin, una):
    make_bed()
    before = make_appointment(practitioner=una, starts_at=local(4))

    assert admin.post(reverse("plans:lengths"), LENGTHS).status_code == 302

    client.force_login(make_user(Role.FRONT_DESK))
    client.post(
        f"/schedule/new/?patient={make_patient().pk}",
        place(una, kind="treatment", submission=uuid4()),
    )
    row = Appointment.objects.get(starts_at=local(5, 10))
    assert row.needling_ends_at - row.starts_at == timedelta(minutes=30)
    assert row.ends_at - row.starts_at == timedelta(minutes=60)
    before.refresh_from_db()
    assert before.ends_at - before.starts_at == timedelta(minutes=45)


@pytest.mark.parametrize(
    "changes",
    [
        {"stay_first": 30},
        {"needling_treatment": 20},
        {"stay_treatment": 255},
        {"needling_first": "x"},
    ],
)
def test_lengths_that_make_no_sense_are_not_saved(admin, changes):
    page = admin.post(reverse("plans:lengths"), LENGTHS | changes)

    assert page.status_code == 422
    assert not VisitLength.objects.exists()


@pytest.mark.parametrize("minutes", [(0, 45), (20, 45), (60, 45), (15, 255)])
def test_the_database_keeps_lengths_that_fit(minutes):
    needling, stay = minutes

    with pytest.raises(IntegrityError), transaction.atomic():
        VisitLength.objects.create(kind="first", needling_min=needling, stay_min=stay)


def test_a_closure_says_who_already_stands_there(admin, una):
    make_appointment(practitioner=una, starts_at=local(5))
    sent = {
        "first_day": "2026-03-05",
        "last_day": "2026-03-06",
        "practitioner": una.pk,
        "reason": "Training",
    }

    for _ in range(2):
        answer = admin.post(reverse("plans:add_closure"), sent)

    page = text(admin.get(answer.url))
    assert "1 appointment stands on these days" in page
    closure = Closure.objects.get()
    admin.post(reverse("plans:remove_closure", args=[closure.pk]))
    assert not Closure.objects.exists()


def test_beds_have_their_own_names(admin):
    sent = {"name": "Window", "room": "", "order": 1, "is_active": "on"}
    url = reverse("plans:add_bed")

    assert admin.post(url, sent).status_code == 302
    page = admin.post(url, sent)

    assert page.status_code == 422
    assert "Another bed has this name" in text(page)
    bed = Bed.objects.get()
    admin.post(reverse("plans:bed", args=[bed.pk]), sent | {"is_active": ""})
    bed.refresh_from_db()
    assert not bed.is_active


@pytest.mark.parametrize("rows", [1, 3])
def test_the_hours_page_costs_the_same_for_any_clinic(
    admin, rows, django_assert_num_queries
):
    """Session, user, people and their number, hours, closures and theirs, beds,
    lengths.
    """
    for number in range(rows):
        member = make_user()
        make_hours(member)
        make_bed()
        Closure.objects.create(
            first_day=date(2026, 4, 1 + number),
            last_day=date(2026, 4, 1 + number),
            reason="Holiday",
            practitioner=member,
        )
    admin.get("/schedule/hours/")

    with django_assert_num_queries(9):
        page = admin.get("/schedule/hours/")

    assert page.status_code == 200


@pytest.mark.parametrize("junk", JUNK)
def test_no_hours_address_or_form_breaks(admin, una, junk):
    assert admin.get("/schedule/hours/", {"page": junk, "closures": junk}).status_code
    assert (
        admin.post(
            reverse("plans:add_closure"),
            {
                "first_day": junk,
                "last_day": junk,
                "practitioner": junk,
                "reason": "x",
            },
        ).status_code
        == 422
    )
    assert (
        admin.post(
            reverse("plans:add_bed"), {"name": "", "room": junk, "order": junk}
        ).status_code
        == 422
    )
