"""What patients are owed: compared with what they were last told, nothing planned."""

from datetime import UTC, datetime, timedelta

import pytest

from plans.messages.due import NEWS, Kind, Visit, planned, still_holds
from plans.messages.policy import FILE, POLICY, read_policy

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


def visit(**fields):
    defaults = {
        "appointment": 1,
        "patient": 1,
        "revision": 0,
        "starts_at": NOW + 10 * DAY,
        "is_held": True,
        "placed_at": NOW - 20 * DAY,
        "status_since": NOW - 20 * DAY,
    }
    return Visit(**defaults | fields)


def told(kind=Kind.BOOKING, **fields):
    """A visit that the patient knows of."""
    known = visit(told=kind, **fields)
    return (
        known
        if known.told_start
        else visit(told=kind, told_start=known.starts_at, **fields)
    )


def owed(*visits, now=NOW):
    return [(row.kind, row.leaves_at) for row in planned(visits, now)]


def news(*visits):
    return [(kind, leaves_at) for kind, leaves_at in owed(*visits) if kind in NEWS]


def test_news_leaves_when_it_can_no_longer_be_undone():
    new = visit(placed_at=NOW - MINUTE)

    assert owed(new) == [(Kind.BOOKING, NOW + 2 * MINUTE)]


def test_who_knows_the_date_is_owed_no_news():
    assert news(told()) == []


@pytest.mark.parametrize("known", [None, Kind.CANCELLED])
def test_a_cancellation_is_no_news_to_who_knew_of_no_date(known):
    gone = visit(is_held=False, told=known)

    assert owed(gone) == []


def test_a_cancellation_leaves_after_the_undo_window():
    gone = told(is_held=False, status_since=NOW)

    assert owed(gone) == [(Kind.CANCELLED, NOW + POLICY.undo)]


def test_a_cancellation_taken_back_is_a_booking_once_more():
    back = told(Kind.CANCELLED, status_since=NOW)

    assert owed(back) == [(Kind.BOOKING, NOW + POLICY.undo)]


def test_a_move_is_told_and_a_move_back_within_the_window_is_not():
    start = NOW + 10 * DAY

    assert news(told(told_start=start - DAY, placed_at=NOW)) == [
        (Kind.MOVED, NOW + POLICY.undo)
    ]
    assert news(told(told_start=start, placed_at=NOW)) == []


def test_a_course_is_one_message_that_waits_for_its_last_change():
    course = [
        visit(appointment=number, starts_at=NOW + number * DAY, placed_at=NOW)
        for number in (5, 3, 4)
    ]
    course[0] = visit(
        appointment=5, starts_at=NOW + 5 * DAY, placed_at=NOW + 2 * MINUTE
    )
    another = visit(patient=2, placed_at=NOW)

    first, second = planned([*course, another], NOW)

    assert (first.patient, first.leaves_at) == (2, NOW + POLICY.undo)
    assert second.leaves_at == NOW + 2 * MINUTE + POLICY.undo
    assert [row.appointment for row in second.visits] == [3, 4, 5]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (49 * HOUR, [Kind.EARLY, Kind.LATE]),
        (24 * HOUR + MINUTE, [Kind.EARLY, Kind.LATE]),
        (24 * HOUR, [Kind.LATE]),
        (31 * MINUTE, [Kind.LATE]),
        (30 * MINUTE, []),
        (timedelta(), []),
    ],
)
def test_reminders_leave_at_their_hour_or_not_at_all(before, expected):
    start = NOW + before

    found = owed(told(starts_at=start))

    assert [kind for kind, _ in found] == expected
    for kind, leaves_at in found:
        assert leaves_at == start - POLICY.reminders[kind].opens


def test_each_reminder_is_owed_once():
    start = NOW + HOUR

    assert owed(told(starts_at=start, reminded=frozenset({Kind.LATE}))) == []


@pytest.mark.parametrize(
    ("booked", "expected"),
    [(49 * HOUR, [Kind.EARLY, Kind.LATE]), (47 * HOUR, [Kind.LATE]), (HOUR, [])],
)
def test_a_late_booking_is_not_reminded_of_an_hour_that_has_passed(booked, expected):
    start = NOW + 30 * HOUR if booked > HOUR else NOW + HOUR

    found = owed(told(starts_at=start, placed_at=start - booked))

    assert [kind for kind, _ in found] == expected


def test_nobody_is_reminded_of_a_date_that_is_news():
    start = NOW + HOUR

    moved = told(starts_at=start, told_start=start - HOUR, placed_at=NOW)

    assert [kind for kind, _ in owed(moved)] == [Kind.MOVED]


def test_a_reminder_keeps_its_distance_when_the_clocks_change():
    """29 March 2026, 01:00 UTC: the clinic's clock jumps, the moments do not."""
    start = datetime(2026, 3, 30, 8, tzinfo=UTC)  # 09:00 in London

    (early, *_) = owed(told(starts_at=start), now=start - 49 * HOUR)

    assert early == (Kind.EARLY, datetime(2026, 3, 28, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kind", "is_held", "moved", "holds"),
    [
        (Kind.BOOKING, True, False, True),
        (Kind.BOOKING, False, False, False),
        (Kind.MOVED, True, True, False),
        (Kind.EARLY, True, True, False),
        (Kind.LATE, False, False, False),
        (Kind.CANCELLED, False, False, True),
        (Kind.CANCELLED, True, False, False),
    ],
)
def test_what_is_about_to_leave_has_to_be_true_still(kind, is_held, moved, holds):
    start = NOW + DAY
    said = start - HOUR if moved else start

    assert (
        still_holds(kind, is_held=is_held, starts_at=start, said=said, now=NOW) == holds
    )
    assert not still_holds(kind, is_held=is_held, starts_at=start, said=said, now=start)


@pytest.mark.parametrize("kind", [Kind.EARLY, Kind.LATE])
def test_a_reminder_that_was_held_up_does_not_leave_too_late(kind):
    start = NOW + 5 * DAY
    last = start - POLICY.reminders[kind].closes

    def holds(now):
        return still_holds(kind, is_held=True, starts_at=start, said=start, now=now)

    assert holds(last - MINUTE)
    assert not holds(last)


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        ("not_later_than = 24", "not_later_than = 48"),
        ("undo_minutes = 3", "undo_minutes = -1"),
        ("unsure_minutes = 10", "unsure_minutes = 0"),
    ],
)
def test_a_policy_without_sense_is_refused(tmp_path, was, instead):
    text = FILE.read_text(encoding="utf-8")
    assert was in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(was, instead), encoding="utf-8")

    with pytest.raises(ValueError, match=r"policy\.toml"):
        read_policy(path)
