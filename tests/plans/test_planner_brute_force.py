from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations, pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plans.scheduling.free import (
    Start,
)
from plans.scheduling.planner import plan_course, who_moves
from plans.scheduling.relax import days_that_suit, most_sessions
from plans.scheduling.wishes import (
    WEIGHTS,
    Wish,
    Wishes,
    breaches,
    each_week,
)

MONDAY = date(2026, 3, 2)
NINE, TEN = time(9), time(10)


# Against brute force. Every rule and every cost is written here a second time, over
# whole courses and with the calendar of the standard library.


def keeps_the_rules(asked, days):
    for index, (before, after) in enumerate(pairwise(days), start=1):
        monday = before - timedelta(days=before.weekday())
        earlier = sum(day < monday for day in days[:index])
        smallest, largest = gaps_by_hand(asked, earlier)
        if not smallest <= (after - before).days <= largest:
            return False
    taper = list(asked.taper)
    had = 0
    for number in Counter(day.isocalendar()[:2] for day in days).values():
        block = next(
            (i for i in range(len(taper)) if had < sum(taper[: i + 1])), len(taper) - 1
        )
        if number > taper[block]:
            return False
        had += number
    return True


def gaps_by_hand(asked, earlier):
    """The gaps after a week before which so many sessions were had."""
    weeks = len(asked.taper)
    of_session = [week for week in range(weeks) for _ in range(asked.taper[week])]
    week = of_session[earlier] if earlier < len(of_session) else weeks - 1
    return [
        gap[week] if isinstance(gap, tuple) else gap
        for gap in (asked.smallest_gap, asked.largest_gap)
    ]


def cost_by_hand(asked, starts, kept):
    days = [*kept, *(start.at.date() for start in starts)]
    cost = 0
    for start in starts:
        if asked.weekdays and start.at.weekday() not in asked.weekdays:
            cost += WEIGHTS.weekday
        if asked.practitioner and start.practitioner != asked.practitioner:
            cost += WEIGHTS.practitioner
        if asked.between:
            opens, closes = (
                datetime.combine(start.at.date(), hour) for hour in asked.between
            )
            outside = max(opens - start.at, start.at - closes, timedelta())
            cost += WEIGHTS.hour * -(-outside // timedelta(minutes=15))
    if not kept:
        first = asked.earliest
        while asked.weekdays and first.weekday() not in asked.weekdays:
            first += timedelta(days=1)
        cost += WEIGHTS.late * max((days[0] - first).days, 0)
    for index in range(max(len(kept), 1), len(days)):
        before, after = days[index - 1], days[index]
        monday = before - timedelta(days=before.weekday())
        earlier = sum(day < monday for day in days)
        in_week = index - earlier
        limit = asked.week_limit(earlier)
        rhythm = sorted(asked.weekdays)
        if len(rhythm) == limit:
            gaps = [b - a for a, b in pairwise(rhythm)]
            gaps.append(7 - rhythm[-1] + rhythm[0])
        else:
            gaps = [7 // limit, 7 // limit + (7 % limit > 0)]
        gap = (after - before).days
        cost += WEIGHTS.uneven * max(min(gaps) - gap, gap - max(gaps), 0)
        weeks = (after - timedelta(days=after.weekday()) - monday).days // 7
        if weeks:
            lacking = (limit - in_week) if earlier else 0
            lacking += (weeks - 1) * asked.week_limit(index)
            cost += WEIGHTS.lacking * lacking
    return cost


def courses_by_hand(asked, free, kept):
    """Return (cost, dates) of every course, each date with its cheapest start."""
    new = asked.sessions - len(kept)
    by_day = {}
    for start in free:
        day = start.at.date()
        if asked.suits(start) and (not kept or day > kept[-1]):
            by_day.setdefault(day, []).append(start)
    found = []
    for days in combinations(sorted(by_day), new):
        if keeps_the_rules(asked, [*kept, *days]):
            cheapest = [
                min(by_day[day], key=lambda start: alone(asked, start)) for day in days
            ]
            found.append((cost_by_hand(asked, cheapest, kept), days))
    return sorted(found)


def alone(asked, start):
    late = replace(asked, earliest=start.at.date(), sessions=1, weekdays=frozenset())
    return cost_by_hand(late, [start], [])


def best_by_hand(asked, free, kept, apart):
    chosen = []
    for cost, days in courses_by_hand(asked, free, kept):
        if all(len(set(days) - set(other)) >= apart for _, other in chosen):
            chosen.append((cost, days))
    return chosen[:3]


starts = st.builds(
    lambda day, hour, who: Start(
        datetime.combine(MONDAY + timedelta(days=day), time(hour)), who, "A"
    ),
    st.integers(0, 16),
    st.sampled_from([8, 9, 11]),
    st.sampled_from(["li", "mo"]),
)


def gaps_for(per_week, gaps, longer):
    """One for all weeks, or for a taper one for each."""
    if isinstance(per_week, int) or gaps[0] == gaps[1]:
        return gaps[0], gaps[0] + longer
    weeks = [gaps[week % 2] for week in range(len(per_week))]
    return tuple(weeks), tuple(gap + longer for gap in weeks)


all_wishes = st.builds(
    lambda sessions, earliest, per_week, gap, longer, weekdays, between, who, must: (
        Wishes(
            sessions,
            MONDAY + timedelta(days=earliest),
            per_week,
            *gaps_for(per_week, gap, longer),
            weekdays,
            between,
            who,
            must,
        )
    ),
    st.integers(1, 6),
    st.integers(0, 4),
    st.sampled_from([1, 2, 3, (3, 2), (2, 1), (1, 2, 3)]),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(0, 9),
    st.frozensets(st.integers(0, 6), max_size=3),
    st.sampled_from([None, (NINE, NINE), (time(8), TEN)]),
    st.sampled_from([None, "li", "mo"]),
    st.frozensets(
        st.sampled_from([Wish.HOUR, Wish.WEEKDAYS, Wish.PRACTITIONER]), max_size=1
    ),
)
some_starts = st.lists(starts, min_size=1, max_size=24, unique=True)
some_kept = st.sampled_from([(), (-3,), (-5, -3), (-1, 2)]).map(
    lambda days: [MONDAY + timedelta(days=day) for day in days]
)


@settings(max_examples=300, deadline=None)
@given(all_wishes, some_starts, some_kept, st.integers(1, 2))
def test_best_three_are_those_of_brute_force(asked, free, kept, apart):
    kept = kept[: asked.sessions - 1]

    answer = plan_course(asked, free, kept=kept, apart=apart)

    found = [
        (course.cost, tuple(row.start.at.date() for row in course.rows))
        for course in answer.courses
    ]
    # Kept dates may break the rules among themselves: they are facts.
    if keeps_the_rules(asked, kept):
        assert found == best_by_hand(asked, free, kept, apart)
    for course in answer.courses:
        chosen = [row.start for row in course.rows]
        assert course.cost == cost_by_hand(asked, chosen, kept)
        assert not {b.index for b in breaches(asked, [*kept, *found[0][1]])} - {
            b.index for b in breaches(asked, kept)
        }


@settings(max_examples=200, deadline=None)
@given(all_wishes, some_starts, some_kept, st.integers(0))
def test_as_many_stay_as_brute_force_can_leave(asked, free, kept, mask):
    """Of a course that stands, in its gaps or not, as many as any course can leave."""
    stand = {s.at.date(): s for i, s in enumerate(free) if mask >> i & 1}
    places = frozenset((start.at, start.practitioner) for start in stand.values())
    kept = kept[: asked.sessions - 1]
    assume(keeps_the_rules(asked, kept))

    answer = plan_course(replace(asked, standing=places), free, kept=kept)

    stays = {day for day, start in stand.items() if asked.suits(start)}
    by_hand = courses_by_hand(asked, free, kept)
    most = max((len(stays & set(days)) for _, days in by_hand), default=0)
    for course in answer.courses[:1]:
        rows = {(row.start.at, row.start.practitioner) for row in course.rows}
        assert len(rows & places) == most
    assert bool(answer.courses) == bool(by_hand)


def test_who_moves_is_who_does_not_stay():
    """The second stays; the others take the places that are left, in order."""
    stand, places = ([("li", n) for n in numbers] for numbers in ((1, 3, 5), (3, 4, 6)))

    assert who_moves(stand, places) == [(0, 1), (2, 2)]
    assert who_moves([("li", 1)], [("mo", 1)]) == [(0, 0)], "with somebody else"
    assert who_moves([("li", 1)], [("li", 1)]) == []


@settings(max_examples=200, deadline=None)
@given(all_wishes, some_starts)
def test_longest_course_is_that_of_brute_force(asked, free):
    lengths = [
        length
        for length in range(1, asked.sessions + 1)
        if courses_by_hand(replace(asked, sessions=length), free, [])
    ]

    assert most_sessions(asked, days_that_suit(asked, free)) == max(lengths, default=0)


@settings(max_examples=200, deadline=None)
@given(all_wishes, some_starts)
def test_each_relaxed_wish_alone_makes_room_and_no_smaller_change_does(asked, free):
    answer = plan_course(asked, free)

    for found in answer.relaxed:
        changed, smaller = relaxed_by_hand(asked, found)
        assert courses_by_hand(changed, free, [])
        assert smaller is None or not courses_by_hand(smaller, free, [])


def relaxed_by_hand(asked, found):
    """Return the wishes so changed, and those changed by one unit less."""
    day = timedelta(days=1)
    match found.wish, found.enough:
        case Wish.EARLIEST, enough:
            return replace(asked, earliest=enough), replace(
                asked, earliest=enough + day
            )
        case Wish.LARGEST_GAP, enough:
            widest = max(each_week(asked.largest_gap))
            return (
                replace(asked, largest_gap=enough),
                replace(asked, largest_gap=enough - 1) if enough > widest else None,
            )
        case Wish.SMALLEST_GAP, enough:
            narrowest = min(each_week(asked.smallest_gap))
            return (
                replace(asked, smallest_gap=enough),
                replace(asked, smallest_gap=enough + 1) if enough < narrowest else None,
            )
        case Wish.SESSIONS, enough:
            return replace(asked, sessions=enough), replace(asked, sessions=enough + 1)
        case Wish.PER_WEEK, enough:
            return replace(asked, per_week=enough), None
        case wish, _:
            return replace(asked, must=asked.must - {wish}), None
