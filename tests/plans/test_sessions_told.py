"""A session whose patient has told a tablet how it is: theirs stands, a yes is read."""

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.measures.models import Score
from patients.measures.services import annotate_score
from plans.patient_mode.models import Tablet
from plans.patient_mode.services import tell
from plans.sessions import services
from plans.sessions.models import Session
from plans.sessions.queries import visits_of
from tests.factories import make_user
from tests.plans.sessions_setting import ALL_NO, make_course, make_visit, ready
from tests.plans.test_sessions_pages import address, text_of, typed

pytestmark = pytest.mark.django_db
NUMBERS = {"leg": 7, "back": 3, "function": 5}


@pytest.fixture
def visit():
    return make_visit(make_course())


@pytest.fixture
def desk(client, visit):
    client.force_login(visit.practitioner)
    return client


def told(visit, *, numbers=NUMBERS, yes=()):
    now = timezone.now()
    tablet = Tablet.objects.create(
        started_at=now, started_by=make_user(), address="10.0.0.1"
    )
    return tell(
        tablet=tablet,
        visit=visit.pk,
        numbers=numbers,
        ticked=[2, 3],
        safety=ALL_NO | dict.fromkeys(yes, True),
        now=now,
    )


def sign(visit, report=None, **changes):
    by = visit.practitioner
    session = services.open_session(by=by, appointment=visit)
    return services.sign(
        by=by,
        session=session,
        revision=session.revision,
        entry=ready(session, **changes),
        now=timezone.now(),
        seen_report=report and report.pk,
    )


def test_no_needles_before_a_yes_on_the_tablet_was_read(desk, visit):
    desk.post(address(visit), typed(visit, do="save"))
    report = told(visit, yes=["saddle_numbness"])

    sent = typed(visit, revision=1, do="needles_in")
    shown = desk.post(address(visit), sent, follow=True)

    visit.refresh_from_db()
    assert visit.status == "arrived"
    assert "read it first" in text_of(shown)
    assert report.flagged


def test_the_patients_scores_are_the_sessions_and_nobody_types_them(visit):
    report = told(visit)

    session = sign(visit, report, scores={"back_after": 2})

    assert {*session.scores.filter(entered_by=None)} == {report.leg, report.back}
    (shown,) = visits_of(visit.plan.episode)
    assert (shown.leg_before, shown.back_before, shown.back_after) == (7, 3, 2)


def test_a_typed_score_never_stands_for_the_patients(visit):
    report = told(visit)

    session = sign(visit, report, scores={"leg_before": 1, "back_before": 1})

    values = {(s.scale, int(s.value)) for s in session.scores.all()}
    assert values == {("leg_nrs", 7), ("back_nrs", 3)}
    assert Score.objects.filter(scale="leg_nrs").count() == 1


def test_what_the_patient_would_not_say_is_still_asked_for(visit):
    report = told(visit, numbers=NUMBERS | {"leg": None})

    with pytest.raises(services.NotReady) as refused:
        sign(visit, report, scores={})

    assert [problem.kind for problem in refused.value.problems] == ["no_score"]


def test_nobody_signs_before_they_have_read_what_came_meanwhile(desk, visit):
    desk.get(address(visit))
    report = told(visit, yes=["saddle_numbness"])

    page = desk.post(address(visit), typed(visit))

    assert page.status_code == 422
    assert Session.objects.get().status == "draft"
    shown = text_of(page)
    assert "read it first" in shown
    assert f'name="seen_report" value="{report.pk}"' in shown
    assert "The patient said yes on the tablet" in shown


def test_a_yes_on_the_tablet_stops_the_session_until_it_is_asked(desk, visit):
    report = told(visit, yes=["saddle_numbness"])

    page = text_of(desk.get(address(visit)))
    assert "The patient said yes on the tablet" in page
    assert "No needles until this is settled" in page

    # One tick for all five never undoes it.
    sent = typed(visit) | {"seen_report": report.pk, "safety-saddle_numbness": "yes"}
    assert desk.post(address(visit), sent).status_code == 422
    assert Session.objects.get().status == "draft"
    answered = sent | {"safety-saddle_numbness": "no", "revision": 1}
    assert desk.post(address(visit), answered).status_code == 302
    assert Session.objects.get().status == "signed"


def test_the_page_shows_who_entered_it_and_asks_for_no_score(desk, visit):
    report = told(visit)
    annotate_score(
        by=make_user(name="Mei Note"),
        score=report.leg,
        text="Was sitting badly.",
        submission="0b1f8a9e-3f55-4c66-9d55-0a3ce1f0a001",
        now=timezone.now(),
    )

    page = text_of(desk.get(address(visit)))

    at = timezone.localtime(report.sent_at)
    entered = f'Entered by the patient <time datetime="{at:%H:%M}">{at:%H:%M}</time>'
    assert entered in page
    assert 'name="leg_before"' not in page
    assert 'name="leg_after"' in page
    assert "Was sitting badly." in page
    sent = typed(visit, seen_report=report.pk)
    del sent["leg_before"]
    assert desk.post(address(visit), sent).status_code == 302
    signed = text_of(
        desk.get(reverse("plans:session", args=[Session.objects.get().pk]))
    )
    assert entered in signed
    assert "Was sitting badly." in signed


@pytest.mark.parametrize("seen", ["", "0", "x", "9" * 30])
def test_junk_in_what_was_seen_signs_nothing(desk, visit, seen):
    told(visit)

    assert desk.post(address(visit), typed(visit, seen_report=seen)).status_code == 422
    assert not Session.objects.filter(status="signed").exists()


def test_the_day_shows_who_has_answered(desk, visit):
    told(visit, yes=["fever_unwell"])

    assert "Said yes: safety" in text_of(desk.get("/"))
