"""From an intake to a plan in force, and on to its next version."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from patients.intake.models import Intake
from patients.intake.services import complete_intake, take_intake
from plans.planning import services
from plans.planning.course import CourseDoesNotAddUp, weeks_of
from plans.planning.models import PlanPoint, PlanVersion, Technique
from plans.planning.queries import (
    all_objections,
    open_objections,
    rule_book,
    version_in_force,
)
from tests.cases import CASES, TAKEN_ON
from tests.factories import MONDAY_NINE, make_episode, make_patient, make_user

pytestmark = pytest.mark.django_db

PLANNED = [name for name in CASES if name != "saddle_stop"]
WHEN = {"now": MONDAY_NINE, "today": TAKEN_ON}


def intake_of(name, by, **changed):
    case = CASES[name]
    patient = make_patient(birth_date=case.birth_date or date(1970, 1, 1), sex=case.sex)
    episode = make_episode(
        patient=patient, onset_on=case.onset, opened_on=max(TAKEN_ON, date(2026, 1, 1))
    )
    return take_intake(
        by=by,
        episode=episode,
        answers={**case.answers, **changed},
        now=MONDAY_NINE,
        on=TAKEN_ON,
        submission=patient.submission,
    )


@pytest.fixture
def by():
    return make_user(trained_electro=True)


@pytest.fixture
def draft(by):
    return services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)


def as_lines(version, **changed):
    """The draft's lines as the form sends them; `changed` by code."""
    return [
        replace(services.line_of(row), **changed.get(row.acupoint_id, {}))
        for row in version.points.all()
    ]


def save(by, version, lines, **dose):
    services.save_draft(
        by=by,
        version=version,
        revision=version.revision,
        points=lines,
        **services.written_in(version) | dose,
    )


@pytest.mark.parametrize("name", PLANNED)
def test_a_published_case_gets_a_plan_that_keeps_its_reasons(name, by):
    version = services.draft_plan(by=by, intake=intake_of(name, by), **WHEN)

    codes = [row.acupoint_id for row in version.points.all()]
    assert 6 <= len(codes) <= 9
    assert [point["code"] for point in version.proposal["points"]] == codes
    assert all(point["reasons"] for point in version.proposal["points"])
    assert version.rules_version == rule_book().version
    assert (version.status, version.number, version.per_week) == ("draft", 1, 2)


def test_no_plan_for_the_patient_who_has_to_go_to_hospital(by):
    intake = intake_of("saddle_stop", by)

    with pytest.raises(services.ScreenNotClear):
        services.draft_plan(by=by, intake=intake, **WHEN)

    assert not PlanVersion.objects.exists()


def test_an_open_question_of_the_screen_is_not_a_clear_screen(by):
    intake = intake_of("slr30_45m", by)
    answers = {k: v for k, v in intake.answers.items() if k != "fever_unwell"}
    intake = take_intake(
        by=by,
        episode=intake.episode,
        answers=answers,
        now=MONDAY_NINE + timedelta(hours=1),
        on=TAKEN_ON,
        submission="6f3f1f1e-1111-4111-8111-111111111111",
        seen=intake.pk,
    )

    with pytest.raises(services.ScreenNotClear):
        services.draft_plan(by=by, intake=intake, **WHEN)


def test_proposing_twice_makes_one_draft(draft, by):
    again = services.draft_plan(by=by, intake=draft.intake, **WHEN)

    assert again == draft
    assert PlanVersion.objects.count() == 1


def test_a_plan_closes_the_intake_it_rests_on(draft):
    assert Intake.objects.get().closed_at == MONDAY_NINE


def test_approving_puts_a_name_under_it(draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)

    draft.refresh_from_db()
    assert (draft.status, draft.approved_by, draft.approved_at) == (
        "approved",
        by,
        MONDAY_NINE,
    )
    assert AuditEvent.objects.filter(action="approve_plan", by=by).count() == 1


def test_what_one_saves_over_anothers_work_is_refused(draft, by):
    save(by, draft, as_lines(draft), sessions=10)
    stale = PlanVersion.objects.get(pk=draft.pk)
    stale.revision = 0

    with pytest.raises(Stale):
        save(by, stale, as_lines(draft)[:3], sessions=4)

    draft.refresh_from_db()
    assert draft.sessions == 10
    with pytest.raises(Stale):
        services.approve(by=by, version=draft, revision=0, **WHEN)


def deepened(draft):
    """The first point that the engine gave a cap, a millimetre past it."""
    point = draft.proposal["points"][0]
    return point["code"], point["cap_mm"]


@pytest.mark.parametrize(("past", "reason", "objected"), [(0, "", 0), (1, "", 1)])
def test_the_cap_itself_is_allowed_and_a_millimetre_more_asks_why(
    draft, by, past, reason, objected
):
    code, cap = deepened(draft)
    save(by, draft, as_lines(draft, **{code: {"depth_mm": cap + past}}))

    assert len(open_objections(draft, by=by, today=TAKEN_ON)) == objected


def test_past_a_cap_with_a_recorded_reason_may_be_approved(draft, by):
    code, cap = deepened(draft)
    deeper = {"depth_mm": cap + 1, "override_reason": "Measured by ultrasound."}
    save(by, draft, as_lines(draft, **{code: deeper}))

    services.approve(by=by, version=draft, revision=1, **WHEN)

    assert (
        PlanPoint.objects.get(override_reason="Measured by ultrasound.").depth_mm > cap
    )


def test_too_few_points_ask_for_the_reason_of_the_version(draft, by):
    save(by, draft, as_lines(draft)[:5])
    with pytest.raises(services.NotApprovable) as refused:
        services.approve(by=by, version=draft, revision=1, **WHEN)
    assert [objection.code for objection in refused.value.objections] == [""]

    save(by, draft, as_lines(draft)[:5], change_reason="First needles ever.")

    services.approve(by=by, version=draft, revision=2, **WHEN)


def test_a_block_cannot_be_overridden_by_a_reason(by):
    intake = intake_of(
        "slr30_45m",
        by,
        electronic_implant=True,
    )
    draft = services.draft_plan(by=by, intake=intake, **WHEN)
    code = draft.points.first().acupoint_id
    wish = {"technique": Technique.ELECTRO, "override_reason": "He asked for it."}
    save(by, draft, as_lines(draft, **{code: wish}))

    with pytest.raises(services.NotApprovable) as refused:
        services.approve(by=by, version=draft, revision=1, **WHEN)

    assert [o.code for o in refused.value.objections] == [code]


WORDS = {
    "goal": "Walk to the market without stopping.",
    "note": "Rest first.",
    "style": "Korean acupuncture",
    "response_sought": "none",
    "needle": "0.25 × 40 mm, steel",
    "setting": "Room of its own; told to rest after.",
}


def test_a_first_draft_has_the_usual_style_and_the_response_that_is_sought(draft, by):
    assert (draft.style, draft.response_sought) == (
        "Traditional Chinese acupuncture, individualised",
        "de_qi",
    )
    # What no source settles is not made up.
    assert (draft.needle, draft.setting, draft.goal) == ("", "", "")


def test_the_usual_style_is_in_the_language_of_who_plans():
    mei = make_user(language="zh-hans")

    draft = services.draft_plan(by=mei, intake=intake_of("slr30_45m", mei), **WHEN)

    assert draft.style == "中医针刺，个体化辨证施治"


def test_what_a_draft_says_goes_into_the_next_version(draft, by):
    letters = {row.acupoint_id: {"prescription": "b"} for row in draft.points.all()[:2]}
    tapered = {"sessions": 10, "per_week": 3, "weekly": [3, 3, 2, 2]}
    reason = {"change_reason": "Consensus dose."}
    save(by, draft, as_lines(draft, **letters), **tapered, **WORDS, **reason)
    services.approve(by=by, version=draft, revision=1, **WHEN)

    later = services.revise(
        by=by, plan=draft.plan, intake=draft.intake, reason="Pain moved.", **WHEN
    )

    later.refresh_from_db()
    assert as_lines(later) == as_lines(draft)
    assert {row.prescription for row in later.points.all()} == {"every", "b"}
    assert services.written_in(later) == services.written_in(draft) | {
        "change_reason": "Pain moved."
    }
    assert later.weekly == [3, 3, 2, 2]
    assert later.goal == WORDS["goal"]


@pytest.mark.parametrize(
    "dose",
    [
        {"sessions": 10, "per_week": 3, "weekly": [3, 3, 2]},
        {"sessions": 10, "per_week": 2, "weekly": [3, 3, 2, 2]},
        {"sessions": 10, "per_week": 3, "weekly": [4, 3, 2, 1]},
        {"sessions": 6, "per_week": 3, "weekly": [3, 0, 3]},
    ],
)
def test_weeks_that_do_not_add_up_to_the_course_are_refused(draft, by, dose):
    with pytest.raises(CourseDoesNotAddUp):
        save(by, draft, as_lines(draft), **dose)

    draft.refresh_from_db()
    assert (draft.sessions, draft.weekly) == (8, [])


@pytest.mark.parametrize(
    ("sessions", "per_week", "weekly", "weeks"),
    [
        (8, 2, [], 4),
        (9, 2, [], 5),
        (10, 3, [3, 3, 2, 2], 4),
        (7, 2, [2, 2, 1, 1, 1], 5),
    ],
)
def test_the_weeks_of_a_course(sessions, per_week, weekly, weeks):
    dose = PlanVersion(sessions=sessions, per_week=per_week, weekly=weekly)

    assert weeks_of(dose) == weeks


def test_each_of_two_prescriptions_is_judged_by_its_own_size(draft, by):
    """Ten points are too many at once; six with four more by turns are not."""
    lines = as_lines(draft)
    assert len(lines) == 8
    more = [
        replace(lines[0], code=code, depth_mm=5, origin="added")
        for code in ("BL57", "ST36", "SP9", "GB39", "KI3")
        if code not in {line.code for line in lines}
    ][:3]
    assert len(more) == 3

    def objected(letters):
        both = [*lines, *more]
        told = zip(both, letters, strict=True)
        save(by, draft, [replace(line, prescription=say) for line, say in told])
        found = all_objections(draft, by=by, today=TAKEN_ON)
        return [objection.about for objection in found]

    assert "size" in objected(["every"] * 11)
    assert "size" not in objected(["every"] * 5 + ["a"] * 3 + ["b"] * 3)
    assert "size" in objected(["every"] * 4 + ["a"] * 6 + ["b"])


def test_a_revision_supersedes_the_version_in_force(draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    plan = draft.plan
    later = services.revise(
        by=by, plan=plan, intake=draft.intake, reason="Pain moved.", **WHEN
    )
    assert version_in_force(plan) == draft
    assert [p.acupoint_id for p in later.points.all()] == [
        p.acupoint_id for p in draft.points.all()
    ]

    services.approve(by=by, version=later, revision=0, **WHEN)

    draft.refresh_from_db()
    assert draft.status == "superseded"
    assert version_in_force(plan) == later
    assert (later.number, later.change_reason) == (2, "Pain moved.")


@pytest.mark.parametrize("status", ["draft", "approved"])
def test_the_database_holds_one_draft_and_one_version_in_force(draft, by, status):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    services.revise(
        by=by, plan=draft.plan, intake=draft.intake, reason="Again.", **WHEN
    )
    draft.refresh_from_db()
    draft.pk, draft.number, draft.status = None, 3, status
    if status == "draft":
        draft.approved_at = draft.approved_by = None

    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save(force_insert=True)


def test_every_technique_of_the_rules_can_be_stored():
    assert set(Technique.values) == set(rule_book().terms.techniques)


def later(draft, by, **changed):
    """An intake of the same episode an hour later, with some answers changed."""
    return take_intake(
        by=by,
        episode=draft.plan.episode,
        answers={**draft.intake.answers, **changed},
        now=MONDAY_NINE + timedelta(hours=1),
        on=TAKEN_ON,
        submission="6f3f1f1e-1111-4111-8111-111111111112",
    )


class TestTheScreenOfToday:
    def test_a_birthday_can_raise_a_flag_that_was_not_there(self, by):
        """New pain at 55 is no flag, at 56 it is; nobody has written to the intake."""
        intake = intake_of("slr30_45m", by, new_back_pain=True)
        patient = intake.episode.patient
        patient.birth_date = date(TAKEN_ON.year - 56, 1, 1)
        patient.save()
        assert intake.screen == Intake.Screen.CLEAR

        with pytest.raises(services.ScreenNotClear):
            services.draft_plan(by=by, intake=intake, **WHEN)

    def test_answers_changed_meanwhile_are_not_planned_on(self, by):
        intake = intake_of("slr30_45m", by)
        complete_intake(
            by=by,
            intake=Intake.objects.get(),
            answers=intake.answers | {"foot_drop": True},
            revision=0,
            now=MONDAY_NINE,
            on=TAKEN_ON,
        )

        with pytest.raises(Stale):
            services.draft_plan(by=by, intake=intake, **WHEN)

        assert not PlanVersion.objects.exists()

    def test_a_later_intake_that_raises_a_flag_keeps_a_draft_from_approval(
        self, draft, by
    ):
        later(draft, by, foot_drop=True)

        with pytest.raises(services.ScreenNotClear):
            services.approve(by=by, version=draft, revision=0, **WHEN)

        assert PlanVersion.objects.get().status == "draft"

    def test_a_draft_is_judged_by_what_a_later_intake_tells(self, draft, by):
        assert not open_objections(draft, by=by, today=TAKEN_ON)
        newest = later(draft, by, anticoagulant=True)

        with pytest.raises(services.NotApprovable) as refused:
            services.approve(by=by, version=draft, revision=0, **WHEN)
        weighed = {"override_reason": "Weighed with the patient."}
        codes = [objection.code for objection in refused.value.objections]
        told = as_lines(draft, **dict.fromkeys(codes, weighed))
        save(by, draft, told, change_reason="The prescriber agrees.")
        services.approve(by=by, version=draft, revision=1, **WHEN)

        newest.refresh_from_db()
        assert newest.closed_at == MONDAY_NINE

    def test_proposing_again_what_is_in_force_makes_no_second_version(self, draft, by):
        services.approve(by=by, version=draft, revision=0, **WHEN)

        assert services.draft_plan(by=by, intake=draft.intake, **WHEN) == draft

        assert PlanVersion.objects.count() == 1


def test_nothing_is_approved_or_revised_for_an_episode_that_is_closed(draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    episode = draft.plan.episode
    episode.closed_on = episode.opened_on
    episode.save(update_fields=["closed_on"])

    with pytest.raises(services.EpisodeClosed):
        services.revise(
            by=by, plan=draft.plan, intake=draft.intake, reason="Again.", **WHEN
        )

    assert draft.plan.versions.count() == 1


def test_a_warning_about_the_patient_asks_for_a_recorded_reason(by):
    intake = intake_of("slr30_45m", by, epilepsy=True)
    draft = services.draft_plan(by=by, intake=intake, **WHEN)

    with pytest.raises(services.NotApprovable) as refused:
        services.approve(by=by, version=draft, revision=0, **WHEN)

    (objection,) = refused.value.objections
    assert (objection.about, objection.caution.rule) == ("patient", "epilepsy")
    save(by, draft, as_lines(draft), change_reason="Lies down, his wife is with him.")
    services.approve(by=by, version=draft, revision=1, **WHEN)


def test_a_note_about_the_patient_asks_for_nothing(by):
    intake = intake_of(
        "slr30_45m", by, electronic_implant=True, needle_experience="none"
    )
    draft = services.draft_plan(by=by, intake=intake, **WHEN)

    services.approve(by=by, version=draft, revision=0, **WHEN)
