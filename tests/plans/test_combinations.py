"""Points under a name: made from a session, typed or tapped in another."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from plans.catalogue.words import Wanted
from plans.combinations.models import Combination, CombinedPoint
from plans.combinations.queries import by_name
from plans.combinations.services import (
    NameTaken,
    change_combination,
    delete_combination,
    save_combination,
)
from plans.sessions.models import Session
from plans.sessions.queries import entry_of
from tests.factories import make_user
from tests.plans.sessions_setting import make_course, make_visit
from tests.plans.test_sessions_points import page, read, room, save, text_of

__all__ = ["page", "room"]  # fixtures

pytestmark = pytest.mark.django_db

PAIR = (Wanted("BL23", "both"), Wanted("BL25", None, 20, "reducing"))
LIST, NEW = "/combinations/", "/combinations/new/"


@pytest.fixture
def visit():
    return make_visit(make_course())  # GB30 and BL40


def make(by, name="Back pair", *, is_shared=False, points=PAIR, submission=None):
    return save_combination(
        by=by,
        name=name,
        is_shared=is_shared,
        points=points,
        submission=submission or uuid4(),
    )


def colleague():
    return make_user(Role.ACUPUNCTURIST)


def test_it_comes_back_as_it_was_saved_and_is_on_record():
    mei = colleague()

    make(mei)

    assert by_name(mei) == {"backpair": PAIR}
    event = AuditEvent.objects.get(action="save_combination")
    assert event.details == {"points": ["BL23", "BL25"], "shared": False}


def test_a_double_click_makes_one():
    mei, click = colleague(), uuid4()

    first, second = (make(mei, submission=click) for _click in range(2))

    assert first == second
    assert AuditEvent.objects.filter(action="save_combination").count() == 1


def test_only_what_is_shared_is_seen_by_others_and_ones_own_comes_first():
    mei, priya = colleague(), colleague()
    make(mei, "Mine")
    make(mei, "Pair", is_shared=True)

    assert set(by_name(priya)) == {"pair"}
    make(priya, "pair", points=[Wanted("GB30")])
    assert by_name(priya)["pair"] == (Wanted("GB30"),)
    assert by_name(mei)["pair"] == PAIR


def test_a_name_is_given_once_by_one_and_once_for_all():
    mei, priya = colleague(), colleague()
    standing = make(mei, "Back pair", is_shared=True)
    other = make(mei, "Other")

    with pytest.raises(NameTaken):
        make(mei, "BACK-PAIR")
    with pytest.raises(NameTaken):
        make(priya, "back pair", is_shared=True)
    with pytest.raises(NameTaken):
        change_combination(
            by=mei,
            combination=other,
            revision=0,
            name="Back pair",
            is_shared=False,
            points=PAIR,
        )
    change_combination(
        by=mei,
        combination=standing,
        revision=0,
        name="Back pair",
        is_shared=False,
        points=[Wanted("BL40")],
    )
    assert by_name(mei)["backpair"] == (Wanted("BL40"),)
    assert by_name(priya) == {}


def test_a_deleted_one_takes_no_point_out_of_a_session(room, visit, page):
    combination = make(visit.practitioner)
    save(room, visit, page, words="back pair")

    delete_combination(by=visit.practitioner, combination=combination, revision=0)

    assert len(entry_of(Session.objects.get()).lines) == 4
    assert AuditEvent.objects.filter(action="delete_combination").exists()


@pytest.mark.parametrize(
    "fields", [{"side": "above"}, {"technique": "magic"}, {"depth_mm": 76}]
)
def test_the_database_takes_no_unknown_word(fields):
    make(colleague())

    with pytest.raises(IntegrityError), transaction.atomic():
        CombinedPoint.objects.update(**fields)


@pytest.mark.parametrize("sent", [{"words": "Back-pair L"}, {"pick": "Back pair"}])
def test_typed_or_tapped_it_adds_its_points(room, visit, page, sent):
    make(visit.practitioner)

    answer = read(room, visit, page, **sent)

    assert answer.context["said"] == "Added: BL23, BL25."
    bl23, bl25 = (row.form for row in answer.context["rows"])
    assert bl23["side"].value() == ("left" if "words" in sent else "both")
    assert (bl25["depth_mm"].value(), bl25["technique"].value()) == ("20", "reducing")


def test_it_is_offered_while_it_is_typed_and_beside_the_field(room, visit):
    make(visit.practitioner)
    make(colleague(), "Back secret")

    found = room.get(
        reverse("plans:found_points", args=[visit.pk]), {"add": "gb30 L back"}
    )

    assert 'data-value="gb30 L Back pair"' in text_of(found)
    assert "secret" not in text_of(found)
    shown = text_of(room.get(reverse("plans:log", args=[visit.pk])))
    assert 'name="pick" value="Back pair"' in shown


def test_todays_points_get_a_name_and_lead_back(room, visit, page):
    place = reverse("plans:log", args=[visit.pk])
    sent = dict(page.lists()) | {"words": "bl23 both 20mm, ashi", "do": "combine"}

    asked = room.post(place, sent)

    form = room.get(asked.headers["Location"])
    points = form.context["form"]["points"].value()
    assert points == "GB30, BL40, BL23 both"
    given = {"name": "Leg", "points": points, "submission": uuid4()}
    done = room.post(asked.headers["Location"], given)
    assert done.headers["Location"] == f"{place}#points"
    assert "leg" in by_name(visit.practitioner)
    assert len(entry_of(Session.objects.get()).lines) == 4


@pytest.mark.parametrize(
    ("name", "points", "told"),
    [
        ("Weizhong", "bl23", "A point is called so"),
        ("三里", "bl23", "A point is called so"),
        ("L", "bl23", "A point is called so"),
        ("30m", "bl23", "A point is called so"),
        ("even", "bl23", "A point is called so"),
        ("!!!", "bl23", "a name of a few words"),
        ("one two three four five six seven", "bl23", "a name of a few words"),
        ("Leg", "bl99", "“bl99” is not understood"),
        ("Leg", "ashi", "Ashi are found anew"),
        ("Leg", "bl23 30m", "Minutes belong to the session"),
        ("Leg", "30", "is not understood"),
        ("", "", "required"),
        ("委" * 41, "委中 " * 300, "at most"),
        ("\0", "\0", "Null characters"),
    ],
)
def test_what_cannot_be_saved_is_told_beside_its_field(room, name, points, told):
    answer = room.post(NEW, {"name": name, "points": points, "submission": uuid4()})

    assert answer.status_code == 422
    assert told in text_of(answer)
    assert not Combination.objects.exists()


def test_a_name_that_is_taken_is_told(room, visit):
    make(visit.practitioner)

    answer = room.post(NEW, {"name": "back pair", "points": "bl40"})

    assert answer.status_code == 422
    assert "has this name" in text_of(answer)


def test_one_changes_and_deletes_ones_own_alone(client, visit):
    combination = make(visit.practitioner, is_shared=True)
    place = f"{LIST}{combination.pk}/"
    sent = {"name": "Back", "points": "bl23 both", "revision": 0}

    client.force_login(colleague())
    assert "Back pair" in text_of(client.get(LIST))
    assert client.get(place).status_code == 404
    assert client.post(place, sent).status_code == 404
    assert client.post(f"{place}delete/").status_code == 404

    client.force_login(visit.practitioner)
    assert "BL23 both, BL25 20mm reducing" in text_of(client.get(place))
    assert client.post(place, sent).status_code == 302
    assert set(by_name(visit.practitioner)) == {"back"}
    assert client.post(f"{place}delete/", {"revision": 1}).status_code == 302
    assert not Combination.objects.exists()


def test_of_two_at_once_the_second_sees_both_and_loses_nothing(room, visit):
    place = f"{LIST}{make(visit.practitioner).pk}/"
    mine = {"name": "Back", "points": "bl23 both", "revision": 0}
    theirs = mine | {"points": "bl40 reducing", "is_shared": "on"}
    assert room.post(place, theirs).status_code == 302

    answer = room.post(place, mine)

    assert answer.status_code == 409
    assert "BL40 reducing" in text_of(answer)
    assert answer.context["form"]["points"].value() == "bl23 both"
    assert by_name(visit.practitioner)["back"] == (
        Wanted("BL40", None, None, "reducing"),
    )
    seen = {"revision": answer.context["form"]["revision"].value()}
    assert room.post(place, mine | seen).status_code == 302
    assert by_name(visit.practitioner) == {"back": (Wanted("BL23", "both"),)}


def test_a_change_sent_twice_is_one(room, visit):
    place = f"{LIST}{make(visit.practitioner).pk}/"
    sent = {"name": "Back", "points": "bl23 both", "revision": 0}

    assert {room.post(place, sent).status_code for _click in range(2)} == {302}

    assert AuditEvent.objects.filter(action="save_combination").count() == 2


def test_what_was_deleted_meanwhile_can_be_kept_as_a_new_one(room, visit):
    place = f"{LIST}{make(visit.practitioner).pk}/"
    room.post(f"{place}delete/", {"revision": 0})

    answer = room.post(place, {"name": "Leg", "points": "gb30 L", "revision": 0})

    assert answer.status_code == 409
    assert f'action="{NEW}"' in text_of(answer)
    form = answer.context["form"]
    sent = {name: form[name].value() for name in ("name", "points", "submission")}
    assert room.post(NEW, sent).status_code == 302
    assert by_name(visit.practitioner) == {"leg": (Wanted("GB30", "left"),)}


@pytest.mark.parametrize("sent", [{"revision": 0}, {}, {"revision": "x"}])
def test_what_was_changed_meanwhile_is_not_deleted_unseen(room, visit, sent):
    place = f"{LIST}{make(visit.practitioner).pk}/"
    room.post(place, {"name": "Leg", "points": "gb30 L", "revision": 0})

    answer = room.post(f"{place}delete/", sent, follow=True)

    assert "was changed meanwhile" in text_of(answer)
    assert Combination.objects.exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.FRONT_DESK])
def test_others_than_acupuncturists_have_none(client, role):
    combination = make(colleague(), is_shared=True)
    client.force_login(make_user(role))

    for place in (LIST, NEW, f"{LIST}{combination.pk}/"):
        assert client.get(place).status_code == 403
    assert client.post(f"{LIST}{combination.pk}/delete/").status_code == 403


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 400, "٣", "//evil.example", ""])
def test_a_strange_way_back_leads_to_the_list(room, junk):
    answer = room.post(
        f"{NEW}?from={junk}", {"name": "Leg", "points": "bl23", "submission": uuid4()}
    )

    assert answer.headers["Location"] == LIST


@pytest.mark.parametrize("rows", [1, 25])
def test_query_count_of_the_list(room, visit, django_assert_num_queries, rows):
    """Session, user; combinations, their points."""
    for row in range(rows):
        make(visit.practitioner, f"Pair zz{row}zz")
    room.get(LIST)

    with django_assert_num_queries(4):
        shown = text_of(room.get(LIST))

    assert shown.count('<th scope="row" class="nowrap">') == min(rows, 20)
