"""The page a day starts on, and the page of a patient."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.home.queries import LastWeeks
from patients.intake.models import Intake
from patients.measures.models import Score
from plans.adverse.services import record_event
from plans.scheduling.models import Appointment
from plans.sessions.models import Session
from tests.factories import (
    make_appointment,
    make_episode,
    make_intake,
    make_patient,
    make_plan,
    make_user,
    settle,
    sign_in,
)
from tests.plans.test_adverse import told as told_of

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def eight_oclock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: TODAY)


def text_of(response):
    return response.content.decode()


def make_session(version, at, *, status="signed", counts=None, **scores):
    """A session of a plan with its appointment; scores by scale, on arrival."""
    episode = version.plan.episode
    visit = make_appointment(
        patient=episode.patient,
        plan=version.plan,
        practitioner=version.created_by,
        starts_at=at,
        status=Appointment.Status.DONE,
    )
    signature = {
        "status": status,
        "signed_at": at,
        "signed_by": version.created_by,
        "needles_in": 6,
        "needles_out": 6,
        "checklist": "2026.1",
    } | (counts or {})
    session = Session.objects.create(
        appointment=visit,
        plan_version=version,
        started_at=at,
        retention_min=30,
    )
    for scale, value in scores.items():
        session.scores.add(
            Score.objects.create(
                episode=episode, scale=scale, value=value, moment="before", taken_at=at
            )
        )
    return settle(session, **signature) if status == "signed" else session


class TestPatientPage:
    @pytest.mark.parametrize("sessions", [1, 3, 100])
    def test_query_count_does_not_grow(
        self, client, django_assert_max_num_queries, sessions
    ):
        sign_in(client, Role.ACUPUNCTURIST)
        version = make_plan(sessions=24)
        for number in range(sessions):
            make_session(version, TODAY - (number + 1) * DAY, leg_nrs=7)
        patient = version.plan.episode.patient

        with django_assert_max_num_queries(11) as seen:
            page = text_of(client.get(patient.get_absolute_url()))

        assert len(seen) == PATIENT_PAGE
        assert page.count("7 → –") == min(sessions, 5)

    def test_opening_a_record_is_audited(self, client):
        user = sign_in(client, Role.FRONT_DESK)
        patient = make_patient()

        client.get(patient.get_absolute_url())

        event = AuditEvent.objects.get()
        assert (event.action, event.by) == ("open_record", user)
        assert event.patient_id == patient.pk

    def test_the_desk_sees_no_clinical_content(self, client):
        sign_in(client, Role.FRONT_DESK)
        episode = make_episode(complaint="Left sciatica")
        version = make_plan(episode=episode, note="Careful with the knee")
        make_session(version, TODAY - DAY, leg_nrs=7)

        page = text_of(client.get(episode.patient.get_absolute_url()))

        for word in ("sciatica", "GB30", "环跳", "Leg pain", "7 →", "Careful"):
            assert word not in page
        assert "To book" in page

    @pytest.mark.parametrize("role", Role)
    def test_nobody_of_this_number_is_not_found(self, client, role):
        sign_in(client, role)

        for pk in (0, 999_999, 10**30):
            assert client.get(f"/patients/{pk}/").status_code == 404
        assert not AuditEvent.objects.exists()

    @pytest.mark.parametrize("junk", ["x", "-1", "²", "9" * 400, "\x00", ""])
    def test_an_episode_that_is_none_is_overlooked(self, client, junk):
        sign_in(client, Role.ACUPUNCTURIST)
        patient = make_episode().patient

        page = client.get(patient.get_absolute_url(), {"episode": junk})

        assert page.status_code == 200

    def test_another_episode_can_be_looked_at(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        present = make_episode(complaint="Left sciatica")
        old = make_episode(
            patient=present.patient, complaint="Stiff neck", closed_on=TODAY.date()
        )
        address = present.patient.get_absolute_url()

        assert "<h1>Left sciatica" in text_of(client.get(address))
        assert "<h1>Stiff neck" in text_of(client.get(address, {"episode": old.pk}))

    def test_an_episode_of_somebody_else_is_not_shown(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        patient = make_episode(complaint="Left sciatica").patient
        other = make_episode(complaint="Secret")

        page = text_of(client.get(patient.get_absolute_url(), {"episode": other.pk}))

        assert "Secret" not in page


class TestNextAction:
    """One primary action, and the right one, at every station of the line."""

    def primary(self, client, patient):
        page = text_of(client.get(patient.get_absolute_url()))
        assert page.count("btn--primary") <= 1
        if "btn--primary" not in page:
            return None
        _before, after = page.split("btn--primary", 1)
        return after.split(">", 1)[1].split("<", 1)[0]

    def test_an_acupuncturist_goes_from_the_door_to_the_outcome(self, client):
        me = sign_in(client, Role.ACUPUNCTURIST)
        patient = make_patient()
        assert self.primary(client, patient) == "Open an episode"

        episode = make_episode(patient=patient)
        assert self.primary(client, patient) == "Take the intake"

        intake = make_intake(episode=episode, screen=Intake.Screen.UNANSWERED)
        assert self.primary(client, patient) == "Answer the open questions"

        Intake.objects.update(screen=Intake.Screen.RAISED)
        assert self.primary(client, patient) == "See the red flags"

        Intake.objects.update(screen=Intake.Screen.CLEAR)
        assert self.primary(client, patient) == "Make the plan"

        version = make_plan(
            intake=intake,
            status="draft",
            approved_at=None,
            approved_by=None,
            sessions=2,
        )
        assert self.primary(client, patient) == "Finish the plan"

        version.status, version.approved_at = "approved", TODAY - 2 * DAY
        version.approved_by = me
        version.save()
        assert self.primary(client, patient) == "Book the course"

        visit = make_appointment(
            patient=patient, plan=version.plan, practitioner=me, starts_at=TODAY
        )
        assert self.primary(client, patient) == "Log today’s session"

        visit.status = Appointment.Status.NO_SHOW
        visit.save()
        later = {"patient": patient, "plan": version.plan}
        make_appointment(**later, starts_at=TODAY + DAY)
        assert self.primary(client, patient) == "Book 1 more session"

        make_appointment(**later, starts_at=TODAY + 2 * DAY)
        assert self.primary(client, patient) == "See the progress"

    def test_the_desk_books(self, client):
        sign_in(client, Role.FRONT_DESK)
        patient = make_patient()
        assert self.primary(client, patient) == "Book a first visit"

        make_appointment(patient=patient, starts_at=TODAY + DAY)
        assert self.primary(client, patient) == "See the appointment"

        make_plan(episode=make_episode(patient=patient))
        assert self.primary(client, patient) == "Book the course"

    def test_the_admin_looks_on(self, client):
        sign_in(client, Role.ADMIN)
        patient = make_patient()
        assert self.primary(client, patient) is None

        make_plan(episode=make_episode(patient=patient))
        assert self.primary(client, patient) == "See the progress"

    def test_a_raised_flag_stops_a_course_that_runs(self, client):
        sign_in(client, Role.ACUPUNCTURIST)
        version = make_plan()
        episode = version.plan.episode
        make_intake(episode=episode, taken_at=TODAY, screen=Intake.Screen.RAISED)

        assert self.primary(client, episode.patient) == "See the red flags"


class TestHome:
    ROLES = [(Role.ACUPUNCTURIST, 6), (Role.FRONT_DESK, 9), (Role.ADMIN, 5)]

    @pytest.mark.parametrize("visits", [1, 3])
    @pytest.mark.parametrize(("role", "queries"), ROLES)
    def test_query_count_does_not_grow(
        self, client, django_assert_num_queries, role, queries, visits
    ):
        """The session and the user; then four of the acupuncturist, three of the
        admin, six of the desk.
        """
        user = sign_in(client, role)
        practitioner = user if user.is_acupuncturist else make_user()
        for number in range(visits):
            version = make_plan(approved_at=TODAY - 60 * DAY)
            visit = {"practitioner": practitioner, "plan": version.plan}
            visit["patient"] = version.plan.episode.patient
            make_appointment(**visit, starts_at=TODAY + number * timedelta(hours=1))
            make_appointment(
                **visit,
                starts_at=TODAY - DAY + number * timedelta(hours=1),
                status=Appointment.Status.DONE,
            )

        with django_assert_num_queries(queries):
            page = text_of(client.get("/"))

        if role == Role.ACUPUNCTURIST:
            assert page.count("Log session") == 2 * visits
        elif role == Role.FRONT_DESK:
            assert page.count(">Arrived<") == visits
        else:
            assert "Sessions not signed" in page

    def test_the_admin_reads_numbers_that_add_up(self, client):
        sign_in(client, Role.ADMIN)
        make_intake(screen=Intake.Screen.UNANSWERED, taken_at=TODAY - DAY)
        version = make_plan()
        visit = {"patient": version.plan.episode.patient, "plan": version.plan}
        make_session(version, TODAY - 2 * DAY, leg_nrs=5)
        statuses = ["done", "done", "no_show", "late_cancel", "booked", "cancelled"]
        for number, status in enumerate(statuses, start=3):
            make_appointment(**visit, starts_at=TODAY - number * DAY, status=status)
        make_appointment(**visit, starts_at=TODAY - 60 * DAY, status="no_show")
        make_appointment(**visit, starts_at=TODAY, status="booked")

        weeks = client.get("/").context["weeks"]

        assert weeks == LastWeeks(
            patients=1,
            attended=3,
            missed=1,
            cancelled_late=1,
            unsigned=2,
            unmarked=1,
            without_score=0,
            open_screens=1,
            needles_differ=0,
        )

    def test_a_solo_practitioner_sees_all_parts_in_order(self, client):
        sign_in(client, *Role)

        page = text_of(client.get("/"))

        parts = ["Your appointments", "Behind plan", "Records to complete"]
        places = [page.index(part) for part in parts]
        assert places == sorted(places)

    @pytest.mark.parametrize("role", Role)
    def test_an_empty_day_says_what_to_do_next(self, client, role):
        sign_in(client, role)

        page = client.get("/")

        assert page.status_code == 200
        assert "nothing__title" in text_of(page)

    def test_who_is_late_is_marked_and_who_came_moves_on(self, client):
        sign_in(client, Role.FRONT_DESK)
        make_appointment(starts_at=TODAY - timedelta(minutes=5))
        make_appointment(status=Appointment.Status.IN_BED, starts_at=TODAY)
        make_appointment(status=Appointment.Status.CANCELLED, starts_at=TODAY)

        page = text_of(client.get("/"))

        assert page.count("Late</span>") == 1
        assert page.count(">Arrived<") == 1
        assert "In the house" in page

    def test_the_desk_reads_no_complaint_at_home(self, client):
        sign_in(client, Role.FRONT_DESK)
        episode = make_episode(complaint="Left sciatica")
        make_plan(episode=episode, approved_at=TODAY - 60 * DAY)

        page = text_of(client.get("/"))

        assert "60 days between sessions, at most 7 planned" in page
        assert "sciatica" not in page

    def test_a_stranger_is_led_to_the_sign_in(self, client):
        assert client.get("/")["Location"].startswith("/account/sign-in/")


# Session, user; the patient, the audit event; episodes, appointments, the course; the
# points of the plan, the sessions, the scores of the chart, reviews with pauses.
PATIENT_PAGE = 11


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/", "Today"),
        ("/schedule/new/", "Schedule"),
        ("/appointments/{appointment}/", "Schedule"),
        ("/patients/{patient}/", "Patients"),
        ("/plans/{plan}/", "Patients"),
        ("/episodes/{episode}/progress/", "Patients"),
    ],
)
def test_the_rail_says_where_a_page_belongs(client, address, place):
    sign_in(client, Role.ACUPUNCTURIST)
    version = make_plan()
    patient = version.plan.episode.patient
    numbers = {
        "appointment": make_appointment(patient=patient).pk,
        "patient": patient.pk,
        "plan": version.plan_id,
        "episode": version.plan.episode_id,
    }

    page = text_of(client.get(address.format(**numbers)))

    rail = page[page.index("rail__places") : page.index("</nav>")]
    assert rail.count('aria-current="page"') == 1
    assert place in rail[rail.index('aria-current="page"') :].split("</a>")[0]


class TestBehindPlan:
    @pytest.mark.parametrize("courses", [1, 3])
    @pytest.mark.parametrize(
        ("role", "queries"), [(Role.FRONT_DESK, 6), (Role.ACUPUNCTURIST, 7)]
    )
    def test_each_says_what_is_missing_and_leads_to_it(
        self, client, courses, role, queries, django_assert_num_queries
    ):
        """Session, user, how all courses stand, reviews, worse scores, whose it is;
        for whom it concerns how the pain goes.
        """
        sign_in(client, role)
        for _ in range(courses):
            version = make_plan(approved_at=TODAY - 60 * DAY, sessions=8)
            make_appointment(
                plan=version.plan,
                patient=version.plan.episode.patient,
                starts_at=TODAY - 28 * DAY,
                status=Appointment.Status.DONE,
            )

        with django_assert_num_queries(queries):
            page = client.get("/behind-plan/").content.decode()

        lines = courses if role is Role.ACUPUNCTURIST else 0
        assert page.count('class="sparkline"') == lines
        why = "28 days between sessions, at most 7 planned · No next date · Review due"
        assert page.count(why) == courses
        assert f'href="/plans/{version.plan_id}/book/">Book 7' in page

    def test_a_course_up_for_review_is_listed_and_one_that_keeps_to_its_plan_is_not(
        self, client
    ):
        sign_in(client, Role.FRONT_DESK)
        plans = []
        for had in ([3], [29, 2]):
            version = make_plan(sessions=len(had) + 1, approved_at=TODAY - 30 * DAY)
            visit = {"plan": version.plan, "patient": version.plan.episode.patient}
            for days in had:
                make_appointment(**visit, starts_at=TODAY - days * DAY, status="done")
            make_appointment(**visit, starts_at=TODAY + DAY)
            plans.append(version.plan_id)
        keeps, reviewed = plans

        page = client.get("/behind-plan/").content.decode()

        assert "Review due" in page
        assert f"/plans/{reviewed}/course/" in page
        assert f"/plans/{keeps}/" not in page

    def test_the_list_is_paged(self, client):
        sign_in(client, Role.FRONT_DESK)
        for _ in range(26):
            make_plan(approved_at=TODAY - 60 * DAY, codes=())

        first = client.get("/behind-plan/").content.decode()
        second = client.get("/behind-plan/?page=2").content.decode()

        assert (first.count(">Book 8"), second.count(">Book 8")) == (25, 1)

    def test_who_does_not_book_has_no_list(self, client):
        sign_in(client, Role.ADMIN)

        assert client.get("/behind-plan/").status_code == 403


class TestNeedleCounts:
    def differing(self, days_ago=2, status="signed", **counts):
        given = {"needles_in": 8, "needles_out": 7, "incident": "Found on the floor"}
        at = TODAY - days_ago * DAY
        return make_session(make_plan(), at, status=status, counts=given | counts)

    def test_the_admins_number_opens_the_sessions_behind_it(self, client):
        sign_in(client, Role.ADMIN)
        found = self.differing()
        for other in (
            {"needles_out": 8, "incident": ""},
            {"days_ago": 40},
            {"status": "draft"},
        ):
            self.differing(**other)
        told = self.differing(days_ago=3)
        record_event(
            by=told.signed_by,
            episode=told.plan_version.plan.episode,
            session=told,
            submission=uuid4(),
            now=TODAY,
            **told_of(),
        )

        home = text_of(client.get("/"))
        page = text_of(client.get("/needle-counts/"))

        assert '<a href="/needle-counts/">1<' in home
        assert page.count("Found on the floor") == 1
        assert f"/sessions/{found.pk}/" in page
        assert "8 / 7" in page

    def test_where_none_differ_the_page_says_so(self, client):
        sign_in(client, Role.ADMIN)

        assert "Every needle is accounted for" in text_of(client.get("/needle-counts/"))

    @pytest.mark.parametrize("role", [Role.ACUPUNCTURIST, Role.FRONT_DESK])
    def test_it_is_for_who_reviews(self, client, role):
        sign_in(client, role)

        assert client.get("/needle-counts/").status_code == 403

    @pytest.mark.parametrize("rows", [1, 27])
    def test_query_count_does_not_grow(self, client, rows, django_assert_num_queries):
        """Session, user, the page’s visits."""
        sign_in(client, Role.ADMIN)
        for _row in range(rows):
            self.differing()
        client.get("/needle-counts/")

        with django_assert_num_queries(3):
            page = text_of(client.get("/needle-counts/"))

        assert page.count("Found on the floor") == min(rows, 25)
