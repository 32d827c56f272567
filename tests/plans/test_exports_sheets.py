"""A plan on paper: the patient's page, the clinical sheet, the STRICTA table."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.audit.models import AuditEvent
from clinic.rules.files import RuleFileError
from plans.catalogue.depth import usual_cun
from plans.catalogue.points import read_catalogue
from plans.exports.fit import PAGE, SIZES, Page, height, type_size
from plans.exports.patient_sheet import FILE, load_sheet, rules
from plans.exports.stricta import parts
from plans.planning import services
from plans.planning.models import PlanVersion
from plans.sessions.entry import Line, Stimulus
from plans.sessions.models import PointChange
from tests.factories import make_plan, make_user, settle, sign_in
from tests.plans.sessions_setting import make_course, make_visit, sign
from tests.plans.test_planning import WHEN, intake_of

NAMES = ("patient_sheet", "clinical_sheet", "stricta")
SHEETS = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def by(client):
    return sign_in(
        client,
        Role.ACUPUNCTURIST,
        name="Mei Example",
        qualification="LicAc",
        practising_since=2012,
    )


@pytest.fixture
def draft(by):
    """Of a woman who reads Chinese."""
    intake = intake_of("posterior_50f", by)
    patient = intake.episode.patient
    patient.language = "zh-hans"
    patient.save()
    return services.draft_plan(by=by, intake=intake, **WHEN)


@pytest.fixture
def version(draft):
    return put_in_force(draft)


def put_in_force(draft, *, letters=(), **written):
    """With what is written in it first; `letters` of its points in their order."""
    for name, value in written.items():
        setattr(draft, name, value)
    draft.save()
    for row, letter in zip(draft.points.all(), letters, strict=False):
        row.prescription, row.side = letter, "left"
        row.save()
    return settle(
        draft,
        status=PlanVersion.Status.APPROVED,
        approved_by=draft.created_by,
        approved_at=WHEN["now"],
    )


def opened(client, name, version):
    return client.get(reverse(f"plans:{name}", args=[version.plan_id]))


def visit(version, by, days, status="booked"):
    found = make_visit(version, days_ago=-days, practitioner=by)
    found.status = status
    found.cancel_reason = "Ill" if status == "cancelled" else ""
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
    assert f"{ahead:%a} {ahead.day} {ahead:%b}" in paper(said)
    assert "We look back together: after session 4" in paper(said)
    for row in version.points.all():
        assert row.acupoint_id not in paper(said)


@pytest.mark.django_db
def test_without_dates_it_says_so(client, by):
    version = make_plan()

    assert "No date is booked yet" in paper(opened(client, "patient_sheet", version))


@pytest.mark.django_db
def test_weeks_count_from_the_first_session_and_reviews_have_their_day(
    client, by, draft
):
    """Of four sessions one was had; the review after the third is on its day."""
    patient = draft.plan.episode.patient
    patient.language = "en"
    patient.save()
    proposal = draft.proposal
    proposal["dose"]["reviews"] = [
        {"session": number, "week": week, "purpose": {"en": "x", "zh-hans": "x"}}
        for number, week in ((1, None), (3, None), (99, None), (None, 3))
    ]
    version = put_in_force(draft, proposal=proposal)
    for days, status in [(-7, "done"), (7, "booked"), (14, "booked"), (15, "booked")]:
        visit(version, by, days, status)

    said = " ".join(paper(opened(client, "patient_sheet", version)).split())

    third, first = (timezone.localdate() + timedelta(days=d) for d in (14, -7))
    monday = first - timedelta(days=first.weekday()) + timedelta(weeks=2)
    assert re.findall(r"Week (\d)", said)[:2] == ["3", "4"]
    assert (
        f"We look back together: after session 3 ({short(third)}), "
        f"in week 3 (from {short(monday)})." in said
    )


def short(on):
    return f"{on:%a} {on.day} {on:%b}"


@pytest.mark.django_db
def test_the_goal_is_said_as_the_patient_said_it(client, draft):
    version = put_in_force(draft, goal="Walk the dog & sleep.")

    assert "“Walk the dog &amp; sleep.”" in paper(
        opened(client, "patient_sheet", version)
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("phone", "times"), [("020 7946 0999", 2), ("", 0)])
def test_the_clinics_telephone_is_on_it_if_there_is_one(
    client, version, settings, phone, times
):
    settings.CLINIC_PHONE = phone

    said = paper(opened(client, "patient_sheet", version))

    assert said.count(phone or "电话") == times
    assert "联系我们" in said


@pytest.mark.django_db
def test_what_no_clinician_has_confirmed_is_said_beside_it_in_words(client, version):
    page = opened(client, "patient_sheet", version)
    beside = text_of(page).split("<article")[0]

    (vessel,) = (rule for rule in rules().rules if rule.id == "hospital-vessel")
    assert vessel.then["text"]["en"] in beside
    assert "to be confirmed by a clinician" in beside
    assert vessel.then["text"]["zh-hans"] in paper(page)
    assert "hospital-vessel" not in text_of(page)


def set_page(**parts):
    empty = {"head": ["Twelve sessions."], "weeks": [2] * 6, "flow": [], "boxes": [[]]}
    return Page(**empty | parts)


def test_the_type_is_as_large_as_the_page_lets_it_be():
    short_one, long_one = ([["Walk a little each day."] * n] for n in (4, 60))

    assert type_size(set_page(flow=short_one)) == SIZES[0]
    size = type_size(set_page(flow=long_one))
    assert SIZES[0] > size > SIZES[-1]
    assert height(set_page(flow=long_one), size) <= PAGE[1]
    # A Chinese character is twice as wide as a letter.
    assert type_size(set_page(flow=[["每天走走" * 8] * 40])) < type_size(
        set_page(flow=[["walk" * 8] * 40])
    )


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
        assert f"{row.depth_mm} mm ({usual_cun(row.depth_mm)} cun)" in said
    assert "approved by Mei Example" in said


@pytest.mark.django_db
def test_alternating_prescriptions_stand_apart_each_whole(client, draft):
    version = put_in_force(draft, letters="ab", goal="Walk again.")
    first, second, third, *_rest = version.points.all()

    said = " ".join(paper(opened(client, "clinical_sheet", version)).split())

    _before, in_a, in_b = re.split(r"Prescription [AB] ·", said)
    assert first.acupoint_id in in_a
    assert first.acupoint_id not in in_b.split("Good to know")[0]
    assert second.acupoint_id in in_b
    assert second.acupoint_id not in in_a
    for both in (in_a, in_b):
        assert f"{third.acupoint_id} {third.acupoint.hanzi}" in both
    assert "“Walk again.”" in said


@pytest.mark.django_db
def test_what_was_left_out_says_why_and_what_stands_for_it(client, by):
    intake = intake_of("posterior_50f", by, pregnant=True, pregnancy_weeks=20)
    draft = services.draft_plan(by=by, intake=intake, **WHEN)

    said = paper(opened(client, "clinical_sheet", put_in_force(draft)))

    removed = draft.proposal["removed"]
    assert removed
    for gone in removed:
        assert gone["code"] in said
        assert escape(gone["reason"]["because"]["en"]) in said


# ---------------------------------------------------------------- STRICTA


def stricta_of(client, version):
    """The page, and the cell of each item."""
    page = text_of(opened(client, "stricta", version))
    return page, dict(re.findall(r'"row">(\w+) .*?</th>(.*?)</tr>', page, re.DOTALL))


@pytest.mark.django_db
def test_empty_items_are_shown_as_missing_and_where_to_write_them(client, by, draft):
    version = put_in_force(draft, style="", response_sought="")
    by.qualification, by.practising_since = "", None
    by.save()

    page, rows = stricta_of(client, version)

    missing = {item for item, cell in rows.items() if "Missing" in cell}
    assert missing == {"1a", "2d", "2g", "4b", "5"}
    assert "5 items missing" in page
    assert page.count("write it in the next version of the plan") == 4
    assert "an admin writes it under Staff" in page
    assert "the qualification, the years of practice" in rows["5"]
    assert "Not applicable" in rows["6a"]
    for row in version.points.all():
        assert row.acupoint_id in rows["2b"]

    client.force_login(make_user(Role.ADMIN))
    page = text_of(opened(client, "stricta", version))
    assert reverse("change_member", args=[by.pk]) in page
    assert page.count("an acupuncturist writes it in the next version") == 4


@pytest.mark.django_db
def test_a_draft_that_is_open_is_where_to_write_them(client, by, version):
    services.revise(
        by=by, plan=version.plan, intake=version.intake, reason="More.", **WHEN
    )

    page, _rows = stricta_of(client, version)

    assert reverse("plans:draft", args=[version.plan_id]) in page
    assert "write it in draft 2" in page


@pytest.mark.django_db
def test_what_the_plan_says_stands_under_its_item(client, draft):
    """Two prescriptions that alternate, and a course that tapers."""
    version = put_in_force(
        draft,
        letters="ab",
        style="Individualised",
        needle="0.25 × 40 mm, steel",
        setting="Told of both guidelines.",
        response_sought="twitch",
        sessions=7,
        per_week=3,
        weekly=[3, 2, 2],
    )
    first, second, *rest = version.points.all()

    page, rows = stricta_of(client, version)

    assert "Missing" not in page
    assert "nothing missing" in page
    assert "Individualised" in rows["1a"]
    assert "0.25 × 40 mm, steel" in rows["2g"]
    assert "Told of both guidelines." in rows["4b"]
    assert "muscle twitch" in rows["2d"]
    assert "3 a week for 1 week, then 2 a week for 2 weeks" in rows["3b"]
    in_a, in_b = (f"{one.acupoint_id} left" for one in (first, second))
    said = re.findall(r"<p>(.*?)</p>", rows["2b"])
    assert [in_a in words for words in said] == [True, False]
    assert [in_b in words for words in said] == [False, True]
    assert all(rest[0].acupoint_id in words for words in said)
    for words in ("Mei Example, LicAc", "Harbour Lane", "since 2012"):
        assert words in rows["5"]


@pytest.mark.django_db
def test_signed_sessions_fill_the_table(client, by):
    version = make_course()
    sign(make_visit(version, practitioner=by), by=by)

    said = paper(opened(client, "stricta", version))

    assert "8 planned, 1 done" in said
    assert re.search(r"mean 2(\.0)?, from 2 to 2, in 1 session", said)


@pytest.mark.django_db
def test_stricta_tells_how_sessions_varied_and_how_a_current_was_set(
    client, by, version
):
    User.objects.filter(pk=by.pk).update(trained_electro=True)
    by.refresh_from_db()
    lines = (
        Line("GB30", "right", 20, "electro"),
        Line("BL40", "right", 20, "electro"),
    )
    wave = Stimulus(
        form="dense_disperse", hz=Decimal(2), hz_high=Decimal(100), minutes=20
    )
    for day in (3, 1):
        sign(
            make_visit(version, days_ago=day, practitioner=by),
            by=by,
            lines=lines,
            stimulation={"electro": wave},
            needles_in=2,
            needles_out=2,
        )

    said = text_of(opened(client, "stricta", version))

    wave_words = "Electroacupuncture · dense-disperse · 2/100 Hz · 20 min"
    assert f"{wave_words}, in 2 sessions" in said
    kinds = [change.kind for change in PointChange.objects.all()]
    added, dropped, changed = map(kinds.count, ("added", "dropped", "changed"))
    assert dropped + changed > 0
    counts = f"{added} added, {dropped} left out, {changed} changed"
    assert f"Between sessions: {counts}" in said


@pytest.mark.django_db
@pytest.mark.parametrize("sessions", [0, 3])
def test_stricta_costs_the_same_for_any_number_of_sessions(
    client, by, version, django_assert_num_queries, sessions
):
    for day in range(sessions):
        sign(make_visit(version, days_ago=day, practitioner=by), by=by)

    # Session, user, plan, version, points, audit row, intake, sessions, needlings,
    # changes, settings, the draft to write in.
    with django_assert_num_queries(12):
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
