from datetime import date, datetime, time, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import connection

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.services import add_member
from clinic.core.fixed import unfixed
from clinic.management.analyze import analyze
from clinic.management.demo import PASSWORD
from clinic.management.demo.chronicle import Chronicle
from clinic.management.demo.desk import Desk
from clinic.management.demo.diary import Diary, Week, minutes_later, week_around
from clinic.management.demo.former import FORMER
from clinic.management.demo.mail import send_so_far
from clinic.management.demo.people import Register
from clinic.management.demo.stories import STORIES
from clinic.management.demo.tablets import tell_so_far
from clinic.management.demo.trail import at_the_time
from plans.scheduling.clock import moment_of
from plans.scheduling.queries import clinic_zone
from plans.scheduling.services import add_closure, save_bed, set_week

SEED = 20_260_101

# Nobody is trained in everything, so that a plan shows what it leaves out.
PRACTISING_SINCE = {"mei": 2004, "jonas": 2012}
TRAINED = {
    "mei": frozenset({"electro", "moxa", "pricking", "cupping"}),
    "jonas": frozenset({"electro", "moxa"}),
    "priya": frozenset({"moxa", "cupping"}),
}

BEDS = (
    ("Bed 1", "Willow"),
    ("Bed 2", "Willow"),
    ("Bed 3", "Maple"),
    ("Bed 4", "Maple"),
)


@unfixed(connection)
def seed(today: date, hour: time) -> None:
    """Fill an empty database with an invented clinic, the same for the same time.

    Args:
        hour: of the clinic's clock. Everything is as far as that; the house has such
            hours that it is busy then.
    """
    rng = Random(SEED)  # nosec B311
    week = week_around(today, minutes_later(hour))
    with at_the_time(moment_of(opening_day(today), clinic_zone())):
        staff = add_staff()
        acupuncturists = [staff[name] for name in ("mei", "jonas", "priya")]
        beds = add_beds(by=staff["ada"])
        open_the_house(week, acupuncturists, by=staff["ada"])
    desk = Desk(
        rng=rng,
        today=today,
        hour=hour,
        diary=Diary(week, [user.pk for user in acupuncturists], beds),
        people=[staff[name] for name in ("tom", "lucia")],
        acupuncturists=acupuncturists,
    )
    Chronicle(desk, Register(rng, today)).tell(STORIES, former=FORMER)
    analyze(connection)
    send_so_far(desk.now)
    tell_so_far(desk)


def opening_day(today: date) -> datetime:
    return datetime.combine(today - timedelta(weeks=52), time(8))


def add_staff() -> dict[str, User]:
    people = (
        ("mei", "示例美玲", Role.ACUPUNCTURIST, "注册针灸师（虚构）", "zh-hans"),
        ("jonas", "Jonas Beispiel", Role.ACUPUNCTURIST, "LicAc (invented)", "en"),
        ("priya", "Priya Example", Role.ACUPUNCTURIST, "LicAc (invented)", "en"),
        ("tom", "Tom Muster", Role.FRONT_DESK, "", "en"),
        ("lucia", "Lucía Ejemplo", Role.FRONT_DESK, "", "en"),
        ("ada", "Ada Voorbeeld", Role.ADMIN, "", "en"),
    )
    staff = {
        username: add_member(
            by=None,
            username=username,
            name=name,
            roles=frozenset({role}),
            password=None,
            email=f"{username}@example.org",
            qualification=qualification,
            practising_since=PRACTISING_SINCE.get(username),
            trained=TRAINED.get(username, frozenset()),
            language=language,
        )
        for username, name, role, qualification, language in people
    }
    # A hash is slow on purpose, and this password everybody knows.
    User.objects.update(password=make_password(PASSWORD))
    return staff


def add_beds(*, by: User) -> list[int]:
    return [
        save_bed(by=by, name=name, room=room, order=order, is_active=True, bed=None).pk
        for order, (name, room) in enumerate(BEDS, 1)
    ]


def open_the_house(week: Week, acupuncturists: list[User], *, by: User) -> None:
    hours = list(week.hours([user.pk for user in acupuncturists]))
    for user in acupuncturists:
        set_week(
            by=by,
            practitioner=user,
            periods=[
                (row.weekday, row.opens, row.closes)
                for row in hours
                if row.practitioner == user.pk
            ],
        )
    add_closure(
        by=by, first_day=week.closed, last_day=week.closed, reason="Team training day"
    )
