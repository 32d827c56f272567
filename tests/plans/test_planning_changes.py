"""Two versions of a plan: what differs, and the page that tells it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.planning import services
from plans.planning.changes import (
    Change,
    Dose,
    Needle,
    Prescription,
    Said,
    changes,
)
from tests.factories import make_user, sign_in
from tests.plans.test_planning import WHEN, as_lines, intake_of, save

GB30 = Needle("GB30", "left", 40, "perpendicular", "even", "side", "every")
BL40 = Needle("BL40", "left", 15, "perpendicular", "even", "prone", "every")
BL57 = Needle("BL57", "left", 20, "perpendicular", "reducing", "prone", "every")
DOSE = Dose(sessions=8, per_week=2, weekly=(), retention_min=30, ashi=1)
FIRST = Prescription((GB30, BL40), DOSE, Said())


def test_the_same_prescription_has_not_changed():
    assert not changes(FIRST, FIRST)


def test_another_order_is_no_change():
    assert not changes(FIRST, replace(FIRST, needles=(BL40, GB30)))


def test_points_come_and_go():
    found = changes(FIRST, replace(FIRST, needles=(BL57, GB30)))

    assert found
    assert (found.dropped, found.added) == ((BL40,), (BL57,))
    assert found.altered == ()


def test_every_field_of_a_point_that_stays_is_compared():
    moved = Needle("GB30", "right", 35, "oblique", "electro", "prone", "b")

    found = changes(FIRST, replace(FIRST, needles=(moved, BL40)))

    (altered,) = found.altered
    assert altered.code == "GB30"
    assert altered.changes == (
        Change("side", "left", "right"),
        Change("depth_mm", 40, 35),
        Change("angle", "perpendicular", "oblique"),
        Change("technique", "even", "electro"),
        Change("position", "side", "prone"),
        Change("prescription", "every", "b"),
    )


def test_the_dose_and_what_is_written_are_compared():
    tapered = replace(DOSE, sessions=10, per_week=3, weekly=(3, 3, 2, 2))
    said = Said(goal="Walk to the market.", note="Rest first.")

    found = changes(FIRST, replace(FIRST, dose=tapered, said=said))

    assert found.dose == (
        Change("sessions", 8, 10),
        Change("per_week", 2, 3),
        Change("weekly", (), (3, 3, 2, 2)),
    )
    assert found.said == (
        Change("goal", "", "Walk to the market."),
        Change("note", "", "Rest first."),
    )


def test_back_again_is_the_mirror():
    after = replace(FIRST, needles=(BL57, GB30), dose=replace(DOSE, ashi=2))

    there, back = changes(FIRST, after), changes(after, FIRST)

    assert (there.added, there.dropped) == (back.dropped, back.added)
    assert back.dose == (Change("ashi", 2, 1),)


# ---------------------------------------------------------------- the page


@pytest.fixture
def by(client):
    return sign_in(client, Role.ACUPUNCTURIST, name="Mei Example")


@pytest.fixture
def draft(by):
    return services.draft_plan(by=by, intake=intake_of("slr30_45m", by), **WHEN)


def revised(draft, by, reason, *, leave_out=0, **dose):
    """The next version in force: some points fewer, another dose."""
    later = services.revise(
        by=by, plan=draft.plan, intake=draft.intake, reason=reason, **WHEN
    )
    save(by, later, as_lines(later)[leave_out:], **dose)
    now = WHEN["now"] + timedelta(days=7)
    services.approve(by=by, version=later, revision=1, now=now, today=WHEN["today"])
    return later


def compared(client, draft, query=""):
    return client.get(reverse("plans:compare", args=[draft.plan_id]) + query)


@pytest.mark.django_db
def test_the_page_tells_what_changed_when_by_whom_and_why(client, draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    gone = draft.points.first().acupoint_id
    revised(draft, by, "Bruised at the first.", leave_out=1, retention_min=20)

    page = compared(client, draft, "?from=1&to=2").content.decode()

    assert "From version 1 to version 2" in page
    assert "Bruised at the first." in page
    assert "Mei Example" in page
    assert "9 Mar 2026" in page
    assert "Dropped" in page
    assert gone in page
    assert "Retention (min)</th><td>30</td><td><strong>20</strong>" in page


@pytest.mark.django_db
def test_without_numbers_it_compares_the_last_two(client, draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    revised(draft, by, "Second.", sessions=9)
    revised(draft, by, "Third.", sessions=10)

    last = compared(client, draft).content.decode()
    whole = compared(client, draft, "?from=3&to=1").content.decode()

    assert "From version 2 to version 3" in last
    assert "Second." not in last
    assert "From version 1 to version 3" in whole
    assert "Second." in whole


@pytest.mark.django_db
def test_the_same_version_twice_is_said_to_be_alike(client, draft):
    assert "Both say the same" in compared(client, draft).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?from=1", "?from=1&to=9", "?from=x&to=%00"])
def test_a_version_that_is_not_there_is_not_found(client, draft, query):
    assert compared(client, draft, query).status_code == 404


@pytest.mark.django_db
def test_a_plan_that_is_not_there_is_not_found(client, by):
    for wrong in (9**9, 2**63):
        assert client.get(reverse("plans:compare", args=[wrong])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [(Role.FRONT_DESK, 403), (Role.ADMIN, 200)]
)
def test_versions_are_for_those_who_may_see_a_plan(client, draft, role, status):
    client.force_login(make_user(role))

    assert compared(client, draft).status_code == status


@pytest.mark.django_db
def test_comparing_is_written_down(client, draft):
    compared(client, draft)

    assert AuditEvent.objects.filter(
        action="open_record", patient_id=draft.plan.episode.patient_id
    ).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("versions", [1, 3])
def test_it_costs_the_same_for_one_version_and_three(
    client, draft, by, django_assert_num_queries, versions
):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    for _ in range(versions - 1):
        revised(draft, by, "Again.")

    # Session, user, plan, its versions, their points, the audit row.
    with django_assert_num_queries(6):
        page = compared(client, draft)

    assert page.status_code == 200


@pytest.mark.django_db
def test_the_table_of_versions_leads_to_what_changed(client, draft, by):
    services.approve(by=by, version=draft, revision=0, **WHEN)
    plan = reverse("plans:plan", args=[draft.plan_id])
    assert "/compare/" not in client.get(plan).content.decode()

    revised(draft, by, "Again.")

    assert f"/plans/{draft.plan_id}/compare/?from=1&amp;to=2" in (
        client.get(plan).content.decode()
    )
