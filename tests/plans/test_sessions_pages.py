from datetime import timedelta
from itertools import cycle
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.intake.screen import SHORT_SCREEN
from patients.measures.models import Score
from plans.scheduling.models import Appointment
from plans.sessions import services
from plans.sessions.forms import as_sent
from plans.sessions.models import Amendment, Session
from plans.sessions.queries import (
    entry_of,
)
from tests.factories import (
    make_appointment,
    make_episode,
    make_intake,
    make_user,
    settle,
)
from tests.plans.sessions_setting import make_course, make_visit, ready, sign

pytestmark = pytest.mark.django_db


def address(visit):
    return reverse("plans:log", args=[visit.pk])


@pytest.fixture
def visit():
    return make_visit(make_course())


@pytest.fixture
def desk(client, visit):
    client.force_login(visit.practitioner)
    return client


def typed(visit, *, revision=0, do="sign", **changes):
    """What the browser would send for a complete session."""
    session = getattr(visit, "session", None)
    if session is None:
        version = visit.plan.versions.get()
        rows = [
            {
                f"{point.acupoint_id}-{name}": getattr(point, name)
                for name in ("side", "depth_mm", "technique")
            }
            for point in version.points.all()
        ]
        codes = [point.acupoint_id for point in version.points.all()]
        data = {name: value for row in rows for name, value in row.items()}
        data |= {f"{code}-de_qi": "unknown" for code in codes}
        data["point"] = codes
    else:
        data = dict(as_sent(ready(session), session.revision).lists())
    return {
        **data,
        "revision": revision,
        "none_of_these": "on",
        "leg_before": "6",
        "needles_in": "2",
        "needles_out": "2",
        "retention_min": "30",
        "note": "Slept well.",
        "do": do,
    } | changes


def text_of(page):
    return page.content.decode()


def test_the_form_opens_without_writing_a_session(desk, visit):
    page = desk.get(address(visit))

    assert page.status_code == 200
    assert 'name="point" value="GB30"' in text_of(page)
    assert not Session.objects.exists()


def test_the_page_says_whose_turn_it_is_of_two_prescriptions(client):
    version = make_course(letters={"GB30": "a", "BL40": "b"})
    visit = make_visit(version)
    client.force_login(visit.practitioner)
    sign(make_visit(version, days_ago=3))

    page = text_of(client.get(address(visit)))

    assert "Today is prescription B" in page
    assert "Prescription A" in page  # last time
    assert 'name="point" value="BL40"' in page
    assert 'name="point" value="GB30"' not in page


def test_a_plan_that_does_not_alternate_names_no_prescription(desk, visit):
    assert "is prescription" not in text_of(desk.get(address(visit)))


def test_an_unchanged_session_takes_six_actions(desk, visit):
    """Open, no to all five, one score, needles in, needles out, sign."""
    form = desk.get(address(visit)).context["form"]
    as_shown = {name: form[name].value() for name in form.fields}
    as_shown |= {
        f"{row.prefix}-{name}": row[name].value()
        for row in form.rows
        for name in row.fields
    }
    as_shown["point"] = [row.prefix for row in form.rows]
    touched = {
        "none_of_these": "on",
        "leg_before": "6",
        "needles_in": "2",
        "needles_out": "2",
        "do": "sign",
    }
    untouched = {
        k: v for k, v in as_shown.items() if v not in (None, "") and v is not False
    }

    done = desk.post(address(visit), untouched | touched)

    assert touched.keys().isdisjoint(untouched)
    assert done.status_code == 302
    assert Session.objects.get().status == Session.Status.SIGNED


def test_signing_leads_to_the_session_and_the_form_is_closed(desk, visit):
    done = desk.post(address(visit), typed(visit), follow=True)

    session = Session.objects.get()
    assert done.redirect_chain[-1][0] == reverse("plans:session", args=[session.pk])
    assert "Slept well." in text_of(done)
    assert desk.get(address(visit)).status_code == 302


def test_a_double_click_on_sign_makes_one(desk, visit):
    answers = [desk.post(address(visit), typed(visit)) for _click in range(2)]

    session = Session.objects.get()
    place = reverse("plans:session", args=[session.pk])
    assert [answer.headers["Location"] for answer in answers] == [place, place]
    assert Score.objects.count() == 1


def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(desk, visit):
    data = typed(visit, needles_out="1", leg_before="", note="Long story", words="bl99")

    page = desk.post(address(visit), data)

    assert page.status_code == 422
    shown = text_of(page)
    assert "2 went in and 1 came out" in shown
    for anchor in ("id_incident", "id_leg_before_0", "id_words"):
        assert f'href="#{anchor}"' in shown
        assert f'id="{anchor}"' in shown
    assert "Long story" in shown
    assert "“bl99” is not understood" in shown
    session = Session.objects.get()
    assert session.status == Session.Status.DRAFT
    assert entry_of(session).note == "Long story"


def test_a_needle_that_is_missing_stands_on_the_session_and_leads_to_its_event(
    desk, visit
):
    note = "One not found, the couch was taken apart; told the patient."
    page = desk.post(
        address(visit), typed(visit, needles_out="1", incident=note), follow=True
    )

    assert "Needles: 2 in, 1 out" in text_of(page)
    assert note in text_of(page)
    place = reverse("plans:record_event", args=[Session.objects.get().pk])
    assert f'{place}?kind=forgotten_needle"' in text_of(page)
    form = desk.get(f"{place}?kind=forgotten_needle").context["form"]
    assert form["kind"].value() == "forgotten_needle"
    assert desk.get(f"{place}?kind=junk").context["form"]["kind"].value() == ""


def test_a_point_left_out_stays_in_sight_until_it_is_signed_and_can_be_put_back(
    desk, visit
):
    desk.post(
        address(visit),
        typed(visit, do="save", **{"GB30-drop": "on", "GB30-why": "no_response"}),
    )

    page = desk.get(address(visit))
    form = page.context["form"]
    assert [row.prefix for row in form.rows] == ["BL40"]
    (left,) = form.left_out
    assert (left["drop"].value(), left["why"].value()) == (True, "no_response")
    assert "In the plan: right · 20 mm · even" in text_of(page)
    assert Session.objects.get().needlings.count() == 1

    back = dict(as_sent(entry_of(Session.objects.get()), 1).lists())
    back |= {f"GB30-{name}": left[name].value() for name in ("side", "depth_mm")}
    back |= {"GB30-technique": "even", "GB30-de_qi": "unknown", "do": "save"}
    desk.post(address(visit), back | {"point": ["BL40", "GB30"]})

    assert Session.objects.get().needlings.count() == 2
    assert desk.get(address(visit)).context["form"].left_out == []


def test_only_what_changed_asks_why_and_the_signed_page_says_it(desk, visit):
    sign(make_visit(visit.plan.versions.get(), days_ago=3))
    changes = {
        "GB30-depth_mm": "25",
        "GB30-why": "finding",
        "BL40-drop": "on",
        "BL40-why_words": "Bruise 瘀斑",
        "words": "gb34",
        "needles_in": "2",
    }

    shown = text_of(desk.get(address(visit)))
    assert shown.count("data-why hidden") == 2

    desk.post(address(visit), typed(visit, do="save", **changes))
    shown = text_of(desk.get(address(visit)))
    assert "data-why hidden" not in shown
    assert "Last time: right · 20 mm · even" in shown
    assert "Not given last time" in shown
    assert 'value="Bruise 瘀斑"' in shown

    changes.pop("words")
    data = typed(visit, revision=1, **changes | {"needles_out": "2"})
    data |= {"GB34-side": "right", "GB34-depth_mm": "20", "GB34-technique": "even"}
    data |= {"GB34-de_qi": "unknown", "BL40-technique": "even", "BL40-side": "right"}
    data |= {"BL40-depth_mm": "20", "point": ["GB30", "BL40", "GB34"]}
    shown = text_of(desk.post(address(visit), data, follow=True))

    assert "right · 20 mm · even → right · 25 mm · even" in shown
    assert "new finding" in shown
    assert "left out (right · 20 mm · even)" in shown
    assert "Bruise 瘀斑" in shown
    assert "added (right · 20 mm · even)" in shown
    assert shown.count("no reason given") == 1


def test_counts_that_agree_say_nothing_of_an_incident(desk, visit):
    page = desk.post(address(visit), typed(visit), follow=True)

    assert "Needles: 2 in" not in text_of(page)


def test_an_exception_to_the_checklist_is_kept_and_shown(desk, visit):
    words = "Second box fetched"
    page = desk.post(
        address(visit), typed(visit, **{"aseptic-sharps": words}), follow=True
    )

    assert words in text_of(page)
    assert "Used needles into the sharps box at once" in text_of(page)


def test_what_no_draft_can_hold_comes_back_as_typed(desk, visit):
    page = desk.post(
        address(visit),
        typed(visit, needles_in="two", note="Kept", **{"GB30-depth_mm": "deep"}),
    )

    assert page.status_code == 422
    shown = text_of(page)
    assert 'value="two"' in shown
    assert 'value="deep"' in shown
    assert "Kept" in shown
    assert 'href="#id_GB30-depth_mm"' in shown


def test_points_are_added_by_words_dropped_by_a_tick(desk, visit):
    data = typed(
        visit, do="add", words="UB57 L 15mm, 阳陵泉 foo 25m", **{"GB30-drop": "on"}
    )

    done = desk.post(address(visit), data)

    assert done.headers["Location"] == f"{address(visit)}#points"
    entry = entry_of(Session.objects.get())
    assert [line.code for line in entry.lines] == ["BL40", "BL57", "GB34"]
    assert (entry.lines[1].side, entry.lines[1].depth_mm) == ("left", 15)
    assert entry.retention_min == 25
    assert entry.words == "foo"
    shown = text_of(desk.get(address(visit)))
    assert "“foo” is not understood" in shown
    assert 'value="foo"' in shown


def test_copied_points_are_marked_until_they_differ(desk, visit):
    assert text_of(desk.get(address(visit))).count("data-copied-words") == 2

    desk.post(address(visit), typed(visit, do="save", **{"GB30-depth_mm": "11"}))

    assert text_of(desk.get(address(visit))).count("data-copied-words") == 1


def test_a_red_flag_stops_and_shows_where_to_go(desk, visit):
    page = desk.post(
        address(visit),
        typed(visit, none_of_these="", **{"safety-saddle_numbness": "yes"}),
    )

    shown = text_of(page)
    assert page.status_code == 422
    episode = visit.plan.episode
    assert reverse("patients:intake", args=[episode.pk]) in shown
    assert Session.objects.get().status == Session.Status.DRAFT


def test_a_red_flag_prints_its_letter_from_the_session(desk, visit):
    data = typed(visit, none_of_these="", **{"safety-saddle_numbness": "yes"})
    page = desk.post(address(visit), data)
    session = Session.objects.get()
    place = reverse("plans:session_letter", args=[session.pk])

    letter = desk.get(place)

    assert place in text_of(page)
    assert letter.status_code == 200
    shown = text_of(letter)
    assert visit.patient.name in shown
    assert str(page.context["stops"][0].name["en"]) in shown
    assert "no acupuncture was given" in shown
    assert visit.practitioner.name in shown
    event = AuditEvent.objects.get(action="print_referral")
    assert (event.subject_type, event.patient_id) == ("session", visit.patient_id)


def test_without_a_red_flag_there_is_no_letter(desk, visit):
    session = sign(visit)

    page = desk.get(reverse("plans:session_letter", args=[session.pk]))

    assert page.headers["Location"] == reverse("plans:session", args=[session.pk])


def test_no_to_all_five_never_undoes_a_yes(desk, visit):
    desk.post(address(visit), typed(visit, do="save", **{"safety-fever_unwell": "yes"}))

    safety = Session.objects.get().safety
    assert safety == dict.fromkeys(SHORT_SCREEN, False) | {"fever_unwell": True}


def test_open_questions_block_the_signature(desk, visit):
    page = desk.post(address(visit), typed(visit, none_of_these=""))

    assert page.status_code == 422
    assert text_of(page).count("Ask this before needling.") == 10  # summary and field


def test_the_second_of_two_sees_both_texts_and_may_still_save(desk, visit):
    desk.post(address(visit), typed(visit, do="save", note="First"))

    page = desk.post(address(visit), typed(visit, do="save", note="Second"))

    assert page.status_code == 409
    shown = text_of(page)
    assert "First" in shown
    assert "Second" in shown
    revision = Session.objects.get().revision
    desk.post(address(visit), typed(visit, do="save", note="Both", revision=revision))
    assert Session.objects.get().note == "Both"


def test_who_comes_after_the_signature_can_add_what_they_typed(desk, visit):
    desk.post(address(visit), typed(visit))

    page = desk.post(address(visit), typed(visit, note="Other words"))

    assert page.status_code == 409
    session = Session.objects.get()
    assert "Note: Other words" in text_of(page)
    assert reverse("plans:amend", args=[session.pk]) in text_of(page)
    assert session.note == "Slept well."


def test_an_amendment_shows_its_author_and_keeps_the_session(desk, visit):
    session = sign(visit, note="Right leg")
    place = reverse("plans:amend", args=[session.pk])

    empty = desk.post(place, {"text": "", "submission": uuid4()})
    assert empty.status_code == 422
    sent = {"text": "Left leg was meant", "submission": uuid4()}
    for _click in range(2):
        done = desk.post(place, sent, follow=True)

    assert "Left leg was meant" in text_of(done)
    assert "Right leg" in text_of(done)
    assert visit.practitioner.name in text_of(done)
    assert Amendment.objects.count() == 1


def test_a_draft_takes_no_amendment(desk, visit):
    session = services.open_session(by=visit.practitioner, appointment=visit)

    sent = {"text": "x", "submission": uuid4()}
    assert desk.post(reverse("plans:amend", args=[session.pk]), sent).status_code == 404


def test_without_a_plan_the_next_step_is_offered(client):
    visit = make_appointment(starts_at=timezone.now() - timedelta(hours=1))
    client.force_login(visit.practitioner)

    page = client.get(address(visit))

    assert reverse("patients:open_episode", args=[visit.patient_id]) in text_of(page)
    assert client.post(address(visit), {"do": "sign"}).status_code == 200
    episode = make_episode(patient=visit.patient)
    place = reverse("patients:intake", args=[episode.pk])
    assert place in text_of(client.get(address(visit)))
    make_intake(episode=episode)
    place = reverse("plans:propose", args=[episode.pk])
    assert place in text_of(client.get(address(visit)))


@pytest.mark.parametrize(
    ("roles", "log", "read", "amend"),
    [
        ({Role.ACUPUNCTURIST}, 404, 200, 302),
        ({Role.ADMIN}, 403, 200, 403),
        ({Role.FRONT_DESK}, 403, 403, 403),
    ],
)
def test_rights_of_somebody_else(client, visit, roles, log, read, amend):
    session = sign(visit)
    client.force_login(make_user(*roles))

    sent = {"text": "x", "submission": uuid4()}
    got = [
        client.get(address(visit)).status_code,
        client.get(reverse("plans:session", args=[session.pk])).status_code,
        client.post(reverse("plans:amend", args=[session.pk]), sent).status_code,
    ]
    assert got == [log, read, amend]
    episode = visit.plan.episode_id
    assert client.get(reverse("plans:sessions", args=[episode])).status_code == read


@pytest.mark.parametrize(
    ("days_ago", "status"),
    [(-1, "booked"), (0, "no_show"), (0, "cancelled"), (0, "late_cancel")],
)
def test_only_what_took_place_can_be_written_up(client, days_ago, status):
    visit = make_visit(make_course(), days_ago=days_ago)
    reason = "Ill" if "cancel" in status else ""
    Appointment.objects.update(status=status, cancel_reason=reason)
    client.force_login(visit.practitioner)

    assert client.get(address(visit)).status_code == 404


@pytest.mark.parametrize("name", ["log", "session", "sessions"])
@pytest.mark.parametrize("number", [999999, 10**30])
def test_what_does_not_exist_is_not_found(desk, name, number):
    assert desk.get(reverse(f"plans:{name}", args=[number])).status_code == 404


JUNK = [
    "\x00",
    "9" * 400,
    "-1",
    "委中" * 300,
    "<script>alert(1)</script>",
    "'; DROP TABLE--",
    "\ud800".encode("utf-8", "replace").decode(),
    "1e9",
    "😀",
]


BUTTONS = ["save", "sign", "add", "nonsense"]


@pytest.mark.parametrize(("junk", "do"), list(zip(JUNK, cycle(BUTTONS), strict=False)))
def test_junk_in_every_field_is_answered(desk, visit, junk, do):
    names = [*typed(visit), "words", "no_score_reason", "safety-fever_unwell"]
    data = MultiValueDict({name: [junk] for name in names})
    data["do"] = do
    data.setlist("point", ["GB30", "GB30", junk, *[f"X{n}" for n in range(99)]])

    for sent in (data, {"do": do, "point": junk}):
        page = desk.post(address(visit), sent)
        assert page.status_code == 422


def test_nothing_at_all_is_answered(desk, visit):
    assert desk.post(address(visit), {}).status_code == 422


@pytest.mark.parametrize("junk", JUNK[::3])
def test_junk_in_any_field_is_answered(desk, visit, junk):
    names = ("words", "note", "point", "leg_before", "no_score_reason")
    for name, do in zip(names, cycle(BUTTONS), strict=False):
        page = desk.post(address(visit), typed(visit, do=do, **{name: junk}))
        assert page.status_code in {302, 409, 422}


@pytest.mark.parametrize("signed", [1, 3])
def test_query_count_of_the_form(desk, visit, django_assert_num_queries, signed):
    """Session, user; the appointment; the plan, its points; audit; last time and its
    needlings, changes, settings, amendments, scores; the intake, its clearances; the
    series; what the patient told; combinations; a pause; what was added at the bed.
    """
    for days in range(1, signed + 1):
        sign(make_visit_again(visit, days))

    desk.get(address(visit))  # the session is kept alive once a minute

    with django_assert_num_queries(20):
        page = desk.get(address(visit))

    assert text_of(page).count('<tr><th scope="row">') == signed


def make_visit_again(visit, days):
    return make_visit(visit.plan.versions.get(), days_ago=days)


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count_of_the_list(desk, visit, django_assert_num_queries, rows):
    """Session, user, episode, audit, count, sessions, needlings."""
    for days in range(1, rows + 1):
        sign(make_visit_again(visit, days))

    place = reverse("plans:sessions", args=[visit.plan.episode_id])
    desk.get(place)

    with django_assert_num_queries(7):
        page = desk.get(place)

    assert text_of(page).count('<th scope="row"') == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count_of_a_session(desk, visit, django_assert_num_queries, rows):
    """Session, user; the session, needlings, changes, settings, amendments, scores;
    audit; what the patient told.
    """
    session = sign(visit)
    for _row in range(rows):
        services.amend(by=make_user(), session=session, text="More", submission=uuid4())

    place = reverse("plans:session", args=[session.pk])
    desk.get(place)

    with django_assert_num_queries(10):
        page = desk.get(place)

    assert text_of(page).count('class="amendment"') == rows


def test_a_draft_says_that_a_newer_version_is_in_force(client, visit):
    client.force_login(visit.practitioner)
    session = services.open_session(by=visit.practitioner, appointment=visit)
    title = "A newer version of the plan is in force"
    assert title not in text_of(client.get(address(visit)))

    settle(session.plan_version, status="superseded")

    assert title in text_of(client.get(address(visit)))
