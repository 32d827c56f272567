"""An amendment shows what it corrects; the session stays as it was signed."""

from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import AuditEvent
from plans.sessions import services
from plans.sessions.models import Amendment
from plans.sessions.wording import compared
from tests.factories import make_user
from tests.plans.sessions_setting import (
    make_course,
    make_visit,
    open_draft,
    sign,
)


@pytest.fixture
def signed(db):
    return sign(make_visit(make_course()), note="Right leg, sat well")


@pytest.fixture
def desk(client, signed):
    client.force_login(signed.signed_by)
    return client


def amend(desk, session, **given):
    sent = {"submission": uuid4(), "text": "Wrong side", **given}
    return desk.post(reverse("plans:amend", args=[session.pk]), sent)


def page_of(desk, session):
    return desk.get(reverse("plans:session", args=[session.pk])).content.decode()


def test_a_correction_shows_both_wordings_and_leaves_the_session(desk, signed):
    amend(desk, signed, corrects="note", after="Left leg, sat well")

    page = page_of(desk, signed)

    assert "Note, as signed" in page
    assert "<del>Right</del>" in page
    assert "<ins>Left</ins>" in page
    assert f'href="#amendment-{Amendment.objects.get().pk}"' in page
    signed.refresh_from_db()
    assert signed.note == "Right leg, sat well"


def test_a_point_is_corrected_as_one(desk, signed):
    said = page_of(desk, signed)
    assert '<option value="GB30"' in said

    amend(desk, signed, corrects="GB30", after="left · 11 mm · even")

    amendment = Amendment.objects.get()
    assert amendment.corrects == "GB30"
    assert "mm" in amendment.before
    assert "GB30, as signed" in page_of(desk, signed)


def test_what_should_not_have_been_there_reads_as_nothing(desk, signed):
    amend(desk, signed, corrects="note", after="")

    assert Amendment.objects.get().after == ""
    assert "<del>Right leg, sat well</del>" in page_of(desk, signed)


def test_an_addition_corrects_nothing(desk, signed):
    amend(desk, signed, text="Bruise since")

    amendment = Amendment.objects.get()
    assert (amendment.corrects, amendment.before, amendment.after) == ("", "", "")
    assert "Bruise since" in page_of(desk, signed)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"corrects": "note", "after": "Right leg, sat well"}, "This is how it was"),
        ({"after": "Left"}, "Choose what this corrects."),
        ({"corrects": "BL99", "after": "x"}, "BL99"),
        ({"corrects": "note", "after": "Left", "text": ""}, "required"),
    ],
)
def test_what_corrects_nothing_is_said_beside_the_field(desk, signed, given, told):
    page = amend(desk, signed, **given)

    assert page.status_code == 422
    assert told in page.content.decode()
    assert not Amendment.objects.exists()


def test_the_next_session_shows_the_correction_beside_last_time(client, db):
    version = make_course()
    last = sign(make_visit(version, days_ago=4), note="Right leg")
    services.amend(
        by=last.signed_by,
        session=last,
        text="Wrong side",
        submission=uuid4(),
        corrects="note",
        before="Right leg",
        after="Left leg",
    )
    client.force_login(last.signed_by)

    page = client.get(reverse("plans:log", args=[make_visit(version).pk]))

    assert "<ins>Left</ins>" in page.content.decode()


@pytest.mark.parametrize(
    "parts",
    [
        {"corrects": "", "before": "x", "after": ""},
        {"corrects": "", "before": "", "after": "x"},
        {"corrects": "note", "before": "x", "after": "x"},
    ],
)
def test_the_database_keeps_both_wordings_apart(signed, parts):
    with pytest.raises(IntegrityError, match="amendment_"):
        services.amend(
            by=signed.signed_by,
            session=signed,
            text="x",
            submission=uuid4(),
            **parts,
        )


WORDING = st.text(alphabet="ab 委中\n", max_size=12)


@given(WORDING, WORDING)
def test_both_wordings_come_back_whole_and_what_is_equal_is_not_marked(before, after):
    was, now = compared(before, after)

    assert "".join(piece.text for piece in was) == before
    assert "".join(piece.text for piece in now) == after
    kept = [[p.text for p in pieces if not p.changed] for pieces in (was, now)]
    assert kept[0] == kept[1]
    assert any(p.changed for p in (*was, *now)) == (before != after)


@pytest.mark.django_db
def test_an_amendment_is_a_new_entry_and_one_however_often_it_is_sent():
    session = sign(make_visit(make_course()))
    author, submission = make_user(), uuid4()

    for _again in range(2):
        services.amend(
            by=author, session=session, text="Left, not right", submission=submission
        )

    amendment = Amendment.objects.get()
    assert (amendment.written_by, amendment.session) == (author, session)
    assert AuditEvent.objects.filter(action="amend_session").count() == 1


@pytest.mark.django_db
def test_a_draft_is_changed_not_amended():
    with pytest.raises(services.NotSigned):
        services.amend(
            by=make_user(), session=open_draft(), text="x", submission=uuid4()
        )
