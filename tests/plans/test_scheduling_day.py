"""The day: what it shows and costs, and the steps taken in it."""

import re
from datetime import date, timedelta
from itertools import product

import pytest

from plans.scheduling.models import (
    Closure,
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
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]

DAY = "/schedule/?day=2026-03-03"


@pytest.mark.parametrize(
    ("visits", "by"), list(product([1, 3], ["practitioner", "bed"]))
)
def test_a_day_costs_the_same_however_many_visits(
    desk, una, visits, by, django_assert_num_queries
):
    """Session, user, the stamp, appointments, hours, closures; by bed the beds."""
    for hour in range(visits):
        make_appointment(practitioner=una, starts_at=local(3, 9 + hour))
    desk.get(DAY)

    with django_assert_num_queries(6 + (by == "bed")):
        page = desk.get(f"{DAY}&by={by}")

    assert page.content.decode().count('class="visit visit--') == visits


@pytest.mark.parametrize("by", ["practitioner", "bed"])
@pytest.mark.parametrize("field", ["patient", "bed", "practitioner"])
def test_no_name_becomes_markup(desk, by, field):
    name = "<b>'\"&amp;"
    made = {
        "patient": lambda: make_patient(family_name=name),
        "bed": lambda: make_bed(name=name),
        "practitioner": lambda: make_user(name=name),
    }
    make_appointment(**{field: made[field]()}, starts_at=local(3, 9))

    page = desk.get(f"{DAY}&by={by}").content.decode()

    assert "&lt;b&gt;&#x27;&quot;&amp;amp;" in page
    assert "<b>" not in page


def test_a_day_of_twelve_and_two_hundred_costs_the_same(
    desk, django_assert_num_queries
):
    for _ in range(12):
        practitioner, bed = make_user(), make_bed()
        make_hours(practitioner)
        for quarter in range(17):
            make_appointment(
                practitioner=practitioner,
                bed=bed,
                starts_at=local(3) + timedelta(minutes=15 * quarter),
                minutes=15,
            )
    desk.get(DAY)

    with django_assert_num_queries(6):
        page = desk.get(DAY)

    assert page.content.decode().count('class="visit visit--') == 12 * 17


def test_a_day_says_each_visit_in_words(desk, una):
    patient = make_patient(given_name="Kit", family_name="Marlow")
    row = make_appointment(
        practitioner=una, patient=patient, starts_at=local(3, 13), status="confirmed"
    )

    page = text(desk.get(DAY))

    assert "Kit Marlow" in page
    assert "Una Hart" in page
    assert "Confirmed" in page
    assert f"/appointments/{row.pk}/status/" in page
    assert "style=" not in page


def test_free_places_lead_to_a_form_with_the_place_in_it(desk, una):
    make_appointment(practitioner=una, starts_at=local(3, 15))

    page = text(desk.get(DAY))

    assert "time=14:45" in page
    assert "time=15:00" not in page
    assert "time=11:45" not in page, "that has passed"
    assert f"practitioner={una.pk}" in page


def test_closures_and_leave_are_said(desk, una):
    Closure.objects.create(
        first_day=date(2026, 3, 3), last_day=date(2026, 3, 3), reason="Spring holiday"
    )
    Closure.objects.create(
        first_day=date(2026, 3, 4),
        last_day=date(2026, 3, 4),
        reason="Training",
        practitioner=una,
    )

    assert "Spring holiday" in text(desk.get(DAY))
    assert "Away: Training" in text(desk.get("/schedule/?day=2026-03-04"))


@pytest.mark.parametrize("junk", JUNK)
def test_no_day_breaks_the_page(desk, una, junk):
    page = desk.get("/schedule/", {"day": junk, "by": junk})

    assert page.status_code == 200
    assert "Tuesday 3 March 2026" in text(page)


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_have_pages(desk, una, day):
    assert desk.get(f"/schedule/?day={day}").status_code == 200


def test_arriving_is_one_press_and_can_be_undone(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(3, 13))

    answer = desk.post(
        f"/appointments/{row.pk}/status/", {"step": "arrived 0", "next": DAY}
    )
    page = desk.get(answer.url)
    undo = re.search(r'action="([^"]*status=booked[^"]*)"', page.content.decode())
    row.refresh_from_db()
    assert (answer.url, row.status) == (f"{DAY}#a{row.pk}", "arrived")

    desk.post(undo[1].replace("&amp;", "&"))

    row.refresh_from_db()
    assert row.status == "booked"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"step": "arrived"},
        {"step": "flown 0"},
        {"step": "arrived -1"},
        {"status": "arrived", "revision": "9" * 40},
        {"step": "\x00"},
        {"step": "arrived 0", "next": "https://elsewhere.example/"},
    ],
)
def test_no_step_breaks_the_page_or_leads_elsewhere(desk, una, sent):
    row = make_appointment(practitioner=una, starts_at=local(3, 13))

    answer = desk.post(f"/appointments/{row.pk}/status/", sent)

    assert answer.status_code == 302
    assert answer.url == f"/schedule/?day=2026-03-03#a{row.pk}"


def test_the_slower_of_two_is_told(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(3, 11), revision=1)

    answer = desk.post(f"/appointments/{row.pk}/status/", {"step": "no_show 0"})

    page = text(desk.get(answer.url))
    row.refresh_from_db()
    assert row.status == "booked"
    assert "Somebody else was quicker" in page
