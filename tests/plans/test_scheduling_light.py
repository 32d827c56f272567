"""Free places lit up: for a new visit, a copied one or one to move."""

import re

import pytest

from clinic.access.roles import Role
from plans.scheduling.models import Appointment
from tests.factories import (
    make_appointment,
    make_bed,
    make_plan,
    make_user,
)
from tests.plans.diary_setting import (
    column,
    lit,
    local,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]

DAY = "/schedule/?day=2026-03-05"
WEEK = "/schedule/week/?day=2026-03-05"


def test_places_light_up_where_the_whole_visit_fits(desk, una):
    bed = make_bed()
    make_appointment(practitioner=una, bed=bed, starts_at=local(5, 11))

    page = desk.get(f"{DAY}&light=treatment")

    starts = lit(page, una.pk)
    assert {"09:00", "10:15", "11:45"} <= set(starts)
    assert not {"10:30", "11:00", "11:30", "17:30"} & set(starts), "45 minutes in bed"
    assert "time=14" not in column(page, una.pk).split("free--lit")[0]
    form = desk.get(starts["10:15"])
    assert "Who is it for?" in text(form)
    assert 'name="time" value="10:15"' in text(form)


def test_a_first_visit_needs_more_room(desk, una):
    make_appointment(practitioner=una, bed=make_bed(), starts_at=local(5, 11))

    starts = lit(desk.get(f"{DAY}&light=first"), una.pk)

    assert "09:45" in starts
    assert "10:00" not in starts


def test_each_bed_has_its_own_free_places(desk, una):
    taken, idle = make_bed(), make_bed()
    make_appointment(practitioner=una, bed=taken, starts_at=local(5, 11))

    page = desk.get(f"{DAY}&by=bed&light=treatment")

    assert "10:30" not in lit(page, taken.pk)
    assert f"bed={idle.pk}" in lit(page, idle.pk)["10:30"]
    assert "11:00" not in lit(page, idle.pk), "Una is needling"


@pytest.mark.parametrize("light", ["light=treatment", "copy={row}", "move={row}"])
@pytest.mark.parametrize("page", [DAY, WEEK])
@pytest.mark.parametrize("beds", [1, 4])
def test_light_costs_the_same_in_any_clinic(
    desk, una, beds, page, light, django_assert_max_num_queries
):
    """The calendar's two, the lengths; for a copy it and its plan besides."""
    version = make_plan(codes=())
    row = make_appointment(
        practitioner=una,
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=local(5),
    )
    for _ in range(beds):
        make_bed()
    url = f"{page}&{light.format(row=row.pk)}"
    desk.get(url)

    with django_assert_max_num_queries(12):
        desk.get(url)


def test_a_copied_visit_is_booked_again_with_one_more_click(desk, una):
    version = make_plan(codes=(), sessions=4)
    row = make_appointment(
        practitioner=una,
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=local(3),
        status="done",
    )

    page = desk.get(f"/appointments/{row.pk}/")
    copy = re.search(r'href="([^"]*copy=[^"]*)"', text(page))[1]
    week = desk.get(copy.replace("&amp;", "&"))
    assert "Copied: choose a place" in text(week)
    url = lit(week, "2026-03-10")["10:00"]
    form = desk.get(url)
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.content.decode()))
    place = {"practitioner": una.pk, "bed": "", "do": "book"}
    desk.post(url, sent | place)

    again = Appointment.objects.exclude(pk=row.pk).get()
    assert again.starts_at == local(10, 10)
    assert (again.patient_id, again.plan_id) == (row.patient_id, row.plan_id)


def test_a_visit_to_move_lights_its_own_place_too(desk, una):
    row = make_appointment(practitioner=una, starts_at=local(5, 11))

    starts = lit(desk.get(f"{DAY}&move={row.pk}"), una.pk)
    page = desk.get(starts["11:15"].partition("#")[0])

    assert 'value="11:15"' in text(page)
    assert "btn--primary" in re.search(r"<button[^>]*>Move</button>", text(page))[0]


def test_nothing_lights_up_for_whoever_may_not_book(client, una):
    make_bed()
    row = make_appointment(practitioner=una, starts_at=local(5))
    client.force_login(make_user(Role.ADMIN))

    for light in ("light=treatment", f"copy={row.pk}", f"move={row.pk}"):
        page = text(client.get(f"{DAY}&{light}"))
        assert "free--lit" not in page
        assert "data-held" not in page
        assert "data-move-form" not in page
