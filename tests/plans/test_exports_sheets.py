"""A plan on paper: the patient's page, the clinical sheet, the STRICTA table."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.rules.files import RuleFileError
from plans.catalogue.points import read_catalogue
from plans.exports.patient_sheet import FILE, load_sheet, rules
from plans.exports.stricta import parts
from plans.planning import services
from tests.factories import make_plan, make_user, sign_in
from tests.plans.sessions_setting import make_course, make_visit, sign
from tests.plans.test_planning import WHEN, intake_of

NAMES = ("patient_sheet", "clinical_sheet", "stricta")
SHEETS = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def by(client):
    return sign_in(
        client, Role.ACUPUNCTURIST, name="Mei Example", qualification="LicAc"
    )


@pytest.fixture
def version(by):
    """A plan in force of a woman who reads Chinese."""
    intake = intake_of("posterior_50f", by)
    patient = intake.episode.patient
    patient.language = "zh-hans"
    patient.save()
    draft = services.draft_plan(by=by, intake=intake, **WHEN)
    services.approve(by=by, version=draft, revision=0, **WHEN)
    return draft


def opened(client, name, version):
    return client.get(reverse(f"plans:{name}", args=[version.plan_id]))


def visit(version, by, days, status="booked"):
    found = make_visit(version, days_ago=-days, practitioner=by)
    found.status = status
    found.save()


def text_of(response):
    return response.content.decode()


def paper(response):
    """The article alone, without its tags."""
    article = re.search(r"<article.*</article>", text_of(response), re.DOTALL)
    return re.sub(r"<[^>]+>", " ", article[0])


# ---------------------------------------------------------------- the data


def test_the_patients_texts_name_no_codes_and_no_diagnosis():
    codes = set(read_catalogue()) | {"M54", "NRS", "CES"}
    for rule in rules().rules:
        for words in rule.then["text"].values():
            assert not codes & set(re.findall(r"[A-Z]{2,}[\d-]*", words)), words
            assert "sciatica" not in words.lower()


def test_a_text_in_one_language_is_refused(tmp_path):
    spoiled = tmp_path / "sheet.toml"
    found = FILE.read_text(encoding="utf-8")
    spoiled.write_text(re.sub(r", zh-hans = \"[^\"]+\"", "", found, count=1))

    with pytest.raises(RuleFileError, match=r"sheet\.toml.*expect-differs"):
        load_sheet(spoiled)


def test_a_kind_that_is_none_is_refused(tmp_path):
    spoiled = tmp_path / "sheet.toml"
    found = FILE.read_text(encoding="utf-8")
    spoiled.write_text(found.replace('kind = "expect"', 'kind = "hope"', 1))

    with pytest.raises(RuleFileError, match="kind"):
        load_sheet(spoiled)


def test_stricta_has_its_seventeen_items():
    ids = [item.id for part in parts() for item in part.items]

    assert ids == ("1a 1b 1c 2a 2b 2c 2d 2e 2f 2g 3a 3b 4a 4b 5 6a 6b".split())


# ---------------------------------------------------------------- the patient's page


@pytest.mark.django_db
def test_it_is_in_the_patients_language_and_the_frame_in_the_users(client, version):
    page = opened(client, "patient_sheet", version)

    assert '<html lang="en"' in text_of(page)
    assert 'lang="zh-hans"' in text_of(page)
    assert "Back to the plan" in text_of(page)
    assert "每" in paper(page)
    assert "立即去医院" in paper(page)
    assert not re.search(r"\b(session|hospital|pain|week)\b", paper(page))


@pytest.mark.django_db
def test_it_shows_what_is_booked_and_no_codes(client, by, version):
    patient = version.plan.episode.patient
    patient.language = "en"
    patient.save()
    for status, days in [
        ("done", -7),
        ("booked", -3),
        ("booked", 4),
        ("confirmed", 8),
        ("cancelled", 9),
    ]:
        visit(version, by, days, status)

    said = opened(client, "patient_sheet", version)

    # One was had, one that nobody marked is past: those to come are second and third.
    numbers = re.findall(r'sheet__number">(\d+)', text_of(said))
    assert numbers == ["2", "3"]
    ahead = timezone.localtime() + timedelta(days=4)
    assert f"{ahead:%Y-%m-%d}" in text_of(said)
    assert "We look back together: after session 4" in paper(said)
    for row in version.points.all():
        assert row.acupoint_id not in paper(said)


@pytest.mark.django_db
def test_without_dates_it_says_so(client, by):
    version = make_plan()

    assert "No date is booked yet" in paper(opened(client, "patient_sheet", version))


@pytest.mark.django_db
def test_what_no_clinician_has_confirmed_is_named_beside_it(client, version):
    page = opened(client, "patient_sheet", version)

    assert "To be confirmed by a clinician" in text_of(page)
    assert "hospital-vessel" in text_of(page)
    assert "hospital-vessel" not in paper(page)


@pytest.mark.django_db
@pytest.mark.parametrize("visits", [1, 3])
def test_the_patients_page_costs_the_same_for_one_visit_and_three(
    client, by, version, django_assert_num_queries, visits
):
    for day in range(visits):
        visit(version, by, 1 + day)

    # Session, user, plan, version, its points, the audit row, intake, appointments.
    with django_assert_num_queries(8):
        page = opened(client, "patient_sheet", version)

    assert text_of(page).count("sheet__number") == visits


# ---------------------------------------------------------------- the clinical sheet


@pytest.mark.django_db
def test_the_clinical_sheet_has_every_point_with_its_depth(client, version):
    said = paper(opened(client, "clinical_sheet", version))

    for row in version.points.all():
        assert row.acupoint_id in said
        assert f"{row.depth_mm} mm" in said
    assert "Mei Example" in said


# ---------------------------------------------------------------- STRICTA


@pytest.mark.django_db
def test_empty_items_are_shown_as_missing(client, version):
    page = opened(client, "stricta", version)

    rows = dict(re.findall(r'"row">(\w+) .*?</th>(.*?)</tr>', text_of(page), re.DOTALL))
    missing = {item for item, cell in rows.items() if "Missing" in cell}
    assert missing == {"1a", "2d", "2g", "4b"}
    assert "4 items missing" in text_of(page)
    assert "Not applicable" in rows["6a"]
    assert "LicAc" in rows["5"]
    for row in version.points.all():
        assert row.acupoint_id in rows["2b"]


@pytest.mark.django_db
def test_signed_sessions_fill_the_table(client, by):
    version = make_course()
    sign(make_visit(version, practitioner=by), by=by)

    said = paper(opened(client, "stricta", version))

    assert "8 planned, 1 done" in said
    assert re.search(r"mean 2(\.0)?, from 2 to 2, in 1 session", said)


@pytest.mark.django_db
@pytest.mark.parametrize("sessions", [0, 3])
def test_stricta_costs_the_same_for_any_number_of_sessions(
    client, by, version, django_assert_num_queries, sessions
):
    for day in range(sessions):
        sign(make_visit(version, days_ago=day, practitioner=by), by=by)

    # Session, user, plan, version, points, audit row, intake, sessions, needlings.
    with django_assert_num_queries(9):
        opened(client, "stricta", version)


# ---------------------------------------------------------------- all of them


@pytest.mark.django_db
@SHEETS
@pytest.mark.parametrize(
    ("role", "status"), [(Role.FRONT_DESK, 403), (Role.ADMIN, 200)]
)
def test_they_are_for_those_who_may_see_a_plan(client, version, name, role, status):
    client.force_login(make_user(role))

    assert opened(client, name, version).status_code == status


@pytest.mark.django_db
@SHEETS
def test_a_draft_is_not_printed(client, by, name):
    draft = services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)

    page = opened(client, name, draft)

    assert page.url == reverse("plans:plan", args=[draft.plan_id])
    assert not AuditEvent.objects.filter(action=f"print_{name}").exists()


@pytest.mark.django_db
@SHEETS
def test_printing_is_written_down(client, version, name):
    opened(client, name, version)

    assert AuditEvent.objects.filter(
        action=f"print_{name}", patient_id=version.plan.episode.patient_id
    ).exists()


@pytest.mark.django_db
@SHEETS
def test_a_plan_that_is_not_there_is_not_found(client, by, name):
    for wrong in (9**9, 2**63):
        assert client.get(reverse(f"plans:{name}", args=[wrong])).status_code == 404


@pytest.mark.django_db
def test_the_plan_leads_to_its_sheets(client, version):
    page = client.get(reverse("plans:plan", args=[version.plan_id])).content.decode()

    for name in NAMES:
        assert reverse(f"plans:{name}", args=[version.plan_id]) in page
