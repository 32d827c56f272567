"""A tablet in a patient's hand: what it lets through, and what it writes."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.measures.models import Score
from plans.patient_mode import services
from plans.patient_mode.identity import is_called
from plans.patient_mode.limits import LONGEST, MOST_WRONG
from plans.patient_mode.models import SelfReport, Tablet
from plans.scheduling.models import Appointment
from plans.scheduling.services import take_over
from tests.factories import make_appointment, make_episode, make_patient, make_user
from tests.factories import sign_in as sign_somebody_in
from tests.plans.patient_mode_setting import (
    BORN,
    INITIALS,
    NO_TO_ALL,
    START,
    TIME,
    WELCOME,
    answer,
    farewell,
    question,
    say_who,
)
from tests.plans.sessions_setting import make_course, make_visit

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/"


def hand_over(address="10.0.0.1", role=Role.FRONT_DESK):
    device = Client(REMOTE_ADDR=address)
    device.user = sign_somebody_in(device, role)
    assert device.post(START).url == WELCOME
    return device


@pytest.fixture
def tablet():
    return hand_over()


@pytest.fixture
def visit():
    return make_visit(make_course())


# ---------------------------------------------------------------- what is let through


@pytest.mark.parametrize(
    "address", ["/", "/patients/", "/schedule/", "/account/preferences/", "/nowhere/"]
)
def test_a_handed_over_device_shows_patient_mode_and_nothing_else(tablet, address):
    assert tablet.get(address).url == WELCOME
    assert tablet.post(address).url == WELCOME


def test_the_session_of_whoever_started_it_is_gone_from_the_device(tablet):
    assert "_auth_user_id" not in tablet.session


def test_signing_in_takes_the_device_back(tablet, visit):
    say_who(tablet, visit.patient)
    staff = make_user(Role.FRONT_DESK)

    form = {"login": staff.username, "password": "a-long-password"}
    assert tablet.get(SIGN_IN).status_code == 200
    tablet.post(SIGN_IN, form)

    assert tablet.get("/patients/").status_code == 200
    assert tablet.get(WELCOME).url == "/"
    assert not [
        key for key, _ in tablet.session.items() if key.startswith("patient_mode")
    ]
    assert tablet.session.get_expiry_age() <= 30 * 60
    assert Tablet.objects.get().ended_by == staff
    last = AuditEvent.objects.filter(action="end_patient_mode").get()
    assert last.by == staff


def test_a_cookie_kept_from_before_opens_nothing(visit):
    device = Client(REMOTE_ADDR="10.0.0.1")
    sign_somebody_in(device, Role.ACUPUNCTURIST)
    kept = device.cookies["sessionid"].value
    device.post(START)

    device.cookies["sessionid"] = kept

    assert device.get("/patients/").url.startswith(SIGN_IN)


def test_a_day_later_the_device_asks_for_staff(tablet):
    Tablet.objects.update(started_at=timezone.now() - LONGEST)

    assert tablet.get(WELCOME).url == "/"
    assert tablet.get("/").url.startswith(SIGN_IN)


def test_patient_mode_is_nothing_to_a_device_that_was_not_handed_over(client):
    for address in (WELCOME, BORN, INITIALS, TIME, question("leg"), farewell("thanks")):
        assert client.get(address).url == "/"
    sign_somebody_in(client, Role.FRONT_DESK)
    assert client.get(WELCOME).url == "/"


def test_the_admin_hands_no_tablet_over(client):
    sign_somebody_in(client, Role.ADMIN)

    assert client.post(START).status_code == 403
    assert not Tablet.objects.exists()


def test_no_page_may_be_kept(tablet, visit):
    say_who(tablet, visit.patient)

    reply = tablet.get(question("leg"))

    assert reply.headers["Cache-Control"] == "no-store, private"
    assert visit.patient.family_name not in reply.content.decode()


# ---------------------------------------------------------------- who the patient is


@pytest.mark.parametrize(
    ("typed", "names", "fits"),
    [
        ("AR", ("Reyes", "Ana María"), True),
        ("a. r.", ("Reyes", "Ana María"), True),
        ("RA", ("Reyes", "Ana María"), True),
        ("AMR", ("Reyes", "Ana María"), True),
        ("ＡＲ", ("Reyes", "Ana María"), True),
        ("A", ("Reyes", "Ana María"), False),
        ("AB", ("Reyes", "Ana María"), False),
        ("ARR", ("Reyes", "Ana María"), False),
        ("", ("Reyes", "Ana"), False),
        ("??", ("Reyes", "Ana"), False),
        ("MO", ("O’Brien", "Mary-Jane"), True),
        ("MJOB", ("O’Brien", "Mary-Jane"), True),
        ("MB", ("van der Berg", "Mo"), True),
        ("MV", ("van der Berg", "Mo"), True),
        ("王", ("王", "小明"), True),
        ("王小明", ("王", "小明"), True),
        ("小", ("王", "小明"), False),
        ("李", ("王", "小明"), False),
        ("王", ("Reyes", "Ana"), False),
        ("S", ("Sukarno", ""), True),
    ],
)
def test_initials(typed, names, fits):
    family, given = names

    assert is_called(typed, family_name=family, given_name=given) is fits


def test_the_name_somebody_goes_by_counts_too():
    chen = {"family_name": "陈", "given_name": "美玲", "preferred_name": "Mei Chen"}

    assert is_called("mc", **chen)
    assert is_called("陈", **chen)


def test_a_patient_of_today_is_asked_and_nobody_else(tablet, visit):
    assert say_who(tablet, visit.patient).url == question("leg")

    yesterday = make_visit(make_course(), days_ago=1).patient
    stranger = make_patient(birth_date=date(1955, 5, 5))
    for patient in (yesterday, stranger):
        patient.birth_date = date(1955, 5, 5)
        patient.save()
        reply = say_who(tablet, patient)
        assert reply.url == farewell("unknown")
        shown = tablet.get(reply.url).content.decode()
        assert patient.family_name not in shown


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"day": "31", "month": "2", "year": "1980"}, 422),
        ({"day": "1", "month": "1", "year": "80"}, 422),
        ({"day": "１", "month": "１", "year": "１９８０"}, 302),
        ({"day": "1", "month": "1", "year": "2099"}, 422),
        ({"day": "one", "month": "", "year": "9" * 40}, 422),
    ],
)
def test_a_birth_date_that_is_none_is_no_wrong_try(tablet, given, status):
    assert tablet.post(BORN, given).status_code == status
    assert Tablet.objects.get().wrong == 0


def test_two_called_alike_are_told_apart_by_the_time_and_never_by_name(tablet, visit):
    twin = make_patient(
        given_name="Aroa",
        family_name="Ruiz",
        birth_date=visit.patient.birth_date,
    )
    later = visit.starts_at + timedelta(hours=2)
    version = make_course()
    version.plan.episode.patient_id = twin.pk
    version.plan.episode.save()
    other = make_appointment(
        patient=twin, plan=version.plan, starts_at=later, status="arrived"
    )

    assert say_who(tablet, twin, "AR").url == TIME
    page = tablet.get(TIME).content.decode()
    assert not any(name in page for name in ("Ruiz", "Reyes"))
    assert tablet.post(TIME, {"time": "03:33"}).url == farewell("unknown")
    say_who(tablet, twin, "AR")
    at = timezone.localtime(later)
    assert tablet.post(TIME, {"time": f"{at:%H:%M}"}).url == question("leg")

    answer(tablet, visit=other)
    assert SelfReport.objects.get().appointment == other


def test_alike_to_the_minute_they_are_sent_to_the_desk(tablet, visit):
    twin = make_patient(
        given_name="Aroa", family_name="Ruiz", birth_date=visit.patient.birth_date
    )
    make_appointment(patient=twin, starts_at=visit.starts_at)
    say_who(tablet, twin, "AR")

    at = timezone.localtime(visit.starts_at)

    assert tablet.post(TIME, {"time": f"{at:%H:%M}"}).url == farewell("ask")


# ---------------------------------------------------------------- five wrong tries


def guess(tablet, times=1):
    for _ in range(times):
        tablet.post(BORN, {"day": 2, "month": 3, "year": 1944})
        reply = tablet.post(INITIALS, {"initials": "QX"})
    return reply


def test_five_wrong_tries_lock_and_the_fifth_is_the_last(tablet, visit):
    assert guess(tablet, MOST_WRONG - 1).url == farewell("unknown")
    assert tablet.get(WELCOME).status_code == 200

    guess(tablet)

    assert tablet.get(WELCOME).status_code == 423
    tablet.post(BORN, {"day": 1, "month": 1, "year": 1980})
    assert tablet.get(INITIALS).status_code == 423
    assert tablet.get(SIGN_IN).status_code == 200
    lock = AuditEvent.objects.get(action="lock_patient_mode")
    assert (lock.by, lock.patient_id, lock.details) == (None, None, {"wrong": 5})


def test_staff_frees_it_by_starting_again(tablet, visit):
    guess(tablet, MOST_WRONG)
    again = hand_over()

    assert again.get(WELCOME).status_code == 200
    assert say_who(again, visit.patient).url == question("leg")
    last = AuditEvent.objects.filter(action="start_patient_mode").first()
    assert last.details == {"unlocked": 1}


def test_who_fills_in_what_is_asked_may_mistype_again(tablet, visit):
    guess(tablet, MOST_WRONG - 1)
    say_who(tablet, visit.patient)
    assert Tablet.objects.get().wrong == MOST_WRONG - 1

    answer(tablet, visit=visit)

    assert Tablet.objects.get().wrong == 0


def test_three_locked_tablets_lock_their_address_and_no_other(visit):
    tablets = [hand_over("10.0.0.9") for _ in range(4)]
    elsewhere = hand_over("10.0.0.8")
    for one in tablets[:2]:
        guess(one, MOST_WRONG)
    assert tablets[3].get(WELCOME).status_code == 200

    guess(tablets[2], MOST_WRONG)

    assert tablets[3].get(WELCOME).status_code == 423
    assert elsewhere.get(WELCOME).status_code == 200


# ---------------------------------------------------------------- what is written


def test_the_answers_land_on_todays_visit_as_the_patients_own(tablet, visit):
    before = timezone.now()
    say_who(tablet, visit.patient)

    assert answer(tablet, visit=visit, ticked=[1, 5, 24]).url == farewell("thanks")

    report = SelfReport.objects.get()
    assert (report.appointment, report.flagged) == (visit, False)
    scores = {score.scale: score for score in Score.objects.all()}
    assert {scale: int(score.value) for scale, score in scores.items()} == {
        "leg_nrs": 6,
        "back_nrs": 4,
        "function_nrs": 5,
        "rmdq": 3,
    }
    assert scores["rmdq"].ticked == [1, 5, 24]
    for score in scores.values():
        assert (score.entered_by, score.moment) == (None, "before")
        assert score.episode == visit.plan.episode
        assert score.taken_at >= before
    assert AuditEvent.objects.get(action="tell_before_visit").by is None


def test_what_a_patient_would_rather_not_say_is_no_score(tablet, visit):
    say_who(tablet, visit.patient)

    answer(tablet, visit=visit, leg="skip", function="skip")

    assert [score.scale for score in Score.objects.all()] == ["back_nrs"]


def test_not_sure_is_not_no(tablet, visit):
    say_who(tablet, visit.patient)

    answer(tablet, visit=visit, saddle_numbness="unknown")

    report = SelfReport.objects.get()
    assert not report.flagged
    assert "saddle_numbness" not in report.safety
    assert report.safety["fever_unwell"] is False


def test_a_safety_question_left_open_sends_nothing(tablet, visit):
    say_who(tablet, visit.patient)

    reply = answer(tablet, visit=visit, fever_unwell="")

    assert reply.status_code == 422
    assert not Score.objects.exists()


def test_a_yes_raises_the_alarm_with_the_practitioner_and_the_desk(tablet, visit):
    say_who(tablet, visit.patient)

    assert answer(tablet, visit=visit, saddle_numbness="yes").url == farewell("flagged")

    page = tablet.get(farewell("flagged")).content.decode()
    assert "speak to your practitioner now" in page
    at_work = Client()
    at_work.force_login(visit.practitioner)
    name = visit.patient.name
    assert name in at_work.get("/tablets/alerts/").content.decode()
    desk, other = Client(), Client()
    sign_somebody_in(desk, Role.FRONT_DESK)
    sign_somebody_in(other, Role.ACUPUNCTURIST)
    told = desk.get("/tablets/alerts/").content.decode()
    assert name in told
    assert "numb" not in told
    assert name not in other.get("/tablets/alerts/").content.decode()

    known = f"/tablets/alerts/?known={SelfReport.objects.get().pk}"
    assert at_work.get(known).status_code == 204
    Appointment.objects.update(status="done")
    assert name not in at_work.get(known).content.decode()


def test_after_a_hand_over_the_alarm_is_with_whoever_took_over(tablet, visit):
    colleague = make_user()
    take_over(by=colleague, appointment=visit, revision=visit.revision)
    say_who(tablet, visit.patient)
    answer(tablet, visit=visit, saddle_numbness="yes")
    at_work = Client()
    at_work.force_login(colleague)

    shown = at_work.get("/tablets/alerts/").content.decode()

    assert f"with {colleague.name}" in shown
    assert f"/appointments/{visit.pk}/session/" in shown


def test_without_a_plan_it_is_told_of_the_complaint_that_is_treated(tablet):
    version = make_course()
    visit = make_visit(version)
    Appointment.objects.filter(pk=visit.pk).update(plan=None)
    patient = visit.patient
    day = version.plan.episode.opened_on + timedelta(days=1)
    make_episode(patient=patient, complaint="Neck", opened_on=day)

    say_who(tablet, patient)
    answer(tablet, visit=visit)

    assert SelfReport.objects.get().leg.episode == version.plan.episode


def test_a_visit_is_told_of_once_whichever_tablet_comes_first(visit):
    one, other = hand_over("10.0.0.1"), hand_over("10.0.0.2")
    for device in (one, other):
        say_who(device, visit.patient)

    assert answer(one, visit=visit, leg=6).url == farewell("thanks")
    assert answer(other, visit=visit, leg=9).url == farewell("already")

    assert int(Score.objects.get(scale="leg_nrs").value) == 6
    assert say_who(other, visit.patient).url == farewell("already")


def test_sent_twice_it_is_one(tablet, visit):
    say_who(tablet, visit.patient)
    answer(tablet, visit=visit)

    again = tablet.post(question("check"), {"visit": visit.pk} | NO_TO_ALL)

    assert again.url == WELCOME
    assert SelfReport.objects.count() == 1


def test_back_after_sending_shows_nothing(tablet, visit):
    say_who(tablet, visit.patient)
    answer(tablet, visit=visit)

    for address in (question("leg"), question("check"), INITIALS, TIME):
        assert tablet.get(address).url == WELCOME


def test_a_page_left_open_does_not_answer_for_the_next_patient(tablet, visit):
    """The last page of one patient, sent once another has begun."""
    next_one = make_patient(given_name="Bo", family_name="Lin")
    second = make_appointment(
        patient=next_one, starts_at=visit.starts_at + timedelta(hours=1)
    )
    make_episode(patient=next_one)
    say_who(tablet, next_one)
    for step in ("leg", "back", "function"):
        tablet.post(question(step), {"value": 1})

    reply = tablet.post(question("check"), {"visit": visit.pk} | NO_TO_ALL)

    assert reply.status_code == 422
    assert not SelfReport.objects.exists()
    tablet.post(question("check"), {"visit": second.pk} | NO_TO_ALL)
    assert SelfReport.objects.get().appointment == second


@pytest.mark.parametrize("status", ["cancelled", "done", "no_show", "needles_out"])
def test_a_visit_called_off_or_treated_meanwhile_takes_no_answers(
    tablet, visit, status
):
    say_who(tablet, visit.patient)
    reason = "Ill" if status == "cancelled" else ""
    Appointment.objects.update(status=status, cancel_reason=reason)

    assert answer(tablet, visit=visit).url == farewell("ask")

    assert not Score.objects.exists()
    assert not SelfReport.objects.exists()


def test_steps_cannot_be_jumped(tablet, visit):
    say_who(tablet, visit.patient)

    assert tablet.get(question("nonsense")).url == WELCOME
    for step in ("check", "function", "back"):
        assert tablet.get(question(step)).url == question("leg")
        assert tablet.post(question(step), {"value": 3}).url == question("leg")
    tablet.post(question("leg"), {"value": "11"})
    assert tablet.get(question("back")).url == question("leg")


def test_answers_left_alone_are_forgotten(tablet, visit):
    say_who(tablet, visit.patient)
    tablet.post(question("leg"), {"value": 3})
    session = tablet.session
    session["patient_mode_told"] |= {"at": timezone.now().timestamp() - 301}
    session.save()

    assert tablet.get(question("back")).url == WELCOME


def test_the_start_page_forgets_whoever_was_before(tablet, visit):
    say_who(tablet, visit.patient)

    tablet.get(WELCOME)

    assert tablet.get(question("leg")).url == WELCOME


def test_a_first_visit_has_nothing_to_fill_in(tablet):
    visit = make_appointment(starts_at=timezone.now(), kind="first")

    assert say_who(tablet, visit.patient).url == farewell("ask")


def test_the_questionnaire_is_asked_when_it_is_due(tablet, visit):
    say_who(tablet, visit.patient)
    assert "24" not in answer(tablet, visit=visit, ticked=[]).url
    assert int(Score.objects.get(scale="rmdq").value) == 0

    soon = make_appointment(
        patient=visit.patient,
        plan=visit.plan,
        starts_at=visit.starts_at + timedelta(hours=2),
    )
    say_who(tablet, visit.patient)
    for step in ("leg", "back", "function"):
        reply = tablet.post(question(step), {"value": 1})
    assert reply.url == question("check")
    assert soon.pk != visit.pk


def test_a_statement_sent_many_times_counts_once(tablet, visit):
    say_who(tablet, visit.patient)

    answer(tablet, visit=visit, ticked=[7] * 30)

    assert int(Score.objects.get(scale="rmdq").value) == 1


def test_the_sign_in_page_leads_back(tablet, client):
    back = "Back to patient mode"

    assert back in tablet.get(SIGN_IN).content.decode()
    assert back not in client.get(SIGN_IN).content.decode()


def test_in_chinese(tablet, visit):
    assert tablet.post(f"{WELCOME}language/", {"language": "zh-hans"}).url == BORN

    page = tablet.get(BORN)

    assert 'lang="zh-hans"' in page.content.decode()
    assert list(page.context["form"].fields) == ["year", "month", "day"]
    assert tablet.post(f"{WELCOME}language/", {"language": "xx"}).url == WELCOME


def test_the_lock_is_kept_where_two_tries_come_at_once(visit):
    tablet = Tablet.objects.create(
        started_at=timezone.now(), started_by=make_user(), address="10.0.0.1", wrong=4
    )

    assert services.count_wrong(tablet=tablet, now=timezone.now())
    assert services.count_wrong(tablet=tablet, now=timezone.now())
    assert AuditEvent.objects.filter(action="lock_patient_mode").count() == 1
