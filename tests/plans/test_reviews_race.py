"""Several who decide on the same course at the same moment: one decision stands."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.access.roles import Role
from plans.catalogue.services import load_acupoints
from plans.pauses.models import Pause
from plans.pauses.queries import standing_pause
from plans.pauses.services import pause_plan
from plans.planning.models import PlanVersion
from plans.reviews.models import Review
from plans.reviews.services import REFERRED
from plans.scheduling.models import Appointment
from tests.factories import make_user
from tests.plans.caseload import DAY, make_visit
from tests.plans.reviews_setting import (
    NOW,
    make_done_course,
    page_of,
    record_harm,
    sent,
    text_of,
)

DECISIONS = ("finish", "refer", "change", "taper", "continue", "finish")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(many_connections, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    load_acupoints()  # an earlier test with real transactions emptied the tables
    return make_done_course()


def all_at_once(version, forms):
    clients = [Client() for _form in forms]
    for client in clients:
        client.force_login(make_user(Role.ACUPUNCTURIST))
    gate = Barrier(len(forms))

    def send(client, form):
        gate.wait()
        try:
            return client.post(page_of(version), form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, clients, forms))


def test_of_several_decisions_one_stands_and_the_others_are_told(version):
    """What the others typed is still in their forms, and the one decision beside it."""
    visits = [make_visit(version, NOW + days * DAY) for days in (2, 5)]
    forms = [
        sent(
            version,
            decision,
            reason=f"Reason {number}",
            goal_words=f"Said {number}",
            cancel=[decision] if decision in {"finish", "refer"} else [],
        )
        for number, decision in enumerate(DECISIONS)
    ]

    answers = all_at_once(version, forms)

    review = Review.objects.get()
    number = int(review.reason.removeprefix("Reason "))
    assert review.decision == DECISIONS[number]
    for other, answer in enumerate(answers):
        if other == number:
            assert answer.status_code == 302
        else:
            page = text_of(answer)
            assert answer.status_code == 409
            assert f"Said {other}" in page
            assert f"Reason {other}" in page
            assert review.reason in page
    plan = version.plan
    plan.episode.refresh_from_db()
    ends = review.decision in {"finish", "refer"}
    assert (plan.episode.closed_on is not None) is (review.decision == "finish")
    assert Pause.objects.count() == (review.decision == "refer")
    drafts = PlanVersion.objects.filter(status="draft").count()
    assert drafts == (not ends)
    now = Appointment.objects.filter(pk__in=[visit.pk for visit in visits])
    assert {row.status for row in now} == {"cancelled" if ends else "booked"}


def test_harm_told_of_at_the_same_moment_is_never_passed_over(version):
    """Told of before the decision it is read first; told of after, it pauses anew."""
    by = make_user()
    pause_plan(by=by, plan=version.plan, reason=REFERRED, now=NOW - DAY)
    form = sent(version, "continue")
    client = Client()
    client.force_login(make_user(Role.ACUPUNCTURIST))
    gate = Barrier(5)

    def at_once(deed):
        gate.wait()
        try:
            return deed()
        finally:
            connection.close()

    deeds = [partial(record_harm, version, by=by)] * 4
    with ThreadPoolExecutor(5) as pool:
        decide = partial(client.post, page_of(version), form)
        answer, *told = pool.map(at_once, [decide, *deeds])

    assert len({event.pk for event in told}) == 4
    assert answer.status_code in {302, 409}
    assert Review.objects.count() == (answer.status_code == 302)
    assert standing_pause(version.plan)


def test_one_form_sent_from_many_hands_is_one_review(version):
    form = sent(version, "refer", submission=uuid4())

    answers = all_at_once(version, [form] * 4)

    assert [answer.status_code for answer in answers] == [302] * 4
    assert Review.objects.count() == Pause.objects.count() == 1
