"""A day on paper for the desk and for the treatment room; a patient's calendar."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.exports.queries import last_times
from plans.planning.models import PlanVersion
from plans.planning.queries import with_points
from plans.scheduling.models import Appointment
from plans.sessions.entry import Line, carried_over
from plans.sessions.queries import lines_of, start_of
from tests.factories import (
    MONDAY_NINE,
    NOTHING_SAID,
    make_appointment,
    make_patient,
    make_user,
    settle,
    sign_in,
)
from tests.plans.sessions_setting import make_course, make_visit, sign

pytestmark = pytest.mark.django_db

DESK, TREATMENT = "plans:desk_sheet", "plans:treatment_sheet"
DRAFT = {"status": "draft", "approved_at": None, "approved_by": None}


def put_in_force(version):
    settle(
        version,
        status=PlanVersion.Status.APPROVED,
        approved_at=MONDAY_NINE,
        approved_by=version.created_by,
    )


@pytest.fixture
def by(client):
    return sign_in(client, Role.ACUPUNCTURIST, name="Mei Example")


def body(response):
    """The article alone, without its tags."""
    page = response.content.decode()
    article = re.search(r"<article.*</article>", page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", article[0]).split())


def sheet(client, name, **query):
    return client.get(reverse(name), query)


def today_at(hour):
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0)


# ---------------------------------------------------------------- the desk's copy


def test_the_desk_copy_says_who_when_and_with_whom_and_nothing_of_why(client, by):
    version = make_course()
    patient = version.plan.episode.patient
    patient.phone, patient.alerts = "07700 900123", "Faints at needles"
    patient.save()
    make_appointment(
        patient=patient,
        plan=version.plan,
        practitioner=by,
        starts_at=today_at(9),
        kind=Appointment.Kind.FIRST,
    )
    sign_in(client, Role.FRONT_DESK)

    said = body(sheet(client, DESK))

    assert "09:00 – 09:45" in said
    for words in (patient.name, "07700 900123", "Mei Example", "Bed", "First visit"):
        assert words in said
    for words in (version.plan.episode.complaint, "Faints", "GB30", "BL40", "mm"):
        assert words not in said


def test_it_is_in_the_order_of_the_day_without_what_was_cancelled(client, by):
    for hour, name, status in [
        (11, "Later", "confirmed"),
        (9, "Sooner", "booked"),
        (10, "Gone", "cancelled"),
    ]:
        patient = make_patient(family_name=name)
        row = make_appointment(
            patient=patient, practitioner=by, starts_at=today_at(hour)
        )
        Appointment.objects.filter(pk=row.pk).update(
            status=status, cancel_reason="Ill" if status == "cancelled" else ""
        )
    make_appointment(practitioner=by, starts_at=today_at(9) + timedelta(days=1))

    said = body(sheet(client, DESK))

    assert said.index("Sooner") < said.index("Later")
    assert "Gone" not in said
    assert "2 appointments" in said


def test_another_day_can_be_asked_for_and_what_is_none_shows_today(client, by):
    on = timezone.localdate() + timedelta(days=3)
    make_appointment(practitioner=by, starts_at=today_at(9) + timedelta(days=3))

    assert "1 appointment" in body(sheet(client, DESK, day=on.isoformat()))
    for junk in ("2026-02-30", "9999-12-31", "委中", ""):
        assert "0 appointments" in body(sheet(client, DESK, day=junk))


def test_opening_it_is_written_down_by_its_day(client, by):
    sheet(client, DESK, day="2026-03-02")

    event = AuditEvent.objects.get(action="print_desk_sheet")
    assert (event.by, event.details) == (by, {"day": "2026-03-02"})


# ---------------------------------------------------------------- the treatment copy


def test_the_treatment_copy_has_points_cautions_and_how_it_went_last_time(client, by):
    cautions = [
        {
            "level": level,
            "rule": "X",
            "text": {"en": words, "zh-hans": words},
            "sources": [],
            "strength": "D",
            "tag": "proposal",
        }
        for level, words in (("warn", "Thin skin: shallow."), ("note", "Drowsy."))
    ]
    version = make_course(proposal=NOTHING_SAID | {"cautions": cautions}, **DRAFT)
    version.points.filter(acupoint="BL40").update(
        override_reason="Weighed.", technique="reducing"
    )
    put_in_force(version)
    patient = version.plan.episode.patient
    patient.alerts = "Latex allergy"
    patient.save()
    sign(
        make_visit(version, days_ago=7, practitioner=by),
        scores={"leg_before": 6, "leg_after": 4, "back_before": 3},
        note="Slept well.",
    )
    make_visit(version, practitioner=by)

    said = body(sheet(client, TREATMENT))

    assert "GB30 环跳 R 20 mm" in said
    assert "BL40 委中 R 20 mm" in said
    assert "Session 2 of 8, 30 min" in said
    assert "leg 6 → 4" in said
    assert "back 3 → ?" in said
    for words in ("Thin skin: shallow.", "Latex allergy", "BL40: Weighed.", "Slept"):
        assert words in said
    assert "Drowsy" not in said


def test_alternating_prescriptions_take_turns(client, by):
    version = make_course(codes=("GB30", "BL40", "BL57"), **DRAFT)
    for code, letter in (("GB30", "a"), ("BL40", "b")):
        version.points.filter(acupoint=code).update(prescription=letter)
    put_in_force(version)
    make_visit(version, practitioner=by)

    first = body(sheet(client, TREATMENT))
    earlier = sign(make_visit(version, days_ago=7, practitioner=by))
    second = body(sheet(client, TREATMENT))

    assert earlier.prescription == "a"
    assert ("Prescription A" in first, "GB30" in first, "BL40" in first) == (
        True,
        True,
        False,
    )
    assert ("Prescription B" in second, "GB30" in second, "BL40" in second) == (
        True,
        False,
        True,
    )
    assert "BL57" in first
    assert "BL57" in second


def test_it_has_what_was_changed_last_time_beside_the_plan(client, by):
    """GB30 deeper, BL40 left out, BL57 put in: the next session starts from that."""
    version = make_course(codes=("GB30", "BL40", "BL23"))
    lines = (
        Line("GB30", "right", 45, "even"),
        Line("BL23", "both", 20, "reducing"),
        Line("BL57", "right", 15, "even"),
    )
    choices = {"lines": lines, "retention_min": 20, "needles_in": 4, "needles_out": 4}
    sign(make_visit(version, days_ago=7, practitioner=by), **choices)
    today = make_visit(version, practitioner=by)

    said = body(sheet(client, TREATMENT))

    assert "GB30 环跳 R 45 mm (plan: 20 mm)" in said
    assert "BL23 肾俞 L+R 20 mm reducing (plan: R even reinforcing-reducing)" in said
    assert "BL57 承山 R 15 mm (not in the plan)" in said
    assert "Left out: BL40" in said
    assert "Session 2 of 8, 20 min" in said
    assert "not as planned" in said
    last, copied = last_times([version], today.starts_at)
    assert last[version.plan_id].number == 1
    start = start_of(version, before=today.starts_at)
    needlings = copied[version.plan_id].needlings
    assert carried_over(lines_of(needlings)) == start.entry.lines == lines
    assert copied[version.plan_id].retention_min == start.entry.retention_min


@pytest.mark.parametrize("had", range(5))
def test_each_starts_from_what_the_session_page_starts_from(client, by, had):
    """By turns A and B; after the third session a new version of the plan."""
    version = make_course(codes=("GB30", "BL40", "BL57"), **DRAFT)
    for code, letter in (("GB30", "a"), ("BL40", "b")):
        version.points.filter(acupoint=code).update(prescription=letter)
    put_in_force(version)
    for number in range(had):
        if number == 3:
            version = revised(version)
        sign(make_visit(version, days_ago=20 - number, practitioner=by))
    now = timezone.now()

    _last, copied = last_times([with_points().get(pk=version.pk)], now)
    start = start_of(version, before=now)

    found = copied.get(version.plan_id)
    assert (found is None) == (start.copied_from is None)
    if found:
        assert carried_over(lines_of(found.needlings)) == start.entry.lines


def revised(version):
    """The next version of the plan, in force: the same points by turns."""
    settle(version, status=PlanVersion.Status.SUPERSEDED)
    points = list(version.points.all())
    version.pk, version.number = None, version.number + 1
    version._state.adding = True
    version.status, version.approved_at, version.approved_by = "draft", None, None
    version.save()
    for point in points:
        point.pk, point.version = None, version
        point._state.adding = True
        point.save()
    put_in_force(version)
    return version


def test_it_is_ones_own_day_unless_another_is_named(client, by):
    other = make_user(Role.ACUPUNCTURIST)
    for who, name in ((by, "Mine"), (other, "Theirs")):
        patient = make_patient(family_name=name)
        make_appointment(patient=patient, practitioner=who, starts_at=today_at(9))

    assert "Mine" in body(sheet(client, TREATMENT))
    theirs = body(sheet(client, TREATMENT, practitioner=other.pk))
    assert "Theirs" in theirs
    assert "Mine" not in theirs
    for junk in ("0", "9" * 30, "x"):
        assert "Mine" in body(sheet(client, TREATMENT, practitioner=junk))


def test_who_has_no_plan_is_there_too(client, by):
    for hour, kind in ((9, Appointment.Kind.FIRST), (10, Appointment.Kind.TREATMENT)):
        make_appointment(practitioner=by, starts_at=today_at(hour), kind=kind)

    said = body(sheet(client, TREATMENT))

    assert "First visit" in said
    assert "No plan in force" in said


def test_a_visit_without_a_plan_of_its_own_is_treated_by_the_open_episodes(client, by):
    version = make_course()
    patient = version.plan.episode.patient
    make_appointment(patient=patient, practitioner=by, starts_at=today_at(9))

    assert "GB30" in body(sheet(client, TREATMENT))

    version.plan.episode.closed_on = date(2026, 3, 3)
    version.plan.episode.save()
    assert "GB30" not in body(sheet(client, TREATMENT))


def test_a_draft_is_not_printed_on_it(client, by):
    version = make_course(**DRAFT)
    make_visit(version, practitioner=by)

    assert "No plan in force" in body(sheet(client, TREATMENT))


def test_the_record_of_each_patient_on_it_was_opened(client, by):
    visits = [
        make_appointment(practitioner=by, starts_at=today_at(hour)) for hour in (9, 10)
    ]
    other = make_appointment(starts_at=today_at(9))

    sheet(client, TREATMENT)

    opened = AuditEvent.objects.filter(action="open_record", by=by)
    assert {event.patient_id for event in opened} == {
        visit.patient_id for visit in visits
    }
    assert other.patient_id not in {event.patient_id for event in opened}


@pytest.mark.parametrize(
    ("name", "role", "status"),
    [
        (DESK, Role.FRONT_DESK, 200),
        (DESK, Role.ADMIN, 200),
        (TREATMENT, Role.FRONT_DESK, 403),
        (TREATMENT, Role.ADMIN, 200),
    ],
)
def test_the_treatment_copy_is_for_those_who_may_see_a_plan(client, name, role, status):
    sign_in(client, role)

    assert sheet(client, name).status_code == status


@pytest.mark.parametrize("visits", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        (DESK, 4),  # session, user, audit row, appointments
        # Session, user, practitioners, appointments, versions, points, sessions,
        # needlings, and the audit rows in one.
        (TREATMENT, 9),
    ],
)
def test_a_full_day_costs_what_one_visit_costs(
    client, by, django_assert_num_queries, name, queries, visits
):
    for hour in range(visits):
        version = make_course()
        sign(make_visit(version, days_ago=7 + hour, practitioner=by))
        row = make_visit(version, days_ago=30 + hour, practitioner=by)
        Appointment.objects.filter(pk=row.pk).delete()
        make_appointment(
            patient=version.plan.episode.patient,
            plan=version.plan,
            practitioner=by,
            starts_at=today_at(9 + hour),
        )

    with django_assert_num_queries(queries):
        page = sheet(client, name)

    assert body(page).count("Reyes") == visits


def test_the_schedule_leads_to_the_copies_one_may_see(client, by):
    page = client.get(reverse("plans:day")).content.decode()
    assert reverse(DESK) in page
    assert reverse(TREATMENT) in page

    sign_in(client, Role.FRONT_DESK)
    page = client.get(reverse("plans:day")).content.decode()
    assert reverse(DESK) in page
    assert reverse(TREATMENT) not in page


# ---------------------------------------------------------------- the calendar


@pytest.fixture
def course(by):
    """Two of four to come: Monday 12 July 2027 and Thursday of the week after."""
    version = make_course()
    for day, status in [(1, "done"), (12, "booked"), (14, "cancelled"), (22, "booked")]:
        row = make_visit(version, practitioner=by)
        at = timezone.make_aware(datetime(2027, 7, day, 9, 30))
        Appointment.objects.filter(pk=row.pk).update(
            starts_at=at,
            needling_ends_at=at + timedelta(minutes=15),
            ends_at=at + timedelta(minutes=45),
            status=status,
            cancel_reason="Ill" if status == "cancelled" else "",
        )
    return version


def calendar_of(client, version):
    return client.get(reverse("plans:calendar", args=[version.plan_id]))


def test_the_calendar_has_the_dates_to_come_and_nothing_clinical(client, course):
    sign_in(client, Role.FRONT_DESK)

    said = body(calendar_of(client, course))

    assert re.findall(r"(\d+ Jul) 09:30", said) == ["12 Jul", "22 Jul"]
    assert "Mon Tue Wed Thu Fri Sat Sun 12 Jul 09:30 13 14" in said
    assert "All with Mei Example." in said
    assert "24 hours before" in said
    for words in (course.plan.episode.complaint, "GB30", "plan"):
        assert words not in said


def test_it_speaks_the_patients_language_and_says_with_whom_where_that_differs(
    client, course
):
    patient = course.plan.episode.patient
    patient.language = "zh-hans"
    patient.save()
    other = make_user(name="Una Example")
    Appointment.objects.filter(starts_at__day=22).update(practitioner=other)

    page = calendar_of(client, course)

    said = body(page)
    assert 'lang="zh-hans"' in page.content.decode()
    assert "7月12日 09:30 Mei Example" in said
    assert "7月22日 09:30 Una Example" in said
    assert "预约" in said
    assert not re.search(r"\b(Mon|hours|All)\b", said)


def test_without_dates_it_says_so_and_a_plan_that_is_none_is_not_found(client, by):
    assert "No date is booked yet" in body(calendar_of(client, make_course()))
    for wrong in (9**9, 2**63):
        url = reverse("plans:calendar", args=[wrong])
        assert client.get(url).status_code == 404


def test_opening_the_calendar_is_written_down(client, course):
    calendar_of(client, course)

    assert AuditEvent.objects.filter(
        action="print_calendar", patient_id=course.plan.episode.patient_id
    ).exists()


def test_the_course_leads_to_the_calendar(client, course):
    page = client.get(reverse("plans:course", args=[course.plan_id])).content.decode()

    assert reverse("plans:calendar", args=[course.plan_id]) in page
