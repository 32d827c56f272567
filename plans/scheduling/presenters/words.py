"""The diary's numbers and codes as sentences."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.utils import formats
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from plans.scheduling.free import Obstacle
from plans.scheduling.services import PAST, Clash
from plans.scheduling.standing import Behind, CourseState, Pace
from plans.scheduling.statuses import Refusal
from plans.scheduling.wishes import Breach, Wish

OBSTACLES = {
    Obstacle.CLOSED: gettext_lazy("the clinic is closed"),
    Obstacle.PATIENT: gettext_lazy("the patient is already booked then"),
    Obstacle.AWAY: gettext_lazy("%(who)s is away"),
    Obstacle.NOT_WORKING: gettext_lazy("it is outside the hours of %(who)s"),
    Obstacle.KEPT: gettext_lazy("the place is kept for somebody for the moment"),
    Obstacle.PRACTITIONER: gettext_lazy("%(who)s is with somebody else"),
    Obstacle.BED: gettext_lazy("no bed is free for the whole stay"),
    PAST: gettext_lazy("that time has passed"),
}

REFUSALS = {
    Refusal.NO_SUCH_MOVE: gettext_lazy("That can’t follow the present status."),
    Refusal.NOT_YET: gettext_lazy("The day of this appointment has not come yet."),
    Refusal.NOT_LATE: gettext_lazy(
        "The appointment has not begun yet. Cancel it, if the patient won’t come."
    ),
    Refusal.WRITTEN_UP: gettext_lazy(
        "A session is written up for this appointment, so it did take place."
    ),
    Refusal.NO_REASON: gettext_lazy("Say why it is cancelled."),
    Refusal.PAUSED: gettext_lazy(
        "The plan is paused: nobody is needled by it until it has been reviewed."
    ),
}

# Filled in by diary-move.js.
SAID_WHILE_MOVING = {
    "begin": gettext_lazy(
        "Moving %(name)s. The arrow keys choose the place, with Shift the time in bed, "
        "plus and minus the needling. Enter puts it there, Escape leaves it."
    ),
    "fixed": gettext_lazy(
        "%(name)s is here. Shift and the arrow keys change the time in bed, plus and "
        "minus the needling. Enter keeps it, Escape leaves it."
    ),
    "at": gettext_lazy(
        "%(time)s, %(column)s. %(needling)s min needling, %(stay)s min in bed."
    ),
    "taken": gettext_lazy("%(time)s, %(column)s. There is no room."),
    "left": gettext_lazy("Left where it was."),
    "sent": gettext_lazy("Sent."),
}


def day_words(on: date) -> str:
    """Tue 3 Mar"""
    return formats.date_format(on, pgettext("date format", "D j M"))


def start_words(at: datetime) -> str:
    return formats.date_format(at, pgettext("date format", "D j M, H:i"))


def step_words(at: datetime, visit: datetime) -> str:
    """Only the clock on the day of the visit: 09:02, else Tue 3 Mar, 16:40"""
    return f"{at:%H:%M}" if at.date() == visit.date() else start_words(at)


def kept_words(until: datetime) -> str:
    return _("Kept until %(time)s") % {"time": f"{until:%H:%M}"}


def obstacle_words(why: str, who: str) -> str:
    return str(OBSTACLES[why]) % {"who": who or _("the practitioner")}


def clash_words(clashes: Iterable[Clash], names: Mapping[int, str]) -> list[str]:
    """One sentence a clash. Says who works, and of those who are treated only for whom
    a place is kept: they are being asked just now.
    """
    return [
        _("%(start)s: %(why)s.")
        % {"start": start_words(clash.at), "why": _clash_words(clash, names)}
        for clash in clashes
    ]


def _clash_words(clash: Clash, names: Mapping[int, str]) -> str:
    if clash.kept_until is None:
        return obstacle_words(clash.why, names.get(clash.practitioner_id, ""))
    return _("the place is kept for %(name)s until %(time)s") % {
        "name": clash.kept_for,
        "time": f"{clash.kept_until:%H:%M}",
    }


def weekday_words(weekday: int) -> str:
    return str(WEEKDAYS[weekday])


def short_weekday(weekday: int) -> str:
    return str(WEEKDAYS_ABBR[weekday])


def compromise_words(wish: Wish, rows: int, amount: int) -> str:
    """What a whole course falls short of, on how many rows and by how much in all."""
    numbers = {"rows": rows, "amount": amount}
    return {
        Wish.HOUR: ngettext(
            "%(rows)d visit %(amount)d min outside the wished hours",
            "%(rows)d visits outside the wished hours, %(amount)d min in all",
            rows,
        ),
        Wish.WEEKDAYS: ngettext(
            "%(rows)d visit on another day", "%(rows)d visits on other days", rows
        ),
        Wish.PRACTITIONER: ngettext(
            "%(rows)d visit with another practitioner",
            "%(rows)d visits with another practitioner",
            rows,
        ),
        Wish.EARLIEST: ngettext(
            "begins %(amount)d day later", "begins %(amount)d days later", amount
        ),
        Wish.STANDING: ngettext("%(rows)d visit moves", "%(rows)d visits move", rows),
        Wish.EVEN_GAPS: ngettext(
            "rhythm uneven by %(amount)d day in all",
            "rhythm uneven by %(amount)d days in all",
            amount,
        ),
        Wish.FULL_WEEKS: ngettext(
            "%(amount)d session fewer in the weeks between",
            "%(amount)d sessions fewer in the weeks between",
            amount,
        ),
    }[wish] % numbers


def breach_words(breach: Breach) -> str:
    numbers = {"amount": breach.amount, "limit": breach.limit}
    if breach.wish == Wish.SMALLEST_GAP:
        return (
            _("%(amount)d day after the session before; at least %(limit)d are wished")
            if breach.amount == 1
            else _("%(amount)d days after the session before; at least %(limit)d")
        ) % numbers
    if breach.wish == Wish.LARGEST_GAP:
        return (
            _("%(amount)d days after the session before; at most %(limit)d") % numbers
        )
    return _("session %(amount)d of this week; the plan has %(limit)d") % numbers


def pace_words(pace: Pace, rate: str) -> tuple[str, str]:
    """A heading, and what it means in weeks; the rate is the plan's."""
    faster = pace.weeks < pace.planned
    heading = _("Faster than the plan") if faster else _("Slower than the plan")
    said = _(
        "%(sessions)d sessions over %(weeks)d weeks; at the plan’s rate of %(rate)s a "
        "week they take %(planned)d."
    )
    numbers = {"sessions": pace.sessions, "weeks": pace.weeks, "planned": pace.planned}
    return heading, said % (numbers | {"rate": rate})


def behind_words(state: CourseState) -> list[str]:
    gap = (
        _("%(days)d days between sessions; at most %(limit)d are wished")
        if state.attended
        else _("%(days)d days from the plan to the first session; at most %(limit)d")
    )
    limit = state.largest_gap
    said = {
        Behind.GAP: gap % {"days": state.gap, "limit": limit},
        Behind.NO_NEXT: _("no next appointment"),
        Behind.NOT_BOOKED: ngettext(
            "%(count)d session not booked yet",
            "%(count)d sessions not booked yet",
            state.to_book,
        )
        % {"count": state.to_book},
    }
    return [said[kind] for kind in state.behind]
