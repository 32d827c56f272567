"""What a session begins with is choices of the last one: nothing that was observed,
confirmed or signed then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from plans.adverse.models import AdverseEvent
from plans.sessions import services
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.models import Amendment, Correction, PaperRecord, Session
from plans.sessions.queries import entry_of
from tests.plans.sessions_setting import make_course, make_visit, open_draft, sign
from tests.plans.test_adverse import make_event

pytestmark = pytest.mark.django_db

# Where a session says something that is of its own day alone.
OF_ITS_DAY = {
    "signed_at": None,
    "signed_by": None,
    "stopped_at": None,
    "stopped_by": None,
    "stopped_for": "",
    "saved_at": None,
    "saved_by": None,
    "compared_with": None,
    "needles_in": None,
    "needles_out": None,
    "incident": "",
    "checklist": "",
    "exceptions": {},
    "safety": {},
    "no_score_reason": "",
    "note": "",
}
# And what a session begins with, whichever was before it.
BEGUN_WITH = {
    *("id", "appointment", "plan_version", "prescription", "status", "started_at"),
    *("retention_min", "typed", "revision"),
}


@pytest.fixture
def version():
    return make_course()


@pytest.fixture
def last(version):
    """The session before, with all that a session can say."""
    visit = make_visit(version, days_ago=3)
    session = sign(
        visit,
        needles_out=1,
        incident="One broke off, taken out whole",
        exceptions={"sharps": "Box full"},
        note="Slept",
        retention_min=25,
    )
    make_event(version.plan.episode, session=session)
    services.amend(
        by=visit.practitioner,
        session=session,
        text="Left, not right",
        submission="6a0e2f6c-3c0e-4d83-9b8e-2d3a4a1b7c55",
    )
    return session


def test_signature_incident_asepsis_and_times_are_not_copied(version, last):
    session = open_draft(version)

    begun = {name: getattr(session, name) for name in OF_ITS_DAY}
    assert begun == OF_ITS_DAY
    assert session.status == Session.Status.DRAFT
    assert session.started_at == session.appointment.starts_at
    # By the clinic's days: three of them are an hour short when the clocks change.
    on, before = (timezone.localdate(each.started_at) for each in (session, last))
    assert on - before == timedelta(days=3)
    # Not for want of a copy: what may be taken over was.
    assert session.retention_min == 25


def test_every_column_is_either_begun_with_or_of_its_day():
    """A column that comes later must be put on one of the two lists."""
    columns = {column.name for column in Session._meta.fields}

    assert columns == BEGUN_WITH | OF_ITS_DAY.keys()


def test_what_stands_beside_the_last_session_stays_there(version, last):
    session = open_draft(version)

    for model in (AdverseEvent, Amendment, Correction, PaperRecord):
        assert not model.objects.filter(session=session).exists(), model
    assert AdverseEvent.objects.get().session == last
    for beside in ("scores", "changes", "stimulations", "amendments"):
        assert not getattr(session, beside).exists(), beside


def test_what_was_felt_and_overruled_is_not_copied(version):
    visit = make_visit(version, days_ago=3)
    session = services.open_session(by=visit.practitioner, appointment=visit)
    session.needlings.update(de_qi=True, reason="Heavy build")
    sign(visit, lines=entry_of(session).lines)

    lines = entry_of(open_draft(version)).lines

    assert {(line.de_qi, line.reason) for line in lines} == {(None, "")}


def test_the_next_signature_confirms_the_checklist_anew(version, last):
    before = timezone.now()
    visit = make_visit(version)
    session = sign(visit)

    session.refresh_from_db()
    assert (session.checklist, session.exceptions) == (CHECKLIST.version, {})
    assert session.signed_at >= before
    assert session.incident == ""
