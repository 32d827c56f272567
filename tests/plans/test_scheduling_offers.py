"""A freed place on offer: kept, run out, taken or declined."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.pauses.models import Pause
from plans.planning.models import Plan
from plans.scheduling import queries, services
from plans.scheduling.models import Appointment, Bed, FreedPlace, Hold, WaitEntry
from plans.scheduling.queries.waiting import fitting
from plans.scheduling.services import CourseClash, HoldGone, Slot
from tests.factories import (
    make_appointment,
    make_bed,
    make_patient,
    make_plan,
    make_user,
    sign_in,
)
from tests.plans.diary_setting import local
from tests.plans.waiting_setting import DAY, NOON, behind, hold, join, who

pytestmark = pytest.mark.usefixtures("tuesday_noon")

MINUTE = timedelta(minutes=1)
PLACE = "/schedule/waiting/place/?place=2026-03-05T09%3A00+{}"


@pytest.fixture
def una(una):
    make_bed(name="Willow")
    return una


@pytest.fixture
def desk(db):
    return make_user(Role.FRONT_DESK)


# The offer


def test_a_place_on_offer_is_nobody_elses_until_it_runs_out(desk, una, clock):
    patient = make_patient()
    hold(desk, patient, una)

    def book():
        return services.book_appointment(
            by=desk,
            patient=make_patient(),
            kind="treatment",
            slot=Slot(una.pk, None, local(5)),
            submission=uuid4(),
        )

    clock.now = NOON + 20 * MINUTE - timedelta(seconds=1)
    with pytest.raises(CourseClash):
        book()
    clock.now = NOON + 20 * MINUTE
    assert book().starts_at == local(5)
    assert not Hold.objects.exists()


def test_the_database_keeps_a_place_on_offer(desk, una):
    hold(desk, make_patient(), una)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_appointment(practitioner=una, starts_at=local(5))


def test_an_offer_is_no_visit(desk, una):
    version = make_plan(codes=())
    patient = version.plan.episode.patient
    services.hold_place(
        by=desk,
        patient=patient,
        slot=Slot(una.pk, None, local(5)),
        kind="treatment",
        now=NOON,
        plan=version.plan,
    )

    assert not Appointment.objects.exists()
    assert queries.day(date(2026, 3, 5)) == []
    assert not queries.standing(version.plan).exists()
    assert queries.course_state(version.plan, NOON).booked == 0
    assert services.book_course(
        by=desk,
        plan=version.plan,
        starts=[Slot(una.pk, None, local(9 + day)) for day in (0, 2, 7, 9)],
        submission=uuid4(),
    )


def test_a_yes_books_it_and_takes_the_patient_off_the_list(desk, una):
    patient = make_patient()
    join(patient)
    kept = hold(desk, patient, una)

    row = services.take_place(by=desk, hold_id=kept.pk, now=NOON + MINUTE)
    again = services.take_place(by=desk, hold_id=kept.pk, now=NOON + MINUTE)

    assert (row, row.status, row.held_until) == (again, "booked", None)
    assert [change.status for change in row.status_changes.all()] == ["booked"]
    assert not WaitEntry.objects.filter(left_at=None).exists()
    assert AuditEvent.objects.filter(action="book_appointment").count() == 1


def test_who_had_all_sessions_is_not_offered_another(desk, una):
    patient = behind(7, sessions=1, per_week=1)
    join(patient)
    plan = Appointment.objects.get(patient=patient).plan
    kept = hold(desk, patient, una, plan=plan)

    assert who(una, local(6)) == []
    with pytest.raises(services.TooMany):
        services.take_place(by=desk, hold_id=kept.pk, now=NOON + MINUTE)
    assert queries.standing(plan).count() == 1


def test_who_has_all_visits_booked_moves_the_next_one_here(desk, una):
    """Two of two are booked, on the 9th and the 16th; the place is on the 5th."""
    version = make_plan(codes=(), sessions=2, per_week=1)
    patient = version.plan.episode.patient
    for day in (9, 16):
        make_appointment(
            plan=version.plan,
            patient=patient,
            practitioner=una,
            bed=Bed.objects.get(name="Willow"),
            starts_at=local(day),
        )
    join(patient)

    (fit,) = fitting(local(5), una.pk, NOON)
    kept = services.hold_place(
        by=desk,
        patient=patient,
        slot=Slot(una.pk, None, local(5)),
        kind=fit.kind,
        now=NOON,
        plan=fit.plan,
        retention_min=fit.retention_min,
    )
    services.take_place(by=desk, hold_id=kept.pk, now=NOON)

    rows = Appointment.objects.filter(plan=version.plan).order_by("starts_at")
    assert [row.starts_at for row in rows] == [local(5), local(16)]
    assert not Hold.objects.exists()
    assert FreedPlace.objects.get().starts_at == local(9), "free for the next"


def test_a_yes_is_told_as_a_move_with_the_gap_it_leaves(client, desk, una):
    """From the 9th to the 5th: eleven days to the 16th, ten are the most."""
    version = make_plan(codes=(), sessions=2, per_week=1)
    patient = version.plan.episode.patient
    for day in (9, 16):
        make_appointment(
            plan=version.plan, patient=patient, practitioner=una, starts_at=local(day)
        )
    slot = Slot(una.pk, None, local(5))
    kept = services.hold_place(
        by=desk,
        patient=patient,
        slot=slot,
        kind="treatment",
        now=NOON,
        plan=version.plan,
    )
    join(make_patient(given_name="Kit"))
    client.force_login(desk)

    answer = client.post(f"/schedule/holds/{kept.pk}/take/", follow=True)

    page = answer.content.decode()
    assert "Ana Reyes: moved to Thu 5 Mar, 09:00 with Una Hart" in page
    assert "11 days after the session before; at most 10" in page
    assert "/shift/" in page
    assert "1 patient who waits could have this place" in page


def test_a_yes_books_nothing_where_the_clinic_closed_meanwhile(client, desk, una):
    kept = hold(desk, make_patient(), una)
    day = date(2026, 3, 5)
    services.add_closure(by=desk, first_day=day, last_day=day, reason="Flood")
    client.force_login(desk)

    answer = client.post(f"/schedule/holds/{kept.pk}/take/", follow=True)

    page = answer.content.decode()
    assert "Thu 5 Mar, 09:00: the clinic is closed." in page
    assert "Nothing was booked." in page
    assert not Appointment.objects.exists()


def pause(plan):
    by = make_user()
    reason = {"en": "Look first.", "zh-hans": "先看。"}
    Pause.objects.create(plan=plan, reason=reason, begun_at=NOON, begun_by=by)


def test_a_plan_that_waits_for_a_review_is_offered_nothing(una):
    """Neither as behind its plan nor from the list, with that plan or without one."""
    patient = behind(20)
    join(patient)
    assert who(una) == [patient]

    pause(Plan.objects.get())

    assert who(una) == []


def test_a_yes_books_nothing_for_a_plan_paused_meanwhile(client, desk, una):
    patient = behind(20)
    plan = Plan.objects.get()
    slot = Slot(una.pk, None, local(5))
    kept = services.hold_place(
        by=desk, patient=patient, slot=slot, kind="treatment", now=NOON, plan=plan
    )
    pause(plan)
    client.force_login(desk)

    answer = client.post(f"/schedule/holds/{kept.pk}/take/", follow=True)

    assert "Their plan waits for a review" in answer.content.decode()
    assert not Appointment.objects.filter(status="booked").exists()


def test_a_yes_that_comes_too_late_books_nothing(desk, una, clock):
    kept = hold(desk, make_patient(), una)

    clock.now = NOON + 21 * MINUTE
    with pytest.raises(HoldGone):
        services.take_place(by=desk, hold_id=kept.pk, now=clock.now)

    assert not Appointment.objects.exists()


def test_a_no_frees_the_place_and_the_same_offer_twice_is_one(desk, una):
    patient = make_patient()
    kept = hold(desk, patient, una)
    assert hold(desk, patient, una) == kept

    for _ in range(2):
        services.let_go(by=desk, hold_id=kept.pk)

    assert hold(desk, make_patient(), una)
    assert AuditEvent.objects.filter(action="let_hold_go").count() == 1


def test_only_a_hold_runs_out(una):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_appointment(status="held", practitioner=una)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_appointment(held_until=NOON, practitioner=una)


def test_a_patient_waits_once_and_joining_again_changes_the_wishes(una):
    patient = make_patient()
    first = join(patient)

    again = join(patient, weekdays=[2], now=NOON + DAY)

    assert (again.pk, again.since, again.weekdays) == (first.pk, NOON, 4)
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


# The pages


def test_from_a_cancellation_to_the_next_patient_in_three_presses(client, una):
    sign_in(client, Role.FRONT_DESK)
    patient = make_patient(given_name="Kit", family_name="Marlow", phone="020 7946")
    join(patient)
    row = make_appointment(
        practitioner=una, bed=Bed.objects.get(name="Willow"), starts_at=local(5)
    )

    sent = {"status": "cancelled", "revision": 0, "reason": "Ill"}
    answer = client.post(f"/appointments/{row.pk}/status/", sent)
    page = client.get(answer.url).content.decode()
    url = re.search(r'href="(/schedule/waiting/place/[^"]+)"', page)[1]
    offered = client.get(url).content.decode()
    assert "Kit Marlow" in offered
    assert "has waited since Tue 3 Mar" in offered

    client.post(url, {"patient": patient.pk})
    kept = client.get(url).content.decode()
    assert "Kept for Kit Marlow until" in kept
    assert "12:20" in kept
    assert "Nothing is booked until you confirm" in kept
    assert not Appointment.objects.filter(patient=patient).exists()

    client.post(re.search(r'action="(/schedule/holds/\d+/take/)"', kept)[1])
    assert Appointment.objects.get(patient=patient).starts_at == local(5)


def test_a_moved_visit_is_told_as_well(client, una):
    sign_in(client, Role.FRONT_DESK)
    join(make_patient())
    row = make_appointment(
        practitioner=una, bed=Bed.objects.get(name="Willow"), starts_at=local(5)
    )
    place = {"day": "2026-03-06", "time": "09:00", "practitioner": una.pk, "bed": ""}

    lengths = {"needling": 15, "stay": 45, "revision": 0}
    answer = client.post(f"/appointments/{row.pk}/", place | lengths)

    page = client.get(answer.url).content.decode()
    assert "1 patient who waits could have this place" in page


def test_after_a_no_the_next_is_offered_it(client, una):
    desk = sign_in(client, Role.FRONT_DESK)
    first, second = behind(20), make_patient(given_name="Kit")
    join(second)
    kept = hold(desk, first, una)

    answer = client.post(f"/schedule/holds/{kept.pk}/decline/")
    page = client.get(answer.url).content.decode()

    assert "The place is free again" in page
    assert f'value="{second.pk}"' in page


@pytest.mark.parametrize("patient", ["", "x", "0", "9" * 30, "-1", "\x00"])
def test_no_offer_breaks_the_page(client, una, patient):
    sign_in(client, Role.FRONT_DESK)

    answer = client.post(PLACE.format(una.pk), {"patient": patient})

    assert client.get(answer.url).status_code == 200
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    "place",
    ["", "x", "2026-03-05T09:00", "2026-03-05T09:07 1", "2026-03-05T09:00 " + "9" * 30],
)
def test_no_place_breaks_the_page(client, una, place):
    sign_in(client, Role.FRONT_DESK)

    answer = client.get("/schedule/waiting/place/", {"place": place}, follow=True)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 302),
        ({"last_day": "2026-03-02"}, 422),
        ({"first_day": "2026-03-20", "last_day": "2026-03-19"}, 422),
        ({"last_day": "2027-04-01"}, 422),
        ({"time_from": "10:00", "time_to": "09:00"}, 422),
        ({"weekdays": ["7"]}, 422),
        ({"kind": "party"}, 422),
        ({"practitioner": "999"}, 422),
    ],
)
def test_wishes_are_checked_beside_their_fields(client, una, changes, status):
    sign_in(client, Role.FRONT_DESK)
    sent = {"kind": "treatment", "first_day": "2026-03-03", "last_day": "2026-03-20"}

    answer = client.post(f"/schedule/waiting/{make_patient().pk}/", sent | changes)

    assert answer.status_code == status
    assert WaitEntry.objects.exists() is (status == 302)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_wait_list_costs_the_same_for_any_length(
    client, una, rows, django_assert_num_queries
):
    """Session, user, names; freed places and hours with closures, beds, lengths; holds;
    entries.
    """
    desk = sign_in(client, Role.FRONT_DESK)
    for day in range(rows):
        join(make_patient())
        hold(desk, make_patient(), una, local(9 + day))
        FreedPlace.objects.create(
            practitioner=una, starts_at=local(16 + day), freed_at=NOON
        )
    client.get("/schedule/waiting/")

    with django_assert_num_queries(9):
        page = client.get("/schedule/waiting/")

    assert page.content.decode().count("Take off") == rows
