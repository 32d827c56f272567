"""Who may see and do what in the diary."""

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from tests.factories import (
    make_appointment,
    make_plan,
    make_user,
)
from tests.plans.diary_setting import (
    local,
    place,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]

DAY = "/schedule/?day=2026-03-03"


READ = {Role.ACUPUNCTURIST: 200, Role.FRONT_DESK: 200, Role.ADMIN: 200}
BOOK = {Role.ACUPUNCTURIST: 200, Role.FRONT_DESK: 200, Role.ADMIN: 403}
MANAGE = {Role.ACUPUNCTURIST: 403, Role.FRONT_DESK: 403, Role.ADMIN: 200}


@pytest.mark.parametrize(
    ("name", "rights"),
    [
        ("day", READ),
        ("appointment", READ),
        ("course", READ),
        ("book", BOOK),
        ("book_course", BOOK),
        ("shift_course", BOOK),
        ("hours", MANAGE),
        ("week", MANAGE),
        ("add_closure", MANAGE),
        ("add_bed", MANAGE),
        ("add_day", MANAGE),
        ("wait_list", BOOK),
        ("join_wait_list", BOOK),
        ("lengths", MANAGE),
        ("bed", MANAGE),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_who_may_see_which_page(client, una, name, rights, role):
    version = make_plan(codes=())
    row = make_appointment(practitioner=una, plan=version.plan)
    client.force_login(make_user(role))
    args = {
        "appointment": [row.pk],
        "course": [version.plan_id],
        "shift_course": [row.pk],
        "book_course": [version.plan_id],
        "week": [una.pk],
        "add_day": [una.pk],
        "join_wait_list": [row.patient_id],
        "bed": [row.bed_id],
    }

    page = client.get(reverse(f"plans:{name}", args=args.get(name)))

    assert page.status_code == rights[role]


def test_an_admin_changes_no_appointment(admin, una):
    row = make_appointment(practitioner=una, starts_at=local(5))

    moved = admin.post(f"/appointments/{row.pk}/", place(una, revision=0))
    step = admin.post(f"/appointments/{row.pk}/status/", {"step": "arrived 0"})

    row.refresh_from_db()
    assert (moved.status_code, step.status_code) == (403, 403)
    assert (row.starts_at, row.status) == (local(5), "booked")


@pytest.mark.parametrize(
    "url",
    [
        "/appointments/999/",
        "/appointments/99999999999999999999999/",
        "/plans/999/book/",
        "/plans/999/course/",
        "/schedule/new/?patient=999",
    ],
)
def test_what_is_not_there_is_404(desk, url):
    assert desk.get(url).status_code == 404


def test_the_desk_sees_no_clinical_word(desk, una):
    version = make_plan(codes=())
    version.plan.episode.complaint = "Sciatica, left"
    version.plan.episode.save()
    row = make_appointment(
        practitioner=una,
        plan=version.plan,
        patient=version.plan.episode.patient,
        starts_at=local(5),
    )

    for url in (
        DAY,
        f"/appointments/{row.pk}/",
        f"/plans/{version.plan_id}/book/",
        f"/plans/{version.plan_id}/course/",
        f"/schedule/new/?patient={row.patient_id}",
    ):
        assert "Sciatica" not in text(desk.get(url)), url
