from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.audit.models import AuditEvent
from clinic.core.fixed import unfixed
from patients.measures.models import Score
from plans.planning.models import PlanVersion
from plans.sessions import services
from plans.sessions.entry import Line, Why, next_prescription
from plans.sessions.models import PointChange, Session
from plans.sessions.queries import entry_of, visits_of
from tests.factories import make_appointment, settle
from tests.plans.sessions_setting import (
    attempt,
    make_course,
    make_visit,
    open_draft,
    ready,
    sign,
)

pytestmark = pytest.mark.django_db

LINE = Line("BL57", "left", 15, "reducing")


def test_the_first_session_starts_from_the_plan():
    session = open_draft(make_course(codes=("BL40", "GB30"), retention_min=25))

    entry = entry_of(session)

    assert [line.code for line in entry.lines] == ["BL40", "GB30"]
    assert entry.retention_min == 25


def test_the_next_starts_from_the_last_signed_but_never_copies_what_was_observed():
    version = make_course()
    visit = make_visit(version, days_ago=7)
    first = services.open_session(by=visit.practitioner, appointment=visit)
    line = Line("BL57", "left", 15, "reducing", de_qi=True, reason="felt nothing")
    changes = {"lines": (line,), "needles_in": 1, "needles_out": 1}
    attempt(first, ready(first, retention_min=20, note="Slept well.", **changes))

    entry = entry_of(open_draft(version))

    assert entry.lines == (Line("BL57", "left", 15, "reducing"),)
    assert entry.retention_min == 20
    assert (entry.note, entry.no_score_reason) == ("", "")
    assert (entry.scores, entry.safety) == ({}, {})
    assert (entry.needles_in, entry.needles_out) == (None, None)


def alternating(**letters):
    """A plan in force of three points, of which some stand in A or B alone."""
    return make_course(codes=("BL40", "ST36", "SP6"), letters=letters)


def codes_of(session):
    return [line.code for line in entry_of(session).lines]


def test_two_prescriptions_are_given_by_turns_a_first():
    version = alternating(BL40="a", ST36="b")
    given = [sign(make_visit(version, days_ago=days)) for days in (9, 6, 3)]

    today = open_draft(version)

    assert [s.prescription for s in (*given, today)] == ["a", "b", "a", "b"]
    assert codes_of(given[0]) == codes_of(given[2]) == ["BL40", "SP6"]
    assert codes_of(given[1]) == codes_of(today) == ["ST36", "SP6"]


def test_choices_are_copied_from_the_last_session_of_the_same_prescription():
    version = alternating(BL40="a", ST36="b")
    first = open_draft(version, days_ago=9)
    line = Line("BL57", "left", 15, "reducing")
    changes = {"lines": (line,), "needles_in": 1, "needles_out": 1}
    attempt(first, ready(first, retention_min=20, **changes))
    sign(make_visit(version, days_ago=6))

    today = open_draft(version)

    assert (today.prescription, codes_of(today)) == ("a", ["BL57"])
    assert today.retention_min == 20
    opened = AuditEvent.objects.filter(action="open_session").latest("pk")
    assert opened.details["copied_from"] == first.pk


def test_a_draft_left_lying_takes_no_turn():
    version = alternating(BL40="a", ST36="b")
    open_draft(version, days_ago=3)

    assert open_draft(version).prescription == "a"


def test_the_prescription_of_a_session_stays_what_it_was_opened_with():
    version = alternating(BL40="a", ST36="b")
    visit = make_visit(version)
    session = services.open_session(by=visit.practitioner, appointment=visit)
    sign(make_visit(version, days_ago=3))

    again = services.open_session(by=visit.practitioner, appointment=visit)

    assert (again.pk, again.prescription) == (session.pk, "a")


@pytest.mark.parametrize(
    ("letters", "last", "following"),
    [
        (["every"], None, "every"),
        (["every"], "a", "every"),
        (["every", "a", "b"], None, "a"),
        (["b", "every", "a"], "every", "a"),
        (["a", "b"], "a", "b"),
        (["a", "b"], "b", "a"),
        (["every", "b"], "b", "b"),
        (["every", "b"], "a", "b"),
    ],
)
def test_whose_turn_it_is(letters, last, following):
    assert next_prescription(letters, last) == following


def test_a_draft_of_last_time_is_not_copied():
    version = make_course()
    earlier = open_draft(version, days_ago=7)
    lines = (Line("BL57", "left", 15, "even"),)
    services.save_draft(
        by=earlier.appointment.practitioner,
        session=earlier,
        revision=0,
        entry=replace(entry_of(earlier), lines=lines),
    )

    assert [line.code for line in entry_of(open_draft(version)).lines] == [
        "GB30",
        "BL40",
    ]


def test_opened_twice_it_is_one_draft():
    visit = make_visit(make_course())

    one = services.open_session(by=visit.practitioner, appointment=visit)
    two = services.open_session(by=visit.practitioner, appointment=visit)

    assert one == two
    assert AuditEvent.objects.filter(action="open_session").count() == 1


def test_without_an_approved_plan_there_is_no_session():
    visit = make_appointment()

    with pytest.raises(services.NoPlan):
        services.open_session(by=visit.practitioner, appointment=visit)


def test_a_draft_keeps_everything_typed_finished_or_not():
    session = open_draft()
    entry = replace(
        entry_of(session),
        scores={"leg_after": 3},
        words="bl99",
        needles_in=3,
        safety={"fever_unwell": True},
        note="Half a thought",
    )

    services.save_draft(
        by=session.appointment.practitioner, session=session, revision=0, entry=entry
    )

    assert entry_of(Session.objects.get()) == entry
    assert not Score.objects.exists()


def test_what_is_other_than_last_time_is_kept_with_its_reason():
    version = make_course(codes=("GB30", "BL40", "BL57"))
    first = sign(make_visit(version, days_ago=3))
    visit = make_visit(version)
    session = services.open_session(by=visit.practitioner, appointment=visit)
    lines = (
        Line("GB30", "right", 25, "even"),
        Line("BL57", "right", 20, "even"),
        Line("GB34", "right", 20, "even"),
    )
    why = {
        "GB30": Why("no_response"),
        "BL40": Why("other", "Bruise"),
        "BL57": Why("wish"),  # unchanged: there is nothing to give a reason for
    }
    attempt(session, ready(session, lines=lines, why=why))

    session.refresh_from_db()
    rows = session.changes.values_list(
        "acupoint", "kind", "side", "depth_mm", "technique", "reason", "words"
    )
    assert list(rows) == [
        ("GB30", "changed", "right", 20, "even", "no_response", ""),
        ("GB34", "added", "", None, "", "", ""),
        ("BL40", "dropped", "right", 20, "even", "other", "Bruise"),
    ]
    assert session.compared_with == first
    event = AuditEvent.objects.filter(action="sign_session").latest("pk")
    assert event.details["changes"] == [
        "changed GB30 no_response",
        "added GB34",
        "dropped BL40 other",
    ]


def test_reasons_are_kept_with_a_draft_and_never_copied_to_the_next():
    version = make_course()
    session = open_draft(version, days_ago=3)
    why = {"BL40": Why("tender"), "BL57": Why("other", "Asked for it")}
    entry = replace(entry_of(session), why=why)
    by = session.appointment.practitioner

    services.save_draft(by=by, session=session, revision=0, entry=entry)

    assert entry_of(Session.objects.get()).why == why
    kept = ready(session, lines=entry.lines[:1], needles_in=1, needles_out=1, why=why)
    attempt(session, kept)
    assert session.changes.count() == 1
    assert entry_of(open_draft(version)).why == {}


def test_an_unchanged_session_has_no_changes_and_the_first_counts_from_the_plan():
    version = make_course()
    first = sign(make_visit(version, days_ago=3), lines=(LINE,))
    second = sign(make_visit(version))

    assert first.compared_with is None
    assert [(c.acupoint_id, c.kind) for c in first.changes.all()] == [
        ("BL57", "added"),
        ("GB30", "dropped"),
        ("BL40", "dropped"),
    ]
    assert (second.compared_with, second.changes.count()) == (first, 0)


def test_by_turns_a_prescription_counts_from_its_own_last_time():
    version = alternating(BL40="a", ST36="b")
    given = [sign(make_visit(version, days_ago=days)) for days in (9, 6, 3)]

    assert [session.compared_with for session in given] == [None, None, given[0]]
    assert not any(session.changes.exists() for session in given)


def test_a_new_version_of_the_plan_is_what_the_next_session_starts_from():
    version = make_course()
    sign(make_visit(version, days_ago=3), lines=(LINE,))
    with unfixed(connection):
        version.status = PlanVersion.Status.SUPERSEDED
        version.save()
    fields = ("plan", "intake", "proposal", "rules_version", "sessions", "per_week")
    newer = PlanVersion.objects.create(
        number=2,
        retention_min=15,
        created_at=version.created_at,
        created_by=version.created_by,
        **{name: getattr(version, name) for name in fields},
    )
    point = version.points.first()
    point.pk, point.version = None, newer
    point.save(force_insert=True)
    settle(
        newer,
        status=PlanVersion.Status.APPROVED,
        approved_at=version.approved_at,
        approved_by=version.approved_by,
    )

    session = open_draft(newer)

    assert codes_of(session) == [point.acupoint_id]
    assert session.retention_min == 15


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "added", "side": "left"},
        {"kind": "dropped"},
        {"kind": "moved"},
        {"reason": "other"},
        {"reason": "wish", "words": "Hers"},
        {"reason": "mood"},
    ],
)
def test_the_database_keeps_a_change_complete(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        PointChange.objects.create(
            session=open_draft(),
            acupoint_id="BL57",
            order=0,
            **{"kind": "added"} | fields,
        )


def test_changes_are_fixed_with_their_session():
    session = sign(make_visit(make_course()), lines=(LINE,))

    for write in (
        lambda: session.changes.update(reason="wish"),
        lambda: session.changes.all().delete(),
        lambda: PointChange.objects.create(
            session=session, acupoint_id="GB34", kind="added", order=9
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_a_draft_confirms_no_checklist_and_the_next_session_copies_none():
    version = make_course()
    sign(
        make_visit(version, days_ago=3),
        exceptions={"field": "Torn"},
        needles_out=1,
        incident="Found",
    )

    draft = open_draft(version)

    entry = entry_of(draft)
    assert draft.checklist == ""
    assert (entry.exceptions, entry.incident) == ({}, "")
    assert (entry.needles_in, entry.needles_out) == (None, None)


def test_the_series_of_an_episode_has_gaps_where_scores_are_missing(
    django_assert_num_queries,
):
    version = make_course()
    sign(make_visit(version, days_ago=7), scores={"leg_before": 7, "leg_after": 5})
    sign(make_visit(version, days_ago=3), scores={}, no_score_reason="Asleep")
    open_draft(version)

    with django_assert_num_queries(1):
        visits = visits_of(version.plan.episode)

    assert [(v.leg_before, v.leg_after, v.back_before) for v in visits] == [
        (7, 5, None),
        (None, None, None),
    ]
    assert visits[0].at < visits[1].at
