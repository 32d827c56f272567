"""What is printed, as chromium puts it on paper."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.access.roles import Role
from plans.planning import services
from plans.planning.models import PlanVersion
from tests.browser.conftest import DESK
from tests.factories import make_appointment, make_bed, make_patient, make_user
from tests.plans.test_planning import intake_of

A4 = (595, 842)  # points, upright
LYING = (842, 595)


@pytest.fixture
def mei():
    return make_user(Role.ACUPUNCTURIST, name="Mei Example", qualification="LicAc")


def pages(here, path):
    """The size of each page of the address's PDF, in points."""
    here.go(path)
    pdf = here.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/Type\s*/Page\b.*?/MediaBox\s*\[([^\]]+)\]", pdf, re.DOTALL)
    return [tuple(round(float(n)) for n in box.split()[2:]) for box in boxes]


def course(by, *, visits, per_week, language="en", goal="", **answers):
    """A plan in force with all its visits booked, from the coming Monday on."""
    now = timezone.now()
    when = {"now": now, "today": timezone.localdate(now)}
    intake = intake_of("posterior_50f", by, **answers)
    patient = intake.episode.patient
    patient.language = language
    patient.save()
    draft = services.draft_plan(by=by, intake=intake, **when)
    draft.sessions, draft.per_week, draft.goal = visits, per_week, goal
    draft.status = PlanVersion.Status.APPROVED
    draft.approved_by, draft.approved_at = by, now
    draft.save()
    monday = now + timedelta(days=7 - when["today"].weekday())
    bed, who = make_bed(), make_user(name="Una Example")
    for number in range(visits):
        week, day = divmod(number, per_week)
        make_appointment(
            patient=patient,
            plan=draft.plan,
            practitioner=who,
            bed=bed,
            starts_at=monday + timedelta(weeks=week, days=2 * day),
        )
    return draft.plan


LONG = "To get back to work and to sleep through. " * 7
RECOVERING, ACUTE = {"leg_nrs": 3}, {"leg_nrs": 8}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sheets_of_a_plan_are_one_a4_each(visit, mei, language):
    here = visit(DESK)
    here.sign_in(mei)
    for asked in (
        {"visits": 12, "per_week": 2, "goal": LONG[:60], **ACUTE},
        {"visits": 12, "per_week": 2, **RECOVERING},
        {"visits": 12, "per_week": 3, **ACUTE},
        {"visits": 12, "per_week": 1, **ACUTE},
        {"visits": 24, "per_week": 1, "goal": LONG[:300], **ACUTE},
    ):
        plan = course(mei, language=language, **asked)

        assert pages(here, f"/plans/{plan.pk}/patient-sheet/") == [A4], asked
    for sheet in ("calendar", "clinical-sheet"):  # of the last, which has most
        assert pages(here, f"/plans/{plan.pk}/{sheet}/") == [A4], sheet


def test_a_day_is_on_paper_a_row_a_visit(visit, mei):
    """The desk's copy upright, the treatment room's on its side; no blank page."""
    at = timezone.localtime().replace(hour=8, minute=0)
    beds, who = [make_bed() for _ in range(3)], [mei, make_user(), make_user()]
    for number in range(30):
        make_appointment(
            patient=make_patient(family_name="Wolfeschlegelsteinhausen"),
            practitioner=who[number % 3],
            bed=beds[number % 3],
            starts_at=at + timedelta(minutes=45 * (number // 3)),
        )
    here = visit(DESK)
    here.sign_in(mei)

    assert pages(here, "/schedule/desk-sheet/") == [A4]
    assert pages(here, "/schedule/treatment-sheet/") == [LYING]
