"""One fact otherwise: what the proposal would be, and the panel that tells it."""

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.intake.questionnaire import QUESTIONNAIRE
from patients.intake.screen import screen
from plans.engine.propose import propose
from plans.planning import services
from plans.planning.models import PlanPoint, PlanVersion
from plans.planning.queries import rule_book
from plans.planning.what_if import Known, difference, suppose
from tests.cases import CASES, TAKEN_ON
from tests.factories import make_user, sign_in
from tests.plans.test_planning import WHEN, as_lines, intake_of, save

CASE = CASES["posterior_50f"]
KNOWN = Known(
    answers=CASE.answers,
    birth_date=CASE.birth_date,
    sex="female",
    onset=CASE.onset,
    on=TAKEN_ON,
)


def found(fact, answer, known=KNOWN):
    supposed = suppose(known, fact, answer)
    before, after = known.facts(), supposed
    return difference(
        propose(before, book=rule_book()),
        propose(after, book=rule_book()),
        screens=(screen(before), screen(after)),
    )


def test_the_same_fact_changes_nothing():
    assert found("pregnant", False).nothing


def test_what_follows_from_an_answer_follows():
    facts = suppose(KNOWN, "pregnancy_weeks", 20)

    assert (facts["pregnant"], facts["pregnancy_weeks"]) == (True, 20)


@pytest.mark.parametrize("age", [0, 18, 80, 120])
def test_an_age_is_reached_to_the_year(age):
    assert suppose(KNOWN, "age", age)["age"] == age


@pytest.mark.parametrize("on", [date(2024, 2, 29), date(2026, 12, 31)])
def test_an_age_is_reached_on_any_day(on):
    assert suppose(replace(KNOWN, on=on), "age", 33)["age"] == 33


def test_weeks_since_it_began_are_counted_back():
    assert suppose(KNOWN, "onset_weeks", 26)["onset_weeks"] == 26


def test_what_is_not_asked_of_this_patient_cannot_be():
    man = replace(KNOWN, sex="male")

    assert suppose(man, "pregnant", True) is None


def test_in_pregnancy_points_go_with_the_rule_that_removes_them():
    gone = {each.point.code: each for each in found("pregnant", True).gone}

    assert gone
    for each in gone.values():
        assert each.removed or each.was
    removed = [each.removed for each in gone.values() if each.removed]
    assert all(each.reason.rule and each.reason.because for each in removed)


def test_there_and_back_are_mirrors():
    there = found("pregnant", True)
    back = found(
        "pregnant", False, replace(KNOWN, answers={**KNOWN.answers, "pregnant": True})
    )

    assert {each.point.code for each in there.gone} == {p.code for p in back.come}
    assert {c.rule for c in there.cautions} == {c.rule for c in back.eased}


def test_a_red_flag_comes_before_any_plan():
    flags = found("saddle_numbness", True).raised

    assert flags
    assert "RF1" in {flag.rule.id for flag in flags}


def test_every_change_has_its_reason():
    for name, answer in [("age", 80), ("anticoagulant", True), ("build", "thin")]:
        for altered in found(name, answer).altered:
            assert altered.changes
            assert altered.because or altered.lapsed, (name, altered)


# ---------------------------------------------------------------- the page


@pytest.fixture
def by(client):
    return sign_in(client, Role.ACUPUNCTURIST)


@pytest.fixture
def draft(by):
    return services.draft_plan(by=by, intake=intake_of("posterior_50f", by), **WHEN)


def asked(client, draft, query="", **headers):
    url = reverse("plans:what_if", args=[draft.plan_id])
    return client.get(url + query, headers=headers)


@pytest.mark.django_db
def test_the_page_tells_what_would_change_and_saves_nothing(client, draft):
    draft.refresh_from_db()
    before = (draft.proposal, draft.intake.answers, PlanPoint.objects.count())

    page = asked(client, draft, "?fact=pregnant&value=yes").content.decode()

    assert "Nothing is saved" in page
    assert '<span class="diff__word">Goes</span>' in page
    assert "strength" in page
    draft.refresh_from_db()
    draft.intake.refresh_from_db()
    assert before == (draft.proposal, draft.intake.answers, PlanPoint.objects.count())
    assert draft.revision == 0
    assert PlanVersion.objects.count() == 1


@pytest.mark.django_db
def test_htmx_gets_the_panel_alone(client, draft):
    page = asked(client, draft, "?fact=age&value=80", HX_Request="true")

    assert "<html" not in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.django_db
def test_choosing_a_fact_asks_for_its_value_and_is_no_mistake(client, draft):
    page = asked(client, draft, "?fact=leg_nrs").content.decode()

    assert 'name="value"' in page
    assert "field__error" not in page


@pytest.mark.django_db
def test_every_fact_can_be_chosen_but_the_map(client, draft):
    at_intake = [q for part in QUESTIONNAIRE.sections for q in part.questions]
    can_be_chosen = {q.id for q in at_intake if q.kind != "map"}

    for fact in (*QUESTIONNAIRE.questions, "age", "onset_weeks"):
        page = asked(client, draft, f"?fact={fact}", HX_Request="true")
        has_value = b'name="value"' in page.content
        can_be = fact in can_be_chosen or fact not in QUESTIONNAIRE.questions
        assert has_value is can_be, fact


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?fact=pregnant&value=no", "That is so already."),
        ("?fact=nothing&value=1", "Select a valid choice"),
        ("?fact=age&value=999", "less than or equal to 120"),
        ("?fact=age&value=", "required"),
        ("?fact=saddle_numbness&value=yes", "Possible cauda equina"),
        ("?fact=patterns&value=cold_damp&value=damp_heat", "what-if__outcome"),
    ],
)
def test_it_answers_in_words(client, draft, query, said):
    page = asked(client, draft, query)

    assert page.status_code == 200
    assert said in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("junk", ["", "x", "-1", "9" * 40, "٣", "%00", "1e9", "委中"])
def test_junk_is_never_an_error_of_ours(client, draft, junk):
    assert asked(client, draft, f"?fact={junk}&value=1").status_code == 200
    for fact in ("age", "onset_weeks", "pregnant", "root", "patterns"):
        answer = asked(client, draft, f"?fact={fact}&value={junk}", HX_Request="true")
        assert answer.status_code == 200, fact


@pytest.mark.django_db
def test_what_the_acupuncturist_added_is_judged_too(client, draft, by):
    """CV6 in pregnancy: nobody proposed it, so no proposed point goes."""
    line = as_lines(draft)[0]
    extra = replace(line, code="CV6", side="midline", depth_mm=10, origin="added")
    save(by, draft, [*as_lines(draft)[1:], extra])

    page = asked(client, draft, "?fact=pregnant&value=yes").content.decode()

    against = page.split("Against the plan as it is edited")[1]
    assert "CV6" in against


@pytest.mark.django_db
def test_a_man_is_not_offered_pregnancy(client, by):
    draft = services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)

    page = asked(client, draft).content.decode()

    assert "fact=pregnant" not in page
    assert "fact=age" in page


@pytest.mark.django_db
def test_the_draft_shows_the_panel_outside_the_form_that_saves(client, draft):
    page = client.get(reverse("plans:draft", args=[draft.plan_id])).content.decode()

    assert 'id="what-if"' in page
    before, panel = page.split('id="what-if"')
    assert before.count("<form") == before.count("</form>")
    assert "fact=pregnant" in panel


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [(Role.FRONT_DESK, 403), (Role.ADMIN, 200)]
)
def test_it_is_for_those_who_may_see_a_plan(client, draft, role, status):
    client.force_login(make_user(role))

    assert asked(client, draft, "?fact=age&value=80").status_code == status


@pytest.mark.django_db
def test_a_plan_that_is_not_there_is_not_found(client, by):
    for wrong in (9**9, 2**63):
        assert client.get(reverse("plans:what_if", args=[wrong])).status_code == 404


@pytest.mark.django_db
def test_asking_is_written_down(client, draft):
    asked(client, draft)

    assert AuditEvent.objects.filter(
        action="open_record", patient_id=draft.plan.episode.patient_id
    ).exists()


@pytest.mark.django_db
def test_an_answer_costs_eight_queries(client, draft, django_assert_num_queries):
    """Session, user, plan, draft, its points, the audit row, intake, clearances."""
    with django_assert_num_queries(8):
        asked(client, draft, "?fact=age&value=80")
