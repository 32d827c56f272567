from decimal import Decimal

import pytest

from clinic.access.roles import Role
from clinic.audit.models import AuditEvent
from clinic.core.conflicts import Stale
from patients.measures.models import Score
from patients.measures.scales import SCALES, ScoreOutOfRange
from patients.measures.services import correct_score, record_score
from tests.factories import MONDAY_NINE, make_episode, make_user

pytestmark = pytest.mark.django_db


def score_of(value, scale="leg_nrs", **fields):
    defaults = {
        "by": make_user(),
        "episode": make_episode(),
        "moment": Score.Moment.BEFORE,
        "taken_at": MONDAY_NINE,
    }
    return record_score(scale=scale, value=value, **defaults | fields)


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_both_ends_of_a_scale_count(scale):
    low, high = SCALES[scale].low, SCALES[scale].high

    assert score_of(low, scale).value == low
    assert score_of(high, scale).value == high


@pytest.mark.parametrize("value", [-1, 11, Decimal("10.5"), float("nan")])
def test_a_score_outside_its_scale_is_not_written(value):
    with pytest.raises(ScoreOutOfRange):
        score_of(value)

    assert not Score.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_score_is_on_record_with_whoever_typed_it():
    desk = make_user(Role.ACUPUNCTURIST)

    score = score_of(7, by=desk)

    event = AuditEvent.objects.get()
    assert (event.action, event.by) == ("record_score", desk)
    assert event.patient_id == score.episode.patient_id
    assert event.details == {"scale": "leg_nrs", "value": "7", "moment": "before"}


def test_the_patients_own_score_has_no_author():
    assert score_of(7, by=None).entered_by is None


def test_a_correction_is_a_new_score_and_the_old_one_stays():
    score = score_of(7)

    correction = correct_score(by=make_user(), score=score, value=4)

    score.refresh_from_db()
    assert score.value == 7
    assert correction.taken_at == score.taken_at
    assert list(Score.objects.current()) == [correction]


def test_the_second_to_correct_a_score_is_told():
    score = score_of(7)
    correct_score(by=make_user(), score=score, value=4)

    with pytest.raises(Stale):
        correct_score(by=make_user(), score=score, value=5)

    assert Score.objects.current().get().value == 4
