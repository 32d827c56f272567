import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from patients.intake.models import Clearance, Intake
from patients.intake.questionnaire import QUESTIONNAIRE, check_answers
from patients.intake.services import close_intake
from patients.records.models import Episode, Patient
from tests.cases import CASES
from tests.factories import make_episode, make_intake, make_patient, make_user
from tests.patients.intake_setting import (
    CANCER,
    CLEAR,
    SADDLE,
    address,
    hidden,
    is_checked,
    send,
    taken,
    text,
)

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- the published cases


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_published_case_from_the_door_to_the_screen(client, user, name):
    case = CASES[name]
    page = client.get(reverse("patients:register"))
    client.post(
        reverse("patients:register"),
        {
            "submission": hidden(text(page))["submission"],
            "family_name": "Case",
            "given_name": name,
            "birth_date": (case.birth_date or date(1985, 5, 5)).isoformat(),
            "sex": case.sex,
            "language": "en",
        },
    )
    patient = Patient.objects.get()
    opened = client.post(
        reverse("patients:open_episode", args=[patient.pk]),
        {
            "complaint": "Sciatica",
            "onset_on": case.onset.isoformat() if case.onset else "",
            "unit": "weeks",
            "submission": str(uuid4()),
        },
    )
    episode = Episode.objects.get()
    assert opened.url == address("intake", episode)

    sent = send(client, episode, case.answers)

    intake = Intake.objects.get()
    assert sent.url == address("screen", intake)
    assert intake.answers == check_answers(case.answers)[0]
    screen = text(client.get(sent.url))
    plan = reverse("plans:propose", args=[episode.pk])
    letter = address("letter", intake)
    if name != "saddle_stop":
        assert intake.screen == "clear"
        assert "Clear: no red flag is raised" in screen
        assert f'href="{plan}"' in screen
        return
    assert intake.raised == ["RF1"]
    assert "Stop. No acupuncture" in screen
    assert plan not in screen
    assert "Record the clearance" not in screen
    assert f'href="{letter}"' in screen
    printed = text(client.get(letter))
    for words in (
        "Possible cauda equina syndrome",
        "New or worse numbness between the legs?",
        "New or worse trouble with bladder or bowel?",
        "Mei Lindqvist",
        "LicAc",
        "On these answers no acupuncture was given.",
    ):
        assert words in printed
    assert AuditEvent.objects.filter(action="print_referral").count() == 1


# ---------------------------------------------------------------- rights


@pytest.mark.parametrize("name", ["intake", "screen", "letter"])
def test_the_desk_sees_nothing_of_it(client, episode, name):
    intake = taken(make_user(), episode, SADDLE)
    client.force_login(make_user(Role.FRONT_DESK))

    page = client.get(address(name, episode if name == "intake" else intake))

    assert page.status_code == 403


def test_an_admin_reads_the_screen_and_the_letter_and_takes_nothing(client, episode):
    intake = taken(make_user(), episode, CANCER)
    client.force_login(make_user(Role.ADMIN))

    assert client.get(address("intake", episode)).status_code == 403
    assert client.post(address("clearance", intake)).status_code == 403
    assert client.get(address("letter", intake)).status_code == 200
    screen = text(client.get(address("screen", intake)))
    assert "Possible tumour" in screen
    assert address("intake", episode) not in screen
    assert "Record the clearance" not in screen


def test_what_is_not_there_is_404(client, user, episode):
    closed = make_episode(patient=episode.patient, closed_on=timezone.localdate())

    for url in (
        reverse("patients:intake", args=[10**12]),
        address("intake", closed),
        reverse("patients:screen", args=[10**12]),
        reverse("patients:letter", args=[10**12]),
    ):
        assert client.get(url).status_code == 404
    url = reverse("patients:clearance", args=[10**12])
    assert client.post(url).status_code == 404


@pytest.mark.parametrize("intakes", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        # session, user, episode and patient, latest intake, audit (BEGIN apart)
        ("intake", 5),
        # session, user, intake with all, audit, clearances twice, latest intake
        ("screen", 7),
        # session, user, intake with all, audit, clearances twice
        ("letter", 6),
    ],
)
def test_query_counts_do_not_grow(
    client, user, episode, django_assert_num_queries, intakes, name, queries
):
    for _ in range(intakes):
        intake = make_intake(episode=episode, taken_by=user, answers=CANCER)

    url = address(name, episode if name == "intake" else intake)
    client.get(url)  # the session is written once a minute

    with django_assert_num_queries(queries):
        page = client.get(url)

    assert page.status_code == 200


# ---------------------------------------------------------------- the questionnaire


def test_every_question_is_on_the_page_and_none_is_answered_for_anybody(
    client, user, episode
):
    page = text(client.get(address("intake", episode)))

    for section in QUESTIONNAIRE.sections:
        for question in section.questions:
            assert f'name="{question.id}"' in page
            assert question.label["en"] in page
            if question.kind == "yes_no":
                assert is_checked(page, question.id, "unknown")


@pytest.mark.parametrize(
    ("birth_date", "open_now"),
    [(date(1990, 1, 1), 22), (date(1969, 1, 1), 23), (date(1950, 1, 1), 24)],
)
def test_what_the_age_rules_out_is_not_waited_for(client, user, birth_date, open_now):
    episode = make_episode(patient=make_patient(birth_date=birth_date))

    page = text(client.get(address("intake", episode)))

    assert f"<span data-waiting-number>{open_now}</span>" in page


def test_the_page_speaks_chinese(client, user, episode):
    user.language = "zh-hans"
    user.save()

    page = text(client.get(address("intake", episode)))

    assert "哪里疼痛？" in page
    assert "左大腿后侧" in page
    assert "Where is the pain?" not in page


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, user, episode):
    page = client.get(address("intake", episode))

    answer = send(
        client,
        episode,
        SADDLE,
        page,
        height_cm="9000",
        pain_map=["left_heel", "right_heel"],
    )

    page = text(answer)
    assert answer.status_code == 422
    assert "2 things need your attention" in page
    assert "Give a number from 50 to 250." in page
    assert "The map shows pain in both legs" in page
    assert 'value="9000"' in page
    assert is_checked(page, "pain_map", "left_heel")
    assert is_checked(page, "saddle_numbness", "yes")
    assert not Intake.objects.exists()
    assert hidden(page)["submission"]


def test_a_double_click_makes_one_intake(client, user, episode):
    page = client.get(address("intake", episode))

    first = send(client, episode, CLEAR, page)
    second = send(client, episode, CLEAR, page)

    assert first.url == second.url == address("screen", Intake.objects.get())


def test_a_double_click_completes_once(client, user, episode):
    intake = taken(user, episode, CLEAR)
    page = client.get(address("intake", episode))

    for _ in range(2):
        sent = send(client, episode, SADDLE, page)
        assert sent.url == address("screen", intake)

    assert Intake.objects.get().revision == 1


def test_the_form_comes_back_with_the_answers_saved(client, user, episode):
    taken(user, episode, CLEAR | {"leg_nrs": 7, "pulse": ["deep"], "root": "L5"})

    send(client, episode, CLEAR | {"leg_nrs": 7, "pulse": ["deep"], "root": "L5"})

    intake = Intake.objects.get()
    assert intake.answers["pulse"] == ["deep"]
    assert intake.answers["root"] == "L5"


def test_opening_the_answers_is_audited(client, user, episode):
    intake = taken(user, episode, CLEAR)

    client.get(address("intake", episode))
    client.get(address("screen", intake))

    opened = AuditEvent.objects.filter(action="open_record", by=user)
    assert [event.patient_id for event in opened] == [episode.patient_id] * 2


# ---------------------------------------------------------------- two people


def test_the_second_of_two_sees_both_and_a_yes_is_never_lost(client, user, episode):
    taken(user, episode, {"root": "L5", "fatigue": True})
    page = client.get(address("intake", episode))
    send(client, episode, {"root": "S1", "saddle_numbness": True})

    answer = send(client, episode, {"root": "L4", "needle_fear": True}, page)

    assert answer.status_code == 409
    shown = text(answer)
    assert "Somebody saved this intake while you were answering" in shown
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', shown)
    said = {label: (theirs, yours.split(" <")[0]) for label, theirs, yours in rows}
    assert said["Disc level or nerve root"] == (
        "L5/S1 disc – S1 root",
        "L3/4 disc – L4 root",
    )
    assert said["New or worse numbness between the legs?"] == ("Yes", "Not known")
    assert said["Strong fear of needles?"] == ("Not known", "Yes")
    assert Intake.objects.get().answers["root"] == "S1"
    assert is_checked(shown, "saddle_numbness", "yes")
    assert is_checked(shown, "root", "L4")

    again = {"root": "L4", "needle_fear": True, "saddle_numbness": True}
    assert send(client, episode, again, answer).status_code == 302
    assert Intake.objects.get().answers == again


def test_two_first_intakes_are_compared_too(client, user, episode):
    page = client.get(address("intake", episode))
    send(client, episode, SADDLE)

    answer = send(client, episode, {"fatigue": True}, page)

    assert answer.status_code == 409
    assert Intake.objects.get().raised == ["RF1"]


def test_a_plan_made_meanwhile_lets_the_answers_be_kept_as_new(client, user, episode):
    first = taken(user, episode, CLEAR)
    page = client.get(address("intake", episode))
    close_intake(intake=first, now=timezone.now())

    answer = send(client, episode, SADDLE, page)

    assert answer.status_code == 409
    assert "A plan was built on this intake" in text(answer)
    assert send(client, episode, SADDLE, answer).status_code == 302
    assert [row.raised for row in Intake.objects.all()] == [["RF1"], []]


def test_another_day_a_new_intake_can_be_taken(client, user, episode):
    first = taken(user, episode, CLEAR)
    Intake.objects.update(taken_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    asked = text(client.get(address("intake", episode)))
    assert "These answers are of another day" in asked

    page = client.get(address("intake", episode) + "?new")
    send(client, episode, SADDLE, page)

    assert Intake.objects.count() == 2
    assert Intake.objects.first().raised == ["RF1"]
    first.refresh_from_db()
    assert first.answers == CLEAR
    assert "There is a later intake" in text(client.get(address("screen", first)))


# ---------------------------------------------------------------- junk

WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "yes",
            "no",
            "unknown",
            "none",
            "0",
            "-1",
            "9" * 30,
            "１２",
            "\x00",
            "L5",
            "王",
        ]
    ),
)
few = settings(max_examples=max(20, settings().max_examples // 10))
FIELDS = [*QUESTIONNAIRE.questions, "submission", "revision", "seen", "nonsense"]


@few
@given(
    junk=st.dictionaries(
        st.sampled_from(FIELDS), st.lists(WORDS, max_size=3), max_size=12
    ),
    begun=st.booleans(),
)
def test_no_junk_breaks_the_questionnaire(client, user, episode, junk, begun):
    page = hidden(text(client.get(address("intake", episode)))) if begun else {}

    answer = client.post(address("intake", episode), page | junk)

    assert answer.status_code in (302, 409, 422)
    if answer.status_code == 302:
        assert client.get(answer.url).status_code == 200
    else:
        assert hidden(text(answer))["submission"]


@few
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: WORDS | st.dates().map(str)
            for name in ("flag", "revision", "cleared_by", "cleared_on", "note")
        },
    )
)
def test_no_junk_breaks_a_clearance(client, user, episode, junk):
    intake = Intake.objects.filter(episode=episode).first() or taken(
        user, episode, CANCER
    )

    answer = client.post(address("clearance", intake), {"flag": "RF3"} | junk)

    assert answer.status_code in (302, 422)


def test_a_flag_that_is_no_name_is_refused(client, user, episode):
    intake = taken(user, episode, CANCER)

    answer = client.post(address("clearance", intake), {"flag": "%"})

    assert answer.status_code == 302


def test_an_intake_of_an_earlier_edition_still_reads(client, user, episode):
    """An option, a flag and a question that the files have given up since."""
    answers = {"root": "L6", "pulse": ["floating"], "shoe_size": 43, "foot_drop": True}
    intake = make_intake(episode=episode, taken_by=user, answers=answers)
    Clearance.objects.create(
        intake=intake,
        flag="RF0",
        cleared_by="Dr Osei",
        cleared_on=date(2026, 1, 1),
        recorded_by=user,
        lapsed_at=timezone.now() - timedelta(days=1),
    )

    for name, row in (("screen", intake), ("letter", intake), ("intake", episode)):
        assert client.get(address(name, row)).status_code == 200
