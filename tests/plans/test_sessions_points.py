"""The points of a session as they are typed, tapped and asked about."""

import pytest
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from clinic.access.roles import Role
from plans.sessions import services
from plans.sessions.forms import MOST_POINTS, as_sent
from plans.sessions.models import Session
from plans.sessions.queries import entry_of
from tests.factories import make_user
from tests.plans.diary_setting import junk_in_turn
from tests.plans.sessions_setting import make_course, make_visit, ready, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return make_visit(make_course())  # GB30 and BL40


@pytest.fixture
def room(client, visit):
    client.force_login(visit.practitioner)
    return client


@pytest.fixture
def page(visit):
    """The form of the draft as a browser holds it."""
    session = services.open_session(by=visit.practitioner, appointment=visit)
    return as_sent(ready(session), session.revision)


def sent(page, **changes):
    data = MultiValueDict(dict(page.lists()))
    for name, value in changes.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return dict(data.lists())


def read(room, visit, page, **changes):
    return room.post(
        reverse("plans:read_points", args=[visit.pk]), sent(page, **changes)
    )


def save(room, visit, page, **changes):
    done = room.post(
        reverse("plans:log", args=[visit.pk]), sent(page, **{"do": "save"} | changes)
    )
    assert done.status_code == 302, done.content.decode()
    return entry_of(Session.objects.get())


def text_of(page):
    return page.content.decode()


def rows_of(answer):
    return [row.point.code for row in answer.context["rows"]]


def test_typing_gives_back_the_new_rows_and_writes_nothing(room, visit, page):
    before = Session.objects.get()

    answer = read(room, visit, page, words="ub60 L 20mm foo bl40 25m")

    assert rows_of(answer) == ["BL60"]
    (row,) = answer.context["rows"]
    assert (row.form["side"].value(), row.form["depth_mm"].value()) == ("left", "20")
    said = answer.context["said"]
    assert "Added: BL60." in said
    assert "On the list already: BL40." in said
    assert "“foo” is not understood" in said
    assert 'data-retention="25"' in text_of(answer)
    assert '<input type="hidden" name="unclear" value="foo">' in text_of(answer)
    assert Session.objects.get().revision == before.revision


def test_typed_again_only_what_was_said_changes(room, visit, page):
    touched = sent(page, **{"BL40-depth_mm": "17", "BL40-de_qi": "yes"})

    answer = read(room, visit, MultiValueDict(touched), words="bl40 泻")

    (row,) = answer.context["rows"]
    assert row.form["technique"].value() == "reducing"
    assert row.form["depth_mm"].value() == "17"
    assert row.form["de_qi"].value() == "yes"


def test_a_row_that_is_not_valid_yet_stays_as_it_was_typed(room, visit, page):
    answer = read(
        room, visit, page, words="bl40 both", **{"BL40-depth_mm": "deep", "note": "x"}
    )

    assert 'value="deep"' in text_of(answer)


def test_a_side_of_a_point_on_the_midline_is_asked_about(room, visit, page):
    answer = read(room, visit, page, words="gv4 L")

    assert rows_of(answer) == ["GV4"]
    assert "“L” follows no point" in text_of(answer)


def test_what_was_meant_is_chosen_and_keeps_what_was_said_of_it(room, visit, page):
    asked = read(room, visit, page, words="三里 L 20mm")
    question = asked.context["questions"][0]
    value = next(c.value for c in question.choices if c.point.code == "ST36")

    entry = save(room, visit, page, unclear=[question.text], meant=value)

    added = entry.lines[-1]
    assert (added.code, added.side, added.depth_mm) == ("ST36", "left", 20)
    assert entry.words == ""


def test_a_question_is_taken_away_and_the_others_stay(room, visit, page):
    entry = save(room, visit, page, unclear=["foo", "bar L"], meant="=foo")

    assert entry.words == "bar L"


def test_an_answer_to_no_question_changes_nothing(room, visit, page):
    entry = save(room, visit, page, unclear=["foo"], meant="BL60=another")

    assert [line.code for line in entry.lines] == ["GB30", "BL40"]
    assert entry.words == "foo"


def test_several_tender_points_are_counted_apart(room, visit, page):
    entry = save(room, visit, page, words="ashi x3 R")

    ashi = entry.lines[-1]
    assert (ashi.code, ashi.count, ashi.side, ashi.needles) == ("ASHI", 3, "right", 3)
    shown = text_of(room.get(reverse("plans:log", args=[visit.pk])))
    assert "<span data-point-count>2</span>" in shown
    assert "<span data-ashi-count>3</span>" in shown
    again = as_sent(entry, Session.objects.get().revision)
    assert save(room, visit, again, words="ashi").lines[-1].count == 4


@pytest.mark.parametrize("count", ["0", "10", "x", ""])
def test_no_other_number_of_tender_points(room, visit, page, count):
    added = save(room, visit, page, words="ashi")
    data = sent(as_sent(added, Session.objects.get().revision), **{"ASHI-count": count})

    answer = room.post(reverse("plans:log", args=[visit.pk]), {**data, "do": "save"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("now", "tap", "then"),
    [
        (None, "left", "left"),
        ("left", "right", "both"),
        ("both", "left", "right"),
        ("both", "right", "left"),
        ("right", "right", None),
    ],
)
def test_a_tap_puts_a_side_on_and_off(room, visit, page, now, tap, then):
    if now:
        save(room, visit, page, words=f"bl60 {now}")
        page = as_sent(entry_of(Session.objects.get()), Session.objects.get().revision)

    entry = save(room, visit, page, tap=f"BL60 {tap}")

    sides = {line.code: line.side for line in entry.lines}
    assert sides.get("BL60") == then


def test_the_body_shows_what_is_near_at_hand_and_says_what_is_on(room, visit, page):
    save(room, visit, page, words="bl26 L")

    shown = room.get(reverse("plans:log", args=[visit.pk])).context["body"]

    on = {tap.value for tap in shown.taps if tap.on}
    assert on == {"GB30 right", "BL40 right", "BL26 left"}
    offered = {tap.value for tap in shown.taps}
    assert {"BL57 left", "BL57 right", "GV4 midline"} <= offered
    drawn = {spot.spot.code for view in shown.views for spot in view.figure.spots}
    assert {"GB30", "BL40", "BL26", "BL57", "GV4"} <= drawn


def test_the_last_side_tapped_away_is_said_to_be_left_out(room, visit, page):
    answer = read(room, visit, page, tap="BL40 right")

    assert answer.context["said"] == "Left out: BL40."
    assert answer.context["rows"][0].form.is_dropped


@pytest.mark.parametrize("tap", ["", "BL60", "BL60 above", "XX9 left", "BL60 both x"])
def test_a_tap_on_nothing_changes_nothing(room, visit, page, tap):
    assert len(save(room, visit, page, tap=tap).lines) == 2


def test_a_point_left_out_comes_back_when_it_is_named(room, visit, page):
    dropped = MultiValueDict(sent(page, **{"BL40-drop": "on", "BL40-side": "both"}))

    answer = read(room, visit, dropped, words="bl40 L")

    assert "Added: BL40." in answer.context["said"]
    assert answer.context["rows"][0].form["side"].value() == "left"
    assert not answer.context["rows"][0].form["drop"].value()


def test_what_has_no_room_is_asked_about(room, visit, page):
    many = " ".join(f"bl{n}" for n in range(1, MOST_POINTS + 3))

    entry = save(room, visit, page, words=many)

    assert len(entry.lines) == MOST_POINTS
    left = room.get(reverse("plans:log", args=[visit.pk]))
    assert (
        text_of(left).count("is not on the list") == len(entry.words.split(", ")) == 4
    )


def test_more_than_the_field_takes_is_refused_as_typed(room, visit, page):
    words = "bl23 " * 61

    answer = room.post(
        reverse("plans:log", args=[visit.pk]), sent(page, words=words, do="save")
    )

    assert answer.status_code == 422
    assert words.strip() in text_of(answer)


def test_the_type_ahead_completes_the_last_word(room, visit):
    place = reverse("plans:found_points", args=[visit.pk])

    shown = text_of(room.get(place, {"add": "bl23 L wei zh"}))
    assert 'data-value="bl23 L BL40"' in shown
    assert 'role="option"' not in text_of(room.get(place, {"add": "bl23 L"}))
    assert 'role="option"' not in text_of(room.get(place, {"add": "\0" * 500}))
    for typed in ("ub4", "weizh", "委", "kidney s"):
        assert 'role="option"' in text_of(room.get(place, {"add": typed}))


@pytest.mark.parametrize("name", ["found_points", "read_points"])
def test_points_are_read_for_ones_own_unsigned_appointment(client, visit, name):
    place = reverse(f"plans:{name}", args=[visit.pk])
    ask = client.post if name == "read_points" else client.get

    for roles, status in (
        ({Role.ACUPUNCTURIST}, 404),
        ({Role.ADMIN}, 403),
        ({Role.FRONT_DESK}, 403),
    ):
        client.force_login(make_user(*roles))
        assert ask(place).status_code == status
    client.force_login(visit.practitioner)
    assert ask(place).status_code == 200
    sign(visit)
    assert ask(place).status_code == 404


def test_junk_is_answered(room, visit, page):
    names = ("words", "unclear", "meant", "pick", "tap", "point")
    junk = ["\0", "委中" * 3000, "<b>", "=", "BL40=", "9" * 400, "a委" * 150, "😀"]
    for sent in junk_in_turn(names, junk):
        twice = {name: [piece, piece] for name, piece in sent.items()}
        assert read(room, visit, page, **twice).status_code == 200, sent


@pytest.mark.parametrize("rows", [1, 10])
def test_query_count_of_reading(room, visit, page, django_assert_num_queries, rows):
    """Session, user; the appointment with its plan; what it starts from, twice: the
    points, the session before; the patient's own scores; the intake, clearances;
    combinations.
    """
    words = " ".join(f"bl{n}" for n in range(10, 10 + rows))
    read(room, visit, page, words=words)

    with django_assert_num_queries(11):
        read(room, visit, page, words=words)
