"""A place that is kept for somebody: how the diary shows it, what booking says of it,
and how open diaries hear of it and of all else that changes a day.
"""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from clinic.access.roles import Role
from plans.scheduling.models import Closure, Hold
from plans.scheduling.services import (
    CourseClash,
    Slot,
    add_closure,
    book_appointment,
    hold_place,
    let_go,
    move_appointment,
    remove_closure,
    save_bed,
    set_day,
    set_week,
    take_place,
)
from tests.factories import (
    make_appointment,
    make_bed,
    make_patient,
    make_user,
    sign_in,
)
from tests.plans.diary_setting import changes_address, column, links, local, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday_noon")]

MINUTE = timedelta(minutes=1)
DAY = "/schedule/?day=2026-03-05"
WEEK = "/schedule/week/?day=2026-03-05"
PLACE = "/schedule/waiting/place/?place=2026-03-05T10%3A00+{}"


@pytest.fixture
def kept(una, tuesday_noon):
    """Thursday at 10:00 is kept for Ana Reyes until 12:20, needling to 10:15."""
    bed = make_bed(name="Willow")
    return hold_place(
        by=una,
        patient=make_patient(),
        slot=Slot(una.pk, bed.pk, local(5, 10)),
        kind="treatment",
        now=tuesday_noon,
    )


# Drawn


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (DAY, "{who}"),
        (f"{DAY}&by=bed", "{bed}"),
        (WEEK + "&who={who}", "2026-03-05"),
    ],
)
def test_a_kept_place_stands_in_the_diary_with_its_end(desk, una, kept, address, key):
    numbers = {"who": una.pk, "bed": kept.bed_id}

    page = desk.get(address.format(**numbers))
    drawn = column(page, key.format(**numbers))

    assert "visit--held" in drawn
    assert "Ana Reyes" in drawn
    assert "Kept until 12:20" in drawn
    assert links(page, "Ana Reyes") == [PLACE.format(una.pk)]
    assert desk.get(links(page, "Ana Reyes")[0]).status_code == 200
    assert 'href="#clock"' in drawn, "a shape of its own"
    assert 'id="clock"' in text(page)
    assert "0 appointments · 1 place kept" in text(page)


def test_a_kept_place_can_neither_be_moved_nor_arrive_nor_be_booked(desk, una, kept):
    drawn = column(desk.get(DAY), una.pk)
    visit = drawn.split('class="visit ')[1].split("</li>")[0]

    assert "data-held" not in visit
    assert "visit__next" not in visit
    assert "time=10:00" not in drawn, "the quarter leads to no form"
    assert "time=10:15" in drawn
    assert desk.get(f"/appointments/{kept.pk}/").status_code == 404


def test_a_kept_place_leads_nowhere_for_whoever_may_not_book(client, una, kept):
    sign_in(client, Role.ADMIN)

    assert links(client.get(DAY), "Ana Reyes") == [f"#a{kept.pk}"]


def test_a_place_that_is_kept_no_longer_is_not_drawn(desk, una, kept, clock):
    clock.now += 20 * MINUTE

    assert "visit--held" not in column(desk.get(DAY), una.pk)
    assert "0 appointments</" in text(desk.get(DAY)).replace(" <", "<")


# Booked over


def refused(una, at, patient=None, **where):
    slot = Slot(una.pk, where.get("bed"), at)
    with pytest.raises(CourseClash) as error:
        book_appointment(
            by=una,
            patient=patient or make_patient(),
            kind="treatment",
            slot=slot,
            submission=uuid4(),
        )
    (clash,) = error.value.clashes
    until = f"{clash.kept_until:%H:%M}" if clash.kept_until else ""
    return clash.why, clash.kept_for, until


def test_booking_says_for_whom_the_place_is_kept_and_how_long(desk, una, kept):
    other = make_patient(given_name="Bo", family_name="Lind")
    sent = {"kind": "treatment", "day": "2026-03-05", "time": "10:00", "bed": ""}
    sent |= {"practitioner": una.pk, "submission": str(uuid4())}

    answer = desk.post(f"/schedule/new/?patient={other.pk}", sent)

    assert answer.status_code == 409
    assert "Thu 5 Mar, 10:00: the place is kept for Ana Reyes until 12:20." in text(
        answer
    )


def test_only_what_would_be_free_otherwise_is_said_to_be_kept(una, kept):
    """A bed alone may be kept, or the patient; a visit there is a visit."""
    whose = ("kept", "Ana Reyes", "12:20")

    assert refused(una, local(5, 10)) == whose
    assert refused(una, local(5, 10, 15)) == whose, "the only bed"
    assert refused(una, local(5, 9, 30)) == whose, "the stay runs into it"
    beech = make_bed(name="Beech")
    assert refused(una, local(5, 10, 15), bed=kept.bed_id) == whose
    assert refused(una, local(5, 10, 15), patient=kept.patient) == whose
    make_appointment(practitioner=una, bed=beech, starts_at=local(5, 10, 15))
    assert refused(una, local(5, 10, 15)) == ("practitioner", "", "")
    assert refused(una, local(5, 7)) == ("not_working", "", "")


def test_a_visit_moved_onto_a_kept_place_is_told_so(una, kept):
    row = make_appointment(practitioner=una, starts_at=local(5, 14))

    with pytest.raises(CourseClash) as error:
        move_appointment(
            by=una,
            appointment=row,
            slot=Slot(una.pk, None, kept.starts_at),
            revision=0,
        )

    assert error.value.clashes[0].kept_for == "Ana Reyes"


# Heard of


def hours_of_the_week(una, _kept):
    set_week(by=una, practitioner=una, periods=[(3, *HALF_DAY)])


def hours_of_the_day(una, _kept):
    set_day(by=una, practitioner=una, day=date(2026, 3, 5), periods=[HALF_DAY])


def closed(una, _kept):
    day = date(2026, 3, 5)
    add_closure(by=una, first_day=day, last_day=day, reason="Painting")


def opened(una, _kept):
    remove_closure(by=una, closure=Closure.objects.get())


def offered(una, _kept):
    slot = Slot(una.pk, None, local(5, 15))
    now = local(3, 12)
    patient = make_patient()
    hold_place(by=una, patient=patient, slot=slot, kind="treatment", now=now)


def taken(una, kept):
    take_place(by=una, hold_id=kept.pk, now=local(3, 12))


def declined(una, kept):
    let_go(by=una, hold_id=kept.pk)


def another_bed(una, _kept):
    save_bed(by=una, name="Elm", room="", order=0, is_active=True, bed=None)


HALF_DAY = (local(5, 9).time(), local(5, 12).time())
CHANGES = (
    hours_of_the_week,
    hours_of_the_day,
    closed,
    opened,
    offered,
    taken,
    declined,
    another_bed,
)


@pytest.mark.parametrize("page", [DAY, WEEK])
@pytest.mark.parametrize("change", CHANGES)
def test_an_open_diary_hears_of_it(desk, una, kept, page, change):
    day = date(2026, 3, 5)
    Closure.objects.create(
        practitioner=make_user(), first_day=day, last_day=day, reason="Training"
    )
    address = changes_address(desk.get(page))
    assert desk.get(address).status_code == 204

    change(una, kept)

    assert desk.get(address).status_code == 200
    assert desk.get(changes_address(desk.get(page))).status_code == 204


@pytest.mark.parametrize("page", [DAY, WEEK])
def test_an_open_diary_hears_that_a_place_is_kept_no_longer(
    desk, una, kept, page, clock
):
    address = changes_address(desk.get(page))
    clock.now += 20 * MINUTE - timedelta(seconds=1)
    assert desk.get(address).status_code == 204

    clock.now += timedelta(seconds=1)

    assert desk.get(address).status_code == 200
    assert Hold.objects.exists(), "nobody swept it away"


@pytest.mark.parametrize("page", [DAY, WEEK])
def test_an_open_diary_hears_nothing_of_other_days(desk, una, kept, page):
    address = changes_address(desk.get(page))
    day = date(2026, 3, 25)

    set_day(by=una, practitioner=una, day=day, periods=[HALF_DAY])
    add_closure(by=una, first_day=day, last_day=day, reason="Painting")
    make_appointment(practitioner=una, bed=kept.bed, starts_at=local(25, 15))

    assert desk.get(address).status_code == 204


def test_the_week_of_one_hears_nothing_of_anothers_hours(desk, una, kept):
    other = make_user()
    address = changes_address(desk.get(f"{WEEK}&who={una.pk}"))

    set_week(by=una, practitioner=other, periods=[(3, *HALF_DAY)])

    assert desk.get(address).status_code == 204
