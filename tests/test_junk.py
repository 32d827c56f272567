"""Whatever is sent to any form of the app, it answers; it never breaks.

The forms are found by opening every address, so that a new one is covered unasked.
"""

from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.access.roles import Role
from clinic.accounts.models import User
from plans.catalogue.words import Wanted
from plans.combinations.services import save_combination
from plans.messages.models import Message
from plans.planning.models import PlanVersion
from plans.progress.models import FlareUp
from plans.reviews.models import Review
from plans.sessions.models import Session
from tests.factories import (
    MONDAY_NINE,
    make_appointment,
    make_intake,
    make_plan,
    make_user,
)

ODD = [
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "NaN",
    "9" * 30,
    "٣",
    "\x00",
    "😀",
    "委中" * 3000,
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-13-01T25:00",
    "24:00",
    "true",
    "null",
    "../../etc/passwd",
]
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.integers().map(str),
    st.dates().map(str),
    st.datetimes().map(str),
)
SENT = st.one_of(VALUES, st.lists(VALUES, max_size=3))
CONTROLS = {"input", "select", "textarea", "button"}
LEAVE_ALONE = {"account_logout", "set_language"}
LEFT_ALONE = ("/account/sign-out", "/language")


class Forms(HTMLParser):
    """Every form of a page: its method, its address, the names of its fields."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.found.append(
                (
                    (attrs.get("method") or "get").lower(),
                    attrs.get("action") or "",
                    set(),
                )
            )
        elif tag in CONTROLS and attrs.get("name") and self.found:
            self.found[-1][2].add(attrs["name"])


def patterns(resolver, names=()):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            space = (entry.namespace,) if entry.namespace else ()
            yield from patterns(entry, (*names, *space))
        elif entry.name and entry.name not in LEAVE_ALONE:
            yield ":".join((*names, entry.name)), entry.pattern.converters


def addresses(ids):
    for name, converters in patterns(get_resolver()):
        try:
            yield reverse(name, kwargs={key: ids.get(key, 1) for key in converters})
        except NoReverseMatch:
            continue


@pytest.fixture
def ids(db):
    """One row of everything an address can name, all of it the same person's."""
    user = make_user(*Role)
    version = make_plan(intake=make_intake(taken_by=user))
    appointment = make_appointment(
        plan=version.plan, patient=version.intake.episode.patient, practitioner=user
    )
    draft = PlanVersion.objects.get(pk=version.pk)
    draft.pk, draft.number, draft.status = None, 2, PlanVersion.Status.DRAFT
    draft.approved_at = draft.approved_by = None
    draft.save(force_insert=True)
    session = Session.objects.create(
        appointment=appointment,
        plan_version=version,
        started_at=MONDAY_NINE,
        retention_min=30,
    )
    message = Message.objects.create(
        patient=appointment.patient,
        kind="booking",
        state="failed",
        queued_at=MONDAY_NINE,
        claimed_at=MONDAY_NINE,
        calendar="BEGIN:VCALENDAR",
    )
    message.mentions.create(
        appointment=appointment,
        kind="booking",
        starts_at=appointment.starts_at,
        revision=0,
    )
    review = Review.objects.create(
        plan=version.plan,
        version=version,
        held_at=MONDAY_NINE,
        held_by=user,
        due_for=[],
        attended=0,
        standing="watch",
        rules=[],
        decision="continue",
        reason="As agreed",
    )
    flare_up = FlareUp.objects.create(
        episode=version.intake.episode,
        began_on=MONDAY_NINE.date(),
        text="A long drive",
        noted_at=MONDAY_NINE,
        noted_by=user,
    )
    combination = save_combination(
        by=user,
        name="Back pair",
        is_shared=False,
        points=[Wanted("BL23")],
        submission=uuid4(),
    )
    return {
        "message_id": message.pk,
        "combination_id": combination.pk,
        "patient_id": appointment.patient_id,
        "episode_id": version.intake.episode_id,
        "intake_id": version.intake_id,
        "plan_id": version.plan_id,
        "appointment_id": appointment.pk,
        "session_id": session.pk,
        "review_id": review.pk,
        "flare_up_id": flare_up.pk,
        "user_id": user.pk,
        "number": 1,
    }


@pytest.fixture
def client(ids):
    client = Client()
    client.force_login(User.objects.get(pk=ids["user_id"]))
    return client


@pytest.fixture
def forms(client, ids):
    found = sorted(
        {
            (method, action.partition("?")[0] or address, frozenset(names))
            for address in addresses(ids)
            for method, action, names in forms_at(client, address)
            if not action.startswith(LEFT_ALONE)
        },
        key=str,
    )
    assert len([form for form in found if form[0] == "post"]) > 8
    return found


def forms_at(client, address):
    page = client.get(address)
    assert page.status_code < 500
    parser = Forms()
    if page.headers.get("Content-Type", "").startswith("text/html"):
        parser.feed(page.content.decode())
    return parser.found


@given(data=st.data())
def test_no_form_breaks(client, forms, data):
    method, address, names = data.draw(st.sampled_from(forms))
    sent = {
        name: data.draw(SENT)
        for name in sorted(names - {"csrfmiddlewaretoken"})
        if data.draw(st.booleans())
    }
    send = client.post if method == "post" else client.get

    assert send(address, sent).status_code < 500


@given(data=st.data())
def test_no_query_breaks(client, ids, data):
    address = data.draw(st.sampled_from(sorted(addresses(ids))))
    query = {
        name: data.draw(VALUES)
        for name in ("q", "page", "day", "by", "patient", "from", "to", "next")
        if data.draw(st.booleans())
    }

    assert client.get(address, query).status_code < 500


@pytest.mark.parametrize("number", [0, 9**9, 9**30])
def test_an_id_that_is_nobodys_is_not_found(client, number):
    with_id = [
        (name, reverse(name, kwargs=dict.fromkeys(converters, number)))
        for name, converters in patterns(get_resolver())
        if converters and not name.startswith("mfa")
    ]

    answers = {name: client.get(address).status_code for name, address in with_id}
    found = {name: answer for name, answer in answers.items() if answer < 404}

    assert found == {}
