"""The draft's page: courses, prescriptions, goal and record, finding points, anew."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.intake.services import take_intake
from plans.planning import services
from tests.cases import TAKEN_ON
from tests.factories import MONDAY_NINE, make_appointment, make_user
from tests.plans.test_planning import WHEN, intake_of
from tests.plans.test_planning_pages import draft_url, posted

pytestmark = pytest.mark.django_db
OWN = {"course": "own"}


@pytest.fixture
def by(client):
    user = make_user(Role.ACUPUNCTURIST)
    client.force_login(user)
    return user


@pytest.fixture
def draft(by):
    return services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)


def newer_intake(plan, by, **changed):
    seen = plan.versions.first().intake
    return take_intake(
        by=by,
        episode=plan.episode,
        answers={**seen.answers, **changed},
        now=MONDAY_NINE + timedelta(hours=1),
        on=TAKEN_ON,
        submission="6f3f1f1e-1111-4111-8111-222222222222",
        seen=seen.pk,
    )


# ---- the course


@pytest.mark.parametrize(
    ("course", "sessions", "per_week", "weekly"),
    [
        ("proposed", 8, 2, []),
        ("3-3-2-2", 10, 3, [3, 3, 2, 2]),
        ("3-3-3-3", 12, 3, []),
    ],
)
def test_a_course_is_chosen_in_one_click(
    client, draft, course, sessions, per_week, weekly
):
    """What stands in the fields of one's own numbers neither counts nor is judged."""
    junk = {"sessions": "many", "per_week": "9", "weekly": "x"}

    response = client.post(draft_url(draft), posted(draft, course=course, **junk))

    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.sessions, draft.per_week) == (sessions, per_week)
    assert draft.weekly == weekly
    page = client.get(draft_url(draft)).content.decode()
    assert f'value="{course}" checked' in page


@pytest.mark.parametrize("typed", ["2 2 1", "2,2,1", "2 + 2 + 1", "2、2、1"])
def test_a_course_of_ones_own_may_differ_by_week(client, draft, typed):
    sent = posted(draft, sessions=5, per_week=2, weekly=typed, **OWN)

    client.post(draft_url(draft), sent)

    draft.refresh_from_db()
    assert (draft.sessions, draft.per_week, draft.weekly) == (5, 2, [2, 2, 1])
    page = client.get(draft_url(draft)).content.decode()
    assert "5 sessions, week by week 2 + 2 + 1" in page
    assert 'value="own" checked' in page


@pytest.mark.parametrize(
    ("weekly", "said"),
    [
        ("3 3 2", "These make 8 sessions, not 10"),
        ("3 4 3", "From 1 to 3 in each week"),
        ("often", "Give a number for each week"),
        ("10", "From 1 to 3 in each week"),
    ],
)
def test_weeks_that_do_not_add_up_are_told_beside_the_field(
    client, draft, weekly, said
):
    sent = posted(draft, sessions=10, weekly=weekly, note="Keep this.", **OWN)

    page = client.post(draft_url(draft), sent)

    assert page.status_code == 422
    assert said in page.content.decode()
    assert "Keep this." in page.content.decode()
    draft.refresh_from_db()
    assert draft.sessions != 10


# ---- what is written


def test_goal_and_record_are_kept_and_shown_on_the_plan(client, draft):
    said = {
        "goal": "Walk to the market <and> back",
        "style": "Western medical acupuncture",
        "response_sought": "twitch",
        "needle": "0.30 × 40 mm",
        "setting": "Private practice",
    }

    client.post(draft_url(draft), posted(draft, do="approve", **said))

    page = client.get(reverse("plans:plan", args=[draft.plan_id])).content.decode()
    assert "“Walk to the market &lt;and&gt; back”" in page
    for words in (said["style"], "muscle twitch", said["needle"], said["setting"]):
        assert words in page


def test_what_the_clinic_wrote_before_is_offered(client, draft, by):
    client.post(draft_url(draft), posted(draft, needle="0.30 × 40 mm", setting="Room"))
    other = services.draft_plan(by=by, intake=intake_of("posterior_50f", by), **WHEN)

    page = client.get(draft_url(other)).content.decode()

    assert '<option value="0.30 × 40 mm">' in page
    assert "Room" not in page


def test_a_plan_is_made_to_alternate_by_hand(client, draft):
    """A letter at each line; the page then groups them, on the figure too."""
    letters = {"points-0-prescription": "a", "points-1-prescription": "b"}

    client.post(draft_url(draft), posted(draft, **letters))

    first, second, *rest = draft.points.all()
    assert (first.prescription, second.prescription) == ("a", "b")
    assert {row.prescription for row in rest} == {"every"}
    page = client.get(draft_url(draft)).content.decode()
    at = [page.index(f'id="group-{letter}"') for letter in ("every", "a", "b")]
    assert at == sorted(at)
    assert page.index(f'id="point-{first.acupoint_id}"') > at[1]
    assert f"{second.acupoint_id} B</text>" in page


def test_without_a_letter_sent_the_prescription_stays(client, draft):
    draft.points.filter(pk=draft.points.first().pk).update(prescription="b")

    client.post(draft_url(draft), posted(draft, note="Only this."))

    assert draft.points.first().prescription == "b"


def test_what_the_patient_said_of_acupuncture_before_is_in_sight(client, by):
    intake = intake_of(
        "slr30_45m", by, needle_experience="some", previous_response="worse"
    )
    draft = services.draft_plan(by=by, intake=intake, **WHEN)
    before_approval = client.get(draft_url(draft)).content.decode()
    services.approve(by=by, version=draft, revision=0, **WHEN)
    page = client.get(reverse("plans:plan", args=[draft.plan_id])).content.decode()

    assert "Acupuncture before: A few times · Worse" in before_approval
    assert "A few times · Worse" in page


# ---- finding a point


def found(client, draft, typed):
    page = client.get(reverse("plans:points", args=[draft.plan_id]), {"add": typed})
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("typed", ["ub58", "飞扬", "feiy", "fēiyáng", "BL-58", "b58"])
def test_points_are_found_as_one_types_in_any_spelling(client, draft, typed):
    options = found(client, draft, typed)

    assert 'data-value="BL58"' in options
    assert "飞扬" in options


def test_what_stands_against_a_point_is_said_before_it_is_chosen(client, by):
    intake = intake_of("posterior_50f", by, pregnant=True, pregnancy_weeks=20)
    pregnant = services.draft_plan(by=by, intake=intake, **WHEN)

    option = found(client, pregnant, "SP6").split('id="found-SP6"')[1].split("</li>")[0]

    assert 'aria-disabled="true"' in option
    assert "Not here:" in option


def test_a_point_of_the_plan_and_one_not_needled_cannot_be_chosen(client, draft):
    standing = draft.points.first().acupoint_id

    assert "In the plan already" in found(client, draft, standing)
    assert "Not needled" in found(client, draft, "CV8")


def test_qi_hai_reads_both_ways(client, draft):
    options = found(client, draft, "Qi Hai")

    assert "“Qi Hai” reads as BL24, CV6" in options
    assert 'data-value="CV6"' in options
    assert 'data-value="BL24"' in options


@pytest.mark.parametrize("junk", ["", " ", "\x00", "%", "<b>", "委中" * 500, "9" * 400])
def test_junk_finds_nothing_and_breaks_nothing(client, draft, junk):
    assert "<b>" not in found(client, draft, junk)


def test_points_are_found_for_a_draft_and_by_who_may_plan(client, draft, by):
    address = reverse("plans:points", args=[draft.plan_id])
    services.approve(by=by, version=draft, revision=0, **WHEN)
    assert client.get(address, {"add": "bl"}).status_code == 404

    client.force_login(make_user(Role.ADMIN))
    assert client.get(address, {"add": "bl"}).status_code == 403


@pytest.mark.parametrize("typed", ["BL57", "b"])
def test_finding_costs_the_same_for_one_point_and_many(
    client, draft, typed, django_assert_num_queries
):
    found(client, draft, typed)

    # Session, user, plan, draft, its points, the newest intake, the points found.
    with django_assert_num_queries(7):
        found(client, draft, typed)


# ---- anew


def anew(client, draft, revision):
    address = reverse("plans:propose_anew", args=[draft.plan_id])
    return client.post(address, {"revision": revision})


def test_a_newer_intake_offers_the_proposal_anew(client, draft, by):
    assert "newer intake" not in client.get(draft_url(draft)).content.decode()
    intake = newer_intake(draft.plan, by, anticoagulant=True)
    client.post(draft_url(draft), posted(draft, goal="Walk again.", note="Mine."))
    draft.refresh_from_db()
    before = {row.acupoint_id: row.depth_mm for row in draft.points.all()}
    page = client.get(draft_url(draft)).content.decode()
    assert "There is a newer intake than this draft’s" in page

    anew(client, draft, draft.revision)

    draft.refresh_from_db()
    after = {row.acupoint_id: row.depth_mm for row in draft.points.all()}
    assert draft.intake == intake
    assert after != before
    assert [point["code"] for point in draft.proposal["points"]] == list(after)
    assert (draft.goal, draft.note) == ("Walk again.", "Mine.")
    assert AuditEvent.objects.filter(action="propose_anew", by=by).count() == 1
    assert "newer intake" not in client.get(draft_url(draft)).content.decode()


@pytest.mark.parametrize("revision", ["0", "", "x", "9" * 30])
def test_anew_does_not_overwrite_what_was_saved_meanwhile(client, draft, by, revision):
    newer_intake(draft.plan, by, anticoagulant=True)
    client.post(draft_url(draft), posted(draft, note="Saved meanwhile."))
    seen = draft.intake_id

    anew(client, draft, revision)

    assert "saved meanwhile" in client.get(draft_url(draft)).content.decode()
    draft.refresh_from_db()
    assert (draft.intake_id, draft.note) == (seen, "Saved meanwhile.")


def test_anew_from_an_intake_with_a_red_flag_leads_to_the_screen(client, draft, by):
    intake = newer_intake(draft.plan, by, saddle_numbness=True)

    page = anew(client, draft, 0)

    assert page.url == reverse("patients:screen", args=[intake.pk])
    draft.refresh_from_db()
    assert draft.revision == 0
    assert draft.intake != intake


def test_anew_is_for_drafts_only(client, draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)

    page = anew(client, draft, 1)

    assert page.url == reverse("plans:plan", args=[draft.plan_id])


# ---- afterwards


def test_booking_is_the_next_step_until_the_course_is_booked(client, draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    address = reverse("plans:plan", args=[draft.plan_id])
    assert "Book the course" in client.get(address).content.decode()

    for number in range(draft.sessions):
        make_appointment(
            patient=draft.plan.episode.patient,
            plan=draft.plan,
            starts_at=MONDAY_NINE + timedelta(days=number),
        )
    page = client.get(address).content.decode()

    assert f"Booked: {draft.sessions} of {draft.sessions}" in page
    assert "btn--primary" not in page


def test_the_story_says_what_changed_in_words(client, draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    later = services.revise(
        by=by, plan=draft.plan, intake=draft.intake, reason="Half better.", **WHEN
    )
    gone = later.points.last().acupoint_id
    client.post(
        draft_url(later), posted(later, do="approve", drop=[gone], sessions=6, **OWN)
    )

    page = client.get(reverse("plans:plan", args=[draft.plan_id])).content.decode()

    told = page.split('class="story"')[1]
    assert "“Half better.”" in told
    assert f"Dropped: {gone}" in told
    assert "Sessions 8 → 6" in told
