"""Several tablets at the same moment: one wins, the rest are told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from clinic.core.conflicts import Stale
from patients.measures.models import Score
from plans.catalogue.services import load_acupoints
from plans.patient_mode.models import SelfReport, Tablet
from plans.patient_mode.services import AlreadyTold, TooLate, tell
from plans.sessions import services
from plans.sessions.models import Session
from plans.sessions.queries import entry_of
from tests.plans.sessions_setting import make_course, make_visit, ready

TABLETS = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(many_connections):
    load_acupoints()  # an earlier test with real transactions emptied the tables
    return make_visit(make_course())


def all_at_once(deed):
    gate = Barrier(TABLETS)

    def run(tablet):
        gate.wait()
        try:
            return deed(tablet)
        except Stale:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(TABLETS) as pool:
        return list(pool.map(run, range(TABLETS)))


def test_opened_on_every_tablet_it_is_one_draft(visit):
    opened = all_at_once(
        lambda tablet: services.open_session(by=visit.practitioner, appointment=visit)
    )

    assert {session.pk for session in opened} == {Session.objects.get().pk}
    assert Session.objects.get().needlings.count() == 2


def test_of_several_signatures_one_counts(visit):
    draft = services.open_session(by=visit.practitioner, appointment=visit)

    def sign(tablet):
        session = Session.objects.get(pk=draft.pk)
        return services.sign(
            by=visit.practitioner,
            session=session,
            revision=0,
            entry=ready(session),
            now=timezone.now(),
        )

    signed = all_at_once(sign)

    assert len([session for session in signed if session]) == 1
    assert Score.objects.count() == 2


def test_of_several_drafts_one_is_kept_whole(visit):
    draft = services.open_session(by=visit.practitioner, appointment=visit)
    start = entry_of(draft)

    def save(tablet):
        return services.save_draft(
            by=visit.practitioner,
            session=Session.objects.get(pk=draft.pk),
            revision=0,
            entry=replace(
                start, note=f"Tablet {tablet}", lines=start.lines[: tablet % 2 + 1]
            ),
        )

    saved = all_at_once(save)

    (winner,) = [number for number, session in enumerate(saved) if session]
    kept = entry_of(Session.objects.get())
    assert kept.note == f"Tablet {winner}"
    assert len(kept.lines) == winner % 2 + 1


def test_told_on_every_tablet_it_is_told_once(visit):
    now = timezone.now()
    tablet = Tablet.objects.create(
        started_at=now, started_by=visit.practitioner, address="10.0.0.1"
    )

    def say(number):
        try:
            return tell(
                tablet=tablet,
                visit=visit.pk,
                numbers={"leg": number, "back": number},
                ticked=None,
                safety={},
                now=timezone.now(),
            )
        except AlreadyTold:
            return None

    told = all_at_once(say)

    (report,) = [one for one in told if one]
    assert Score.objects.count() == 2
    assert report.leg.value == told.index(report)


def test_told_while_it_is_signed_it_counts_or_is_too_late(visit):
    """Never both: a score beside a signed session that does not have it."""
    now = timezone.now()
    tablet = Tablet.objects.create(
        started_at=now, started_by=visit.practitioner, address="10.0.0.1"
    )
    draft = services.open_session(by=visit.practitioner, appointment=visit)

    def deed(number):
        try:
            if number % 2:
                numbers = {"leg": 9}
                given = {"numbers": numbers, "ticked": None, "safety": {}}
                return tell(tablet=tablet, visit=visit.pk, now=now, **given)
            session = Session.objects.get(pk=draft.pk)
            return services.sign(
                by=visit.practitioner,
                session=session,
                revision=0,
                entry=ready(session),
                now=now,
            )
        except (AlreadyTold, TooLate, services.NotReady):
            return None

    all_at_once(deed)

    signed = Session.objects.get().status == "signed"
    assert SelfReport.objects.exists() is not signed
