"""The plan's pages: what they show, whom they let in, what they do with bad input."""

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.planning import services
from plans.planning.models import PlanVersion
from tests.factories import make_user
from tests.plans.test_planning import PLANNED, WHEN, as_lines, intake_of, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(client):
    user = make_user(Role.ACUPUNCTURIST)
    client.force_login(user)
    return user


@pytest.fixture
def draft(by):
    return services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)


def posted(draft, *, do="save", drop=(), **fields):
    """The draft's own page sent back, with what is changed."""
    rows = list(draft.points.all())
    data = {
        "revision": draft.revision,
        "add": "",
        "ashi": draft.ashi,
        "weekly": " ".join(map(str, draft.weekly)),
        "goal": draft.goal,
        "style": draft.style,
        "response_sought": draft.response_sought,
        "needle": draft.needle,
        "setting": draft.setting,
        "per_week": draft.per_week,
        "sessions": draft.sessions,
        "retention_min": draft.retention_min,
        "note": draft.note,
        "change_reason": draft.change_reason,
        "points-TOTAL_FORMS": len(rows),
        "points-INITIAL_FORMS": len(rows),
        "do": do,
    }
    for number, row in enumerate(rows):
        data |= {
            f"points-{number}-code": row.acupoint_id,
            f"points-{number}-side": row.side,
            f"points-{number}-depth_mm": row.depth_mm,
            f"points-{number}-technique": row.technique,
            f"points-{number}-override_reason": row.override_reason,
        }
        if row.acupoint_id in drop:
            data[f"points-{number}-drop"] = "on"
    return data | fields


def draft_url(draft):
    return reverse("plans:draft", args=[draft.plan_id])


@pytest.mark.parametrize("name", PLANNED)
def test_proposing_leads_to_a_draft_that_gives_its_reasons(client, by, name):
    intake = intake_of(name, by)
    url = reverse("plans:propose", args=[intake.episode_id])

    assert client.get(url).status_code == 200
    page = client.post(url, follow=True)

    text = page.content.decode()
    version = PlanVersion.objects.get()
    assert page.redirect_chain == [(draft_url(version), 302)]
    for row in version.points.all():
        assert f'id="point-{row.acupoint_id}"' in text
        assert row.acupoint.hanzi in text


def test_a_screen_that_is_not_clear_leads_back_to_it(client, by):
    intake = intake_of("saddle_stop", by)
    url = reverse("plans:propose", args=[intake.episode_id])

    assert "not clear" in client.get(url).content.decode()
    page = client.post(url)

    assert page.url == reverse("patients:screen", args=[intake.pk])


@pytest.mark.parametrize("typed", ["ub58", "飞扬", "fēiyáng", "BL-58"])
def test_a_point_is_added_by_any_of_its_names(client, draft, typed):
    response = client.post(draft_url(draft), posted(draft, do="add", add=typed))

    assert response.status_code == 302
    added = draft.points.get(acupoint_id="BL58")
    assert (added.origin, added.side) == ("added", "right")
    assert 0 < added.depth_mm <= 25


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nonsense", "No acupoint is called “nonsense”"),
        ("Zhongzhu", "can mean"),
        ("<b>", "No acupoint is called “&lt;b&gt;”"),
    ],
)
def test_what_is_not_understood_stays_with_a_sentence(client, draft, typed, said):
    page = client.post(
        draft_url(draft), posted(draft, do="add", add=typed, note="Keep this.")
    )

    text = page.content.decode()
    assert page.status_code == 422
    assert said in text
    assert "Keep this." in text


def test_a_point_that_is_forbidden_here_is_not_added(client, by):
    intake = intake_of("posterior_50f", by, pregnant=True, pregnancy_weeks=20)
    draft = services.draft_plan(by=by, intake=intake, **WHEN)

    page = client.post(draft_url(draft), posted(draft, do="add", add="SP6"))

    assert page.status_code == 422
    assert "SP6 cannot be added" in page.content.decode()


def test_leaving_a_point_out_and_approving_in_one_go(client, draft, by):
    gone = draft.points.last().acupoint_id

    response = client.post(
        draft_url(draft),
        posted(draft, do="approve", drop=[gone], sessions=10, change_reason="Fewer."),
    )

    assert response.url == reverse("plans:plan", args=[draft.plan_id])
    page = client.get(response.url).content.decode()
    assert "10 sessions, 2 a week" in page
    draft.refresh_from_db()
    assert draft.approved_by == by
    assert gone not in [row.acupoint_id for row in draft.points.all()]


def test_a_refused_approval_keeps_what_was_typed(client, draft):
    code = draft.proposal["points"][0]["code"]
    deep = {"points-0-depth_mm": 75, "note": "Ask her about the fall."}
    assert draft.points.first().acupoint_id == code

    page = client.post(
        draft_url(draft), posted(draft, do="approve", **deep), follow=True
    )

    text = page.content.decode()
    assert "not approved" in text
    assert "Ask her about the fall." in text
    assert 'name="points-0-override_reason" value="" ' not in text
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert draft.points.first().depth_mm == 75


def test_the_second_of_two_people_sees_both_texts(client, draft, by):
    mine = posted(draft, note="My note.")
    other = make_user(Role.ACUPUNCTURIST)
    save(other, draft, as_lines(draft), sessions=12, note="Theirs.")

    page = client.post(draft_url(draft), mine)

    text = page.content.decode()
    assert page.status_code == 409
    assert "My note." in text
    assert "12 sessions" in text
    assert "Theirs." in text
    draft.refresh_from_db()
    assert (draft.note, draft.sessions) == ("Theirs.", 12)


# What decides how far a form is read, and free text, which is kept as it came.
ALONE = "revision do points-TOTAL_FORMS add note".split()
TOGETHER = (
    "ashi per_week sessions weekly retention_min goal style response_sought needle "
    "setting points-0-depth_mm points-0-side points-0-technique points-0-code "
    "points-0-prescription course"
).split()
JUNK = ["", "x", "-1", "1e9", "9" * 40, "٣", "\x00", "委中" * 500]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_never_an_error_of_ours(client, draft, junk):
    turn = JUNK.index(junk)
    alone = (ALONE[turn % len(ALONE)], ALONE[(turn + 1) % len(ALONE)])
    for fields in (*([field] for field in alone), TOGETHER):
        draft.refresh_from_db()
        sent = posted(draft, **dict.fromkeys(fields, junk))
        response = client.post(draft_url(draft), sent)
        assert response.status_code in {200, 302, 409, 422}, fields


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.ADMIN])
def test_only_an_acupuncturist_plans(client, draft, role):
    client.force_login(make_user(role))

    assert client.get(draft_url(draft)).status_code == 403
    assert client.post(draft_url(draft), posted(draft)).status_code == 403
    shown = client.get(reverse("plans:plan", args=[draft.plan_id])).status_code
    assert shown == (403 if role == Role.FRONT_DESK else 200)


def test_a_wrong_id_is_not_found(client, by):
    for wrong in (9**9, 2**63, 10**30):
        for name in ("plan", "draft", "propose"):
            assert client.get(reverse(f"plans:{name}", args=[wrong])).status_code == 404
        for args in ([wrong, 1], [1, wrong]):
            assert client.get(reverse("plans:version", args=args)).status_code == 404


def test_every_page_that_shows_a_plan_is_written_down(client, draft, by):
    opened = AuditEvent.objects.filter(
        action="open_record", patient_id=draft.plan.episode.patient_id, by=by
    )
    plan = [draft.plan_id]

    client.get(reverse("plans:draft", args=plan))
    assert opened.count() == 1
    services.approve(by=by, version=draft, revision=0, **WHEN)
    client.get(reverse("plans:plan", args=plan))
    assert opened.count() == 2
    client.get(reverse("plans:version", args=[*plan, 1]))
    assert opened.count() == 3


@pytest.mark.parametrize("versions", [1, 3])
def test_the_plans_page_costs_the_same_for_one_version_and_three(
    client, draft, by, django_assert_num_queries, versions
):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    for _ in range(versions - 1):
        later = services.revise(
            by=by, plan=draft.plan, intake=draft.intake, reason="Again.", **WHEN
        )
        services.approve(by=by, version=later, revision=0, **WHEN)

    url = reverse("plans:plan", args=[draft.plan_id])
    client.get(url)  # the first click of a minute also keeps the session alive

    # Session, user, plan, all versions, the one in force, its points, the audit row.
    with django_assert_num_queries(8):
        page = client.get(url)

    assert page.content.decode().count("/versions/") == versions


def test_a_draft_of_a_closed_episode_is_not_approved(client, draft):
    episode = draft.plan.episode
    episode.closed_on = episode.opened_on
    episode.save(update_fields=["closed_on"])

    page = client.post(draft_url(draft), posted(draft, do="approve"), follow=True)

    assert "This episode is closed" in page.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"
