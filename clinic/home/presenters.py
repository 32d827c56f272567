from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.access.roles import Permission
from clinic.accounts.models import User
from clinic.core.course import Step, course_steps
from clinic.home.journey import (
    Action,
    Standing,
    clinicians_next,
    desks_next,
    readers_next,
    step,
)
from clinic.home.queries import Chapter
from patients.records.models import Patient
from patients.records.names import full_name
from plans.messages.initials import initials
from plans.room.queries import Stay
from plans.scheduling.models import Appointment
from plans.scheduling.queries import DayRow
from plans.scheduling.standing import Behind, CourseState
from plans.scheduling.statuses import AHEAD, HERE
from plans.sessions.queries import Visit

LAST_SESSIONS = 5
STATUS_WORDS = dict(Appointment.Status.choices)

WORDS = {
    Action.OPEN_EPISODE: gettext_lazy("Open an episode"),
    Action.TAKE_INTAKE: gettext_lazy("Take the intake"),
    Action.ANSWER_SCREEN: gettext_lazy("Answer the open questions"),
    Action.SEE_SCREEN: gettext_lazy("See the red flags"),
    Action.MAKE_PLAN: gettext_lazy("Make the plan"),
    Action.FINISH_PLAN: gettext_lazy("Finish the plan"),
    Action.BOOK_COURSE: gettext_lazy("Book the course"),
    Action.LOG_SESSION: gettext_lazy("Log today’s session"),
    Action.HOLD_REVIEW: gettext_lazy("Hold the review"),
    Action.SEE_PROGRESS: gettext_lazy("See the progress"),
    Action.BOOK_VISIT: gettext_lazy("Book a first visit"),
    Action.SEE_VISIT: gettext_lazy("See the appointment"),
}


@dataclass(frozen=True)
class Link:
    action: Action
    words: str
    url: str


@dataclass(frozen=True)
class LeftBehind:
    """A patient who has needles in, as a screen may show them to a passer-by."""

    bed: str
    initials: str
    due: datetime | None


def left_behind(stay: Stay) -> LeftBehind:
    due = stay.timer.due if stay.timer else None
    return LeftBehind(stay.bed, initials(stay.family_name, stay.given_name), due)


@dataclass(frozen=True)
class SessionRow:
    url: str
    day: datetime
    leg: str
    back: str


def standing(found: Chapter, *, reader: User, now: datetime) -> Standing:
    episode, course = found.episode, found.course
    plan = ""
    if course is not None:
        plan = "approved"
    elif episode and episode.has_draft:
        plan = "draft"
    return Standing(
        is_open=bool(episode and episode.closed_on is None),
        screen=(episode.screen or "") if episode else "",
        plan=plan,
        prescribed=course.prescribed if course else 0,
        attended=course.attended if course else 0,
        booked=course.booked if course else 0,
        visit_ahead=bool(found.appointments),
        visit_to_log=visit_to_log(found, reader, now) is not None,
        review_due=found.review_due,
    )


def visit_to_log(found: Chapter, reader: User, now: datetime) -> Appointment | None:
    today = timezone.localdate(now)
    for visit in found.appointments:
        if timezone.localdate(visit.starts_at) != today:
            break
        session = getattr(visit, "session", None)
        written = session is not None and session.is_written
        gone = visit.status == Appointment.Status.NO_SHOW
        if visit.practitioner_id == reader.pk and not written and not gone:
            return visit
    return None


def next_link(
    found: Chapter, patient: Patient, at: Standing, *, reader: User, now: datetime
) -> Link | None:
    """The one thing to do next, as far as the reader may do it."""
    if reader.is_acupuncturist:
        action: Action | None = clinicians_next(at)
    elif reader.is_front_desk:
        action = desks_next(at)
    else:
        action = readers_next(at)
    if action is None:
        return None
    words = str(WORDS[action])
    if action is Action.BOOK_COURSE and at.attended + at.booked:
        words = ngettext(
            "Book %(number)d more session", "Book %(number)d more sessions", at.to_book
        ) % {"number": at.to_book}
    elif action is Action.BOOK_VISIT and found.episode:
        words = _("Book an appointment")
    return Link(action, words, address(action, found, patient, reader, now))


def address(action: Action, found: Chapter, patient, reader, now) -> str:
    episode = found.episode
    match action:
        case Action.OPEN_EPISODE:
            return reverse("patients:open_episode", args=[patient.pk])
        case Action.TAKE_INTAKE | Action.ANSWER_SCREEN:
            return reverse("patients:intake", args=[episode.pk])
        case Action.SEE_SCREEN:
            return reverse("patients:screen", args=[episode.intake])
        case Action.MAKE_PLAN:
            return reverse("plans:propose", args=[episode.pk])
        case Action.FINISH_PLAN:
            return reverse("plans:draft", args=[episode.plan.pk])
        case Action.BOOK_COURSE:
            return reverse("plans:book_course", args=[episode.plan.pk])
        case Action.LOG_SESSION:
            return reverse("plans:log", args=[visit_to_log(found, reader, now).pk])
        case Action.HOLD_REVIEW:
            return reverse("plans:review", args=[episode.plan.pk])
        case Action.SEE_PROGRESS:
            return reverse("plans:progress", args=[episode.pk])
        case Action.SEE_VISIT:
            return reverse("plans:appointment", args=[found.appointments[0].pk])
        case Action.BOOK_VISIT:
            return f"{reverse('plans:book')}?patient={patient.pk}"


def steps(found: Chapter, at: Standing, *, reader: User) -> tuple[Step, ...]:
    """The course line; a step that has a page leads to it."""
    episode = found.episode
    if episode is None:
        return ()
    urls, notes = {}, {}
    here = step(at)
    if episode.intake:
        urls["screen"] = reverse("patients:screen", args=[episode.intake])
    if here in {"intake", "screen"} and reader.has_perm(Permission.TAKE_INTAKE):
        urls["intake"] = reverse("patients:intake", args=[episode.pk])
    if at.plan == "approved":
        urls["plan"] = reverse("plans:plan", args=[episode.plan.pk])
        urls["outcome"] = reverse("plans:progress", args=[episode.pk])
    if at.attended:
        urls["sessions"] = reverse("plans:sessions", args=[episode.pk])
    if at.plan == "approved":
        numbers = {"of": at.prescribed, "had": at.attended}
        numbers["held"] = at.attended + at.booked
        notes["course"] = _("%(held)d of %(of)d booked") % numbers
        notes["sessions"] = _("%(had)d of %(of)d done") % numbers
    return course_steps(here, stopped=at.is_stopped, urls=urls, notes=notes)


def due(found: Chapter) -> list[str]:
    """What the banner says is due."""
    course = found.course
    words = [behind_words(why, course) for why in course.behind] if course else []
    return [*words, *([_("Review due")] if found.review_due else [])]


def behind_words(why: Behind, course: CourseState) -> str:
    if why is Behind.GAP:
        return ngettext(
            "%(number)d day between sessions, at most %(limit)d planned",
            "%(number)d days between sessions, at most %(limit)d planned",
            course.gap,
        ) % {"number": course.gap, "limit": course.largest_gap}
    if why is Behind.NO_NEXT:
        return _("No next date")
    return ngettext(
        "%(number)d session to book", "%(number)d sessions to book", course.to_book
    ) % {"number": course.to_book}


def session_rows(visits: Sequence[Visit]) -> list[SessionRow]:
    """The last few, the newest first."""
    return [
        SessionRow(
            url=reverse("plans:session", args=[visit.session_id]),
            day=visit.at,
            leg=before_after(visit.leg_before, visit.leg_after),
            back=before_after(visit.back_before, visit.back_after),
        )
        for visit in reversed(visits[-LAST_SESSIONS:])
    ]


def before_after(before: float | None, after: float | None) -> str:
    """7 → 5; what was not measured is a dash, never a nought."""
    if before is None and after is None:
        return "–"
    return " → ".join(
        "–" if score is None else f"{score:g}" for score in (before, after)
    )


@dataclass(frozen=True)
class ArrivalRow:
    pk: int
    url: str
    patient_url: str
    time: str
    name: str
    practitioner: str
    bed: str
    status: str
    status_words: str
    revision: int
    is_late: bool


def arrivals(rows: Sequence[DayRow], now: datetime) -> dict[str, list[ArrivalRow]]:
    """The day's visits: still expected, and in the house."""
    found: dict[str, list[ArrivalRow]] = {"expected": [], "here": []}
    for row in rows:
        if row.status in AHEAD:
            found["expected"].append(arrival(row, now))
        elif row.status in HERE:
            found["here"].append(arrival(row, now))
    return found


def arrival(row: DayRow, now: datetime) -> ArrivalRow:
    return ArrivalRow(
        pk=row.pk,
        url=reverse("plans:appointment", args=[row.pk]),
        patient_url=reverse("patient", args=[row.patient_id]),
        time=formats.time_format(timezone.localtime(row.starts_at), "H:i"),
        name=full_name(row.family_name, row.given_name),
        practitioner=row.practitioner,
        bed=row.bed,
        status=row.status,
        status_words=str(STATUS_WORDS[row.status]),
        revision=row.revision,
        is_late=row.status in AHEAD and row.starts_at < now,
    )


@dataclass(frozen=True)
class BehindRow:
    patient: str
    patient_url: str
    why: str
    progress: str
    course: CourseState
    url: str  # the best course for what is missing, or what is booked already


def behind_rows(found, to_review: Collection[int]) -> list[BehindRow]:
    """Of `behind_plan`: each with what is wrong and the page that puts it right.

    `to_review` are plans of which a review is due; why is not the desk's concern.
    """
    return [
        BehindRow(
            patient=patient.name,
            patient_url=patient.get_absolute_url(),
            why=" · ".join(
                [
                    *(behind_words(why, course) for why in course.behind),
                    *([_("Review due")] if plan.pk in to_review else []),
                ]
            ),
            progress=_("%(had)d of %(of)d done")
            % {"had": course.attended, "of": course.prescribed},
            course=course,
            url=reverse(
                "plans:book_course" if course.to_book else "plans:course",
                args=[plan.pk],
            ),
        )
        for plan, patient, course in found
    ]
