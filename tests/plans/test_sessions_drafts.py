"""A draft saves itself: nothing acknowledged is lost, nothing is doubled."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.pauses.models import Pause
from plans.scheduling.models import Appointment
from plans.sessions.drafts import CHOICE, MOST_CHARACTERS, Hand, as_typed, merged
from plans.sessions.models import Session
from plans.sessions.queries import entry_of
from tests.factories import make_user
from tests.plans.sessions_setting import make_course, make_visit, sign
from tests.plans.test_sessions_pages import typed

PAGE = str(uuid4())


@pytest.fixture
def visit(db):
    return make_visit(make_course())


@pytest.fixture
def desk(client, visit):
    client.force_login(visit.practitioner)
    return client


def form_at(visit):
    return reverse("plans:log", args=[visit.pk])


def save(client, visit, *, page=PAGE, turn=1, revision=0, **changes):
    sent = typed(visit, page=page, turn=turn, **changes) | {"revision": revision}
    return client.post(reverse("plans:autosave", args=[visit.pk]), sent)


def pause(visit):
    Pause.objects.create(
        plan=visit.plan,
        reason={"en": "A fall"},
        begun_at=visit.starts_at,
        begun_by=visit.practitioner,
    )


def draft():
    return Session.objects.get()


def text_of(page):
    return page.content.decode()


def test_what_is_typed_is_kept_and_acknowledged_with_the_time(desk, visit):
    answer = save(desk, visit, note="Calf tight")

    session = draft()
    assert answer.json()["revision"] == session.revision == 1
    assert answer.json()["saved"].startswith("Saved ")
    assert (session.note, session.saved_by) == ("Calf tight", visit.practitioner)
    assert session.status == Session.Status.DRAFT


def test_a_draft_comes_back_exactly_as_it_was_typed_readable_or_not(desk, visit):
    half = {"words": "gb34 L, blx", "needles_in": "eight", "GB30-depth_mm": "deep"}
    save(desk, visit, note="Kept", **half)

    page = text_of(desk.get(form_at(visit)))

    for value in half.values():
        assert f'value="{value}"' in page
    assert "Kept" in page
    assert page.count("Enter a whole number.") == 2
    assert "Last saved by" in page
    # Nothing was made of a word that somebody was in the middle of.
    assert [line.code for line in entry_of(draft()).lines] == ["GB30", "BL40"]


def test_what_cannot_be_read_leaves_the_rest_readable_for_others(desk, visit):
    save(desk, visit, note="Plain", needles_in="eight")

    session = draft()

    assert (session.note, session.needles_in) == ("Plain", None)
    page = desk.get(reverse("plans:session", args=[session.pk]))
    assert "Plain" in text_of(page)


def test_saving_by_hand_keeps_what_cannot_be_read_and_says_so(desk, visit):
    page = desk.post(form_at(visit), typed(visit, do="save", needles_in="eight"))

    assert page.status_code == 422
    assert 'value="eight"' in text_of(desk.get(form_at(visit)))


def test_signing_says_all_that_is_wrong_at_once(desk, visit):
    sent = typed(visit, needles_in="eight", needles_out="", leg_before="")

    page = text_of(desk.post(form_at(visit), sent))

    for anchor in ("id_needles_in", "id_needles_out", "id_leg_before_0"):
        assert f'href="#{anchor}"' in page
    assert page.count("Enter a whole number.") == 2  # summary and field


def test_a_save_whose_answer_got_lost_is_no_conflict_with_itself(desk, visit):
    save(desk, visit, turn=1, note="First")
    again = save(desk, visit, turn=2, note="First and more")

    assert again.status_code == 200
    assert draft().note == "First and more"


def test_a_late_save_does_not_undo_a_later_one(desk, visit):
    save(desk, visit, turn=2, note="Later")
    late = save(desk, visit, turn=1, note="Earlier")

    assert late.json()["revision"] == draft().revision == 1
    assert draft().note == "Later"


def test_a_late_signature_does_not_sign_over_a_later_text(desk, visit):
    save(desk, visit, turn=2, note="Later")

    page = desk.post(form_at(visit), typed(visit, page=PAGE, turn=1, revision=1))

    assert page.status_code == 409
    assert draft().status == Session.Status.DRAFT


def test_a_signature_overtaken_by_the_same_text_is_still_one(desk, visit):
    same = {"note": "The same", "words": ""}
    save(desk, visit, turn=2, **same)

    done = desk.post(form_at(visit), typed(visit, page=PAGE, turn=1, **same))

    assert done.status_code == 302
    assert draft().status == Session.Status.SIGNED


def test_signing_after_an_answer_got_lost_goes_through(desk, visit):
    save(desk, visit, turn=1, note="First")

    done = desk.post(form_at(visit), typed(visit, page=PAGE, turn=2, note="Last"))

    assert done.status_code == 302
    assert (draft().status, draft().note) == (Session.Status.SIGNED, "Last")
    assert draft().typed == {}


def test_the_second_of_two_is_told_at_once_by_whom_and_what(desk, visit):
    save(desk, visit, note="From the tablet")

    told = save(desk, visit, page=uuid4(), note="From the phone")

    assert told.status_code == 409
    assert f"By {visit.practitioner.name} at" in text_of(told)
    assert "From the tablet" in text_of(told)
    assert "From the phone" in text_of(told)
    assert draft().note == "From the tablet"


def test_the_same_text_from_two_pages_is_no_conflict(desk, visit):
    save(desk, visit, note="The same")

    assert save(desk, visit, page=uuid4(), note="The same").status_code == 200
    assert draft().revision == 2


def test_of_two_texts_each_part_is_chosen(desk, visit):
    theirs = {"note": "Theirs", "needles_out": "7", "GB30-depth_mm": "11"}
    save(desk, visit, **theirs)
    mine = {"note": "Mine", "needles_out": "8", "BL40-drop": "on"}
    choice = {f"{CHOICE}note": "mine", f"{CHOICE}needles_out": "theirs"}
    choice |= {f"{CHOICE}GB30": "theirs", f"{CHOICE}BL40": "mine"}

    done = desk.post(
        form_at(visit), typed(visit, do="merge", revision=1, **mine, **choice)
    )

    assert done.status_code == 302
    entry = entry_of(draft())
    assert (entry.note, entry.needles_out) == ("Mine", 7)
    assert [(line.code, line.depth_mm) for line in entry.lines] == [("GB30", 11)]


def test_choosing_while_the_other_goes_on_shows_both_again(desk, visit):
    save(desk, visit, turn=1, note="Theirs")
    save(desk, visit, turn=2, revision=1, note="Theirs, and more")

    chosen = typed(visit, do="merge", revision=1, note="Mine")
    page = desk.post(form_at(visit), chosen)

    assert page.status_code == 409
    assert "Theirs, and more" in text_of(page)
    assert draft().note == "Theirs, and more"


def test_who_types_on_after_the_signature_is_told(desk, visit):
    sign(visit)

    told = save(desk, visit, note="Too late")

    assert told.status_code == 409
    assert "signed meanwhile" in text_of(told)
    assert "Too late" in text_of(told)
    assert draft().note == ""


def test_a_draft_of_a_cancelled_visit_is_kept_and_not_signed(desk, visit):
    save(desk, visit, note="Before")
    Appointment.objects.update(status="cancelled", cancel_reason="patient")

    answer = save(desk, visit, turn=2, revision=1, note="After")
    assert answer.json()["why"] == "cancelled"
    done = desk.post(form_at(visit), typed(visit, page=PAGE, turn=3, note="Sign it"))

    session = draft()
    place = reverse("plans:session", args=[session.pk])
    assert done.headers["Location"] == place
    assert (session.status, session.note) == (Session.Status.DRAFT, "Sign it")
    assert desk.get(form_at(visit)).headers["Location"] == place
    assert "Finish and sign" not in text_of(desk.get(place))


def test_a_visit_cancelled_before_the_first_word_takes_none(desk, visit):
    Appointment.objects.update(status="cancelled", cancel_reason="patient")

    assert save(desk, visit).status_code == 404
    assert not Session.objects.exists()


def test_a_paused_plan_begins_no_draft(desk, visit):
    pause(visit)

    assert save(desk, visit).json() == {"why": "paused"}


@pytest.mark.parametrize(
    "changes",
    [{"status": "needles_out"}, {"starts_at": F("starts_at") - timedelta(days=1)}],
)
def test_what_was_needled_before_the_pause_is_written_up(desk, visit, changes):
    pause(visit)
    Appointment.objects.update(**changes)

    assert save(desk, visit).json()["why"] == ""
    assert "This plan is paused" in text_of(desk.get(form_at(visit)))


def test_no_needles_by_a_draft_that_was_open_before_the_pause(desk, visit):
    save(desk, visit)
    pause(visit)

    desk.post(form_at(visit), typed(visit, page=PAGE, turn=2, do="needles_in"))

    visit.refresh_from_db()
    assert visit.status == "arrived"
    shown = text_of(desk.get(form_at(visit)))
    assert "No needles: the plan is paused" in shown


def test_without_script_a_second_save_is_no_late_one(desk, visit):
    """The page counts no turns then, so neither save can be told from the other."""
    sent = typed(visit, page=PAGE, turn=0, note="First") | {"revision": 0}
    desk.post(form_at(visit), sent)

    answer = desk.post(form_at(visit), sent | {"note": "And more"})

    assert answer.status_code == 409
    assert "First" in text_of(answer)
    assert "And more" in text_of(answer)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_saves_into_it(client, visit, role):
    client.force_login(make_user(role))

    assert save(client, visit).status_code in {403, 404}
    assert not Session.objects.exists()


def test_more_than_a_draft_holds_is_refused_and_said(desk, visit):
    answer = save(desk, visit, note="x" * (MOST_CHARACTERS + 1))

    assert answer.json() == {"why": "long"}
    assert draft().note == ""


def test_nulls_and_foreign_fields_break_nothing(desk, visit):
    answer = save(desk, visit, note="a\x00b", **{"no\x00such": "😀", "page": "junk"})

    assert answer.status_code == 200
    assert "ab" in text_of(desk.get(form_at(visit)))


def test_the_trail_tells_of_each_opened_page_once(desk, visit):
    for turn in range(1, 6):
        save(desk, visit, turn=turn, note="x" * turn)
    save(desk, visit, page=uuid4(), revision=draft().revision, note="Elsewhere")

    told = AuditEvent.objects.filter(action="save_session")

    assert [event.details for event in told] == [{"automatic": True}] * 2


def test_query_count_of_a_save_does_not_grow(desk, visit, django_assert_num_queries):
    """Session, user; the appointment with its draft, the points; savepoint, the draft
    held, its update, the points, the draft, release.
    """
    for turn in (1, 2):
        save(desk, visit, turn=turn, note="x")

    sent = typed(visit, page=PAGE, turn=3, note="more", words="gb34 bl57 bl60")
    with django_assert_num_queries(10):
        desk.post(reverse("plans:autosave", args=[visit.pk]), sent)


SENT = st.dictionaries(
    st.sampled_from(["note", "needles_in", "GB30-side", "BL40-side", "EX-B2-L4-side"]),
    st.lists(st.sampled_from(["", "a", "b"]), min_size=1, max_size=1),
).map(lambda sent: sent | {"point": sorted({n[:-5] for n in sent if "-" in n})})
PARTS = ["note", "needles_in", "GB30", "BL40", "EX-B2-L4"]


@given(SENT, SENT, st.sets(st.sampled_from(PARTS)))
def test_each_part_comes_whole_from_the_text_it_was_chosen_of(mine, theirs, taken):
    found = merged(mine, theirs, taken)

    for part in PARTS:
        source = theirs if part in taken else mine
        names = {n for n in source if n == part or n.startswith(f"{part}-")}
        assert {n: found[n] for n in names} == {n: source[n] for n in names}
        assert (part in found["point"]) == (part in source["point"])
    assert len(found["point"]) == len(set(found["point"]))


def test_a_page_knows_its_own_saves_and_no_others():
    last = {"page": PAGE, "turn": 4}

    assert Hand(PAGE, 5).wrote(last)
    assert Hand(PAGE, 4).is_overtaken(last)
    assert not Hand(PAGE, 5).is_overtaken(last)
    assert not Hand(str(uuid4()), 5).wrote(last)
    assert not Hand().wrote({})


def test_only_the_form_itself_is_kept():
    apart = {"csrfmiddlewaretoken": ["x"], "take-note": ["mine"], "turn": ["3"]}

    assert as_typed({**apart, "note": ["a\x00"]}.items()) == {"note": ["a"]}


def test_a_draft_moved_to_a_later_day_is_kept_and_not_signed(desk, visit):
    save(desk, visit, note="Begun")
    later = {"starts_at": visit.starts_at + timedelta(days=3)}
    later["ends_at"] = visit.ends_at + timedelta(days=3)
    later["needling_ends_at"] = visit.needling_ends_at + timedelta(days=3)
    Appointment.objects.update(**later)

    desk.post(form_at(visit), typed(visit, page=PAGE, turn=2, note="More"))

    assert (draft().status, draft().note) == (Session.Status.DRAFT, "More")
