from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plans.scheduling.free import (
    Held,
    Hours,
    Length,
    Obstacle,
    Start,
    free_starts,
    obstacle,
    read_calendar,
)

MONDAY = date(2026, 3, 2)
LI, MO = "li", "mo"
BY_PRACTITIONER = {Obstacle.PRACTITIONER, Obstacle.KEPT, Obstacle.AWAY}
ONE_HOUR = Length(needling=30, stay=60)


def at(text, day=MONDAY):
    return datetime.combine(day, time.fromisoformat(text))


def hours(*spans, who=LI, weekday=0):
    return [
        Hours(who, weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for opens, closes in spans
    ]


def held(what, start, end, who=None):
    return Held(what, at(start), at(end), who)


def starts(*, work=(), beds=("A",), held=(), length=ONE_HOUR, **limits):
    calendar = read_calendar(
        hours=work or hours(("09:00", "11:00")), beds=beds, held=held
    )
    return free_starts(calendar, length, first=MONDAY, last=MONDAY, **limits)


def clock(found):
    return [f"{start.at:%H:%M}" for start in found]


def test_free_morning_ends_a_stay_before_closing():
    assert clock(starts()) == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_practitioner_is_blocked_for_the_needling_and_the_bed_for_the_stay():
    booked = [
        held(Obstacle.PRACTITIONER, "09:00", "09:30", LI),
        held(Obstacle.BED, "09:00", "10:00", "A"),
    ]

    assert clock(starts(held=booked)) == ["10:00"]
    both = starts(held=booked, beds=("A", "B"))
    assert both[0] == Start(at("09:30"), LI, "B")
    assert [start.bed for start in both] == ["B", "B", "A"]


def test_patient_is_blocked_for_the_stay():
    busy = [held(Obstacle.PATIENT, "10:00", "10:15")]

    assert clock(starts(held=busy)) == ["09:00"]


def test_times_off_the_grid_take_the_whole_quarter_hour():
    busy = [held(Obstacle.PRACTITIONER, "09:20", "09:35", LI)]

    assert clock(starts(held=busy)) == ["09:45", "10:00"]


def test_stay_may_run_over_lunch_but_not_past_the_end_of_the_day():
    work = hours(("09:00", "10:00"), ("10:30", "11:15"))

    assert clock(starts(work=work)) == ["09:00", "09:15", "09:30"]


def test_leave_from_noon_shortens_the_day():
    leave = [held(Obstacle.AWAY, "10:00", "23:59", LI)]

    assert clock(starts(work=hours(("09:00", "12:00")), held=leave)) == ["09:00"]


def test_closure_over_days_leaves_nothing():
    closed = [Held(Obstacle.CLOSED, at("00:00"), at("00:00") + timedelta(days=3))]

    assert starts(held=closed) == []


def test_hours_of_one_date_hold_on_that_date_only():
    extra = [Hours(LI, 0, time(9), time(10), first=MONDAY, last=MONDAY)]
    calendar = read_calendar(hours=extra, beds=["A"], held=[])

    found = free_starts(
        calendar, ONE_HOUR, first=MONDAY, last=MONDAY + timedelta(days=30)
    )

    assert found == [Start(at("09:00"), LI, "A")]


def test_starts_lie_past_the_moment_given_and_with_the_practitioner_asked_for():
    work = hours(("09:00", "10:30")) + hours(("09:00", "10:30"), who=MO)

    found = starts(work=work, after=at("09:15"), practitioners=[MO])

    assert found == [Start(at("09:30"), MO, "A")]


def test_obstacle_names_the_first_reason():
    calendar = read_calendar(
        hours=hours(("09:00", "17:00")),
        beds=["A"],
        held=[
            held(Obstacle.CLOSED, "09:00", "10:00"),
            held(Obstacle.PATIENT, "09:30", "11:00"),
            held(Obstacle.AWAY, "11:00", "12:00", LI),
            held(Obstacle.PRACTITIONER, "12:00", "12:30", LI),
            held(Obstacle.KEPT, "15:30", "16:00", LI),
            held(Obstacle.BED, "12:30", "14:00", "A"),
        ],
    )
    asked = ["08:30", "09:00", "10:30", "11:30", "12:15", "13:00", "16:30", "15:00"]
    asked += ["15:15"]

    said = [obstacle(calendar, ONE_HOUR, at(text), LI) for text in asked]

    assert said == [
        Obstacle.CLOSED,  # its stay runs into the closure
        Obstacle.CLOSED,
        Obstacle.PATIENT,
        Obstacle.AWAY,
        Obstacle.PRACTITIONER,
        Obstacle.BED,
        Obstacle.NOT_WORKING,
        None,
        Obstacle.KEPT,
    ]


quarters = st.integers(0, 95).map(
    lambda slot: at("00:00") + timedelta(minutes=15 * slot)
)
blocks = st.builds(
    lambda what, start, quarters, who: Held(
        what,
        start,
        start + timedelta(minutes=15 * quarters),
        {Obstacle.BED: "AB"[who], Obstacle.CLOSED: None, Obstacle.PATIENT: None}.get(
            what, (LI, MO)[who]
        ),
    ),
    st.sampled_from([what for what in Obstacle if what is not Obstacle.NOT_WORKING]),
    quarters,
    st.integers(1, 12),
    st.integers(0, 1),
)


@given(st.lists(blocks, max_size=6), st.integers(1, 60), st.integers(0, 60))
def test_a_start_is_free_exactly_when_nothing_stands_in_its_way(held, needling, rest):
    length = Length(needling, needling + rest)
    work = hours(("08:00", "12:00"), ("13:00", "17:00")) + hours(
        ("10:00", "19:00"), who=MO
    )
    calendar = read_calendar(hours=work, beds=["A", "B"], held=held)

    found = free_starts(calendar, length, first=MONDAY, last=MONDAY)

    free = {(start.at, start.practitioner) for start in found}
    for slot in range(96):
        moment = at("00:00") + timedelta(minutes=15 * slot)
        for who in (LI, MO):
            said = obstacle(calendar, length, moment, who)
            assert (said is None) == ((moment, who) in free)


@given(st.lists(blocks, max_size=8))
def test_no_free_start_overlaps_what_is_held(held):
    calendar = read_calendar(
        hours=hours(("08:00", "18:00")), beds=["A", "B"], held=held
    )

    for start in free_starts(calendar, ONE_HOUR, first=MONDAY, last=MONDAY):
        needled = start.at + timedelta(minutes=ONE_HOUR.needling)
        left = start.at + timedelta(minutes=ONE_HOUR.stay)
        for what, begins, ends, who in held:
            until = needled if what in BY_PRACTITIONER else left
            if who in (None, start.practitioner, start.bed):
                assert ends <= start.at or until <= begins
