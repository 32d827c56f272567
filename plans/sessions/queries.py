from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.core.prepared import Given, prepared
from patients.intake.models import Intake
from patients.intake.queries import clearances_of, facts_of
from patients.measures.models import Score
from patients.records.models import Episode, Patient
from plans.catalogue.models import Acupoint
from plans.catalogue.queries import find_points
from plans.catalogue.words import split_last
from plans.patient_mode.models import SelfReport
from plans.planning.models import PlanVersion
from plans.planning.queries import intake_to_judge_by, rule_book, with_points
from plans.scheduling.models import Appointment
from plans.scheduling.queries import day_bounds
from plans.sessions.entry import (
    EVERY,
    SCORES,
    Entry,
    Line,
    Stimulus,
    Why,
    as_told,
    carried_over,
    next_prescription,
)
from plans.sessions.models import Amendment, Needling, Session
from plans.sessions.rules import Ground

SET = tuple(field.name for field in fields(Stimulus))
TENTHS = {"hz", "hz_high", "milliamps"}
NEEDLINGS = Needling.objects.order_by("order", "pk")
# So that the first page of the day does not read every year of the practitioner.
LOOK_BACK = timedelta(weeks=26)
ASKED_AGAIN = "RF9"  # settled by taking the whole screen again on the day


def appointments_to_log(practitioner: User, today: date) -> QuerySet[Appointment]:
    """Their own, those taken over and those they type in from paper; today's or
    earlier, to which the patient came.
    """
    _, tomorrow = day_bounds(today)
    from_paper = Q(session__paper__typed_by=practitioner)
    return (
        Appointment.objects.held()
        .in_care_of(practitioner, also=from_paper)
        .filter(starts_at__lt=tomorrow)
        .exclude(status=Appointment.Status.NO_SHOW)
        .select_related("patient", "bed", "practitioner", "session")
    )


def appointments_to_write(practitioner: User, today: date) -> QuerySet[Appointment]:
    """Those to log, and what they began before it was cancelled or moved: that is kept,
    but not signed. Each says so with `may_sign`.
    """
    to_log = appointments_to_log(practitioner, today).filter(pk=OuterRef("pk"))
    begun = Q(practitioner=practitioner, session__status=Session.Status.DRAFT)
    return (
        Appointment.objects.annotate(may_sign=Exists(to_log))
        .filter(Q(may_sign=True) | begun)
        .select_related("patient", "bed", "practitioner", "session__saved_by")
    )


def version_to_treat_by(appointment: Appointment) -> PlanVersion | None:
    """The version in force of the appointment's plan, else of an open episode's."""
    versions = with_points().in_force()
    if appointment.plan_id:
        return versions.filter(plan=appointment.plan_id).first()
    return versions.of_open_episodes(appointment.patient_id).first()


def with_scores() -> QuerySet[Session]:
    """Sessions with `leg_before`, `back_before`, `leg_after`, `back_after`, or None.

    A corrected score counts as corrected.
    """
    value = Coalesce("scores__corrected_by__value", "scores__value")
    return Session.objects.annotate(
        **{
            name: Max(value, filter=Q(scores__scale=scale, scores__moment=moment))
            for name, (scale, moment) in SCORES.items()
        }
    )


@dataclass(frozen=True)
class Visit:
    """One signed session in a series; a score that was not taken is None."""

    session_id: int
    appointment_id: int
    plan_version_id: int
    at: datetime
    leg_before: float | None
    back_before: float | None
    leg_after: float | None
    back_after: float | None


def visits_of(episode: Episode | int) -> list[Visit]:
    """The signed sessions of an episode by date, each with its scores. One query."""
    number = episode if isinstance(episode, int) else episode.pk
    return [
        Visit(*row[:4], *(None if value is None else float(value) for value in row[4:]))
        for row in _visits(episode=number)
    ]


@prepared
def _visits() -> QuerySet:
    return (
        with_scores()
        .filter(
            status=Session.Status.SIGNED,
            plan_version__plan__episode=Given("episode", BigIntegerField()),
        )
        .order_by("started_at", "pk")
        .values_list("pk", "appointment_id", "plan_version_id", "started_at", *SCORES)
    )


def sessions_of(episode: Episode) -> QuerySet[Session]:
    """For a list, the newest first: two queries a page."""
    return (
        with_scores()
        .filter(plan_version__plan__episode=episode)
        .select_related(
            "appointment__practitioner", "correction__appointment__practitioner"
        )
        .prefetch_related(Prefetch("needlings", NEEDLINGS))
        .order_by("-started_at", "-pk")
    )


def for_reading() -> QuerySet[Session]:
    """A session with all that its page shows, in six queries."""
    return Session.objects.select_related(
        "appointment__patient",
        "appointment__practitioner",
        "plan_version__plan__episode__patient",
        "compared_with",
        "signed_by",
        "correction__made_by",
        "correction__appointment__patient",
        "correction__appointment__practitioner",
        "corrected_from__made_by",
        "paper__done_by",
        "paper__typed_by",
    ).prefetch_related(
        Prefetch("needlings", NEEDLINGS.select_related("acupoint")),
        "changes",
        "stimulations",
        Prefetch("amendments", Amendment.objects.select_related("written_by")),
        Prefetch("scores", Score.objects.select_related("corrected_by")),
    )


def signed_before(version: PlanVersion, before: datetime) -> QuerySet[Session]:
    """The sessions before this one in the same course, the latest first."""
    return (
        for_reading()
        .filter(
            status=Session.Status.SIGNED,
            plan_version__plan=version.plan_id,
            started_at__lt=before,
        )
        .order_by("-started_at", "-pk")
    )


def lines_of(rows) -> tuple[Line, ...]:
    """Needlings or plan points, in their order, as plain values."""
    return tuple(
        Line(
            code=row.acupoint_id,
            side=row.side,
            depth_mm=row.depth_mm,
            technique=row.technique,
            de_qi=getattr(row, "de_qi", None),
            reason=getattr(row, "reason", ""),
            count=getattr(row, "count", 1),
            pair=getattr(row, "pair", None),
        )
        for row in rows
    )


def scores_of(session: Session) -> dict[str, int]:
    """As the entry names them; a draft's are not scores yet."""
    if session.signed_at is None:
        return dict(session.typed.get("scores", {}))
    named = {place: name for name, place in SCORES.items()}
    found = {}
    for score in session.scores.all():
        correction = getattr(score, "corrected_by", None)
        found[named[score.scale, score.moment]] = int((correction or score).value)
    return found


def scores_told(report: SelfReport | None) -> dict[str, Score]:
    """What the patient entered of what an entry asks, by the entry's names."""
    if report is None:
        return {}
    told = {"leg_before": report.leg, "back_before": report.back}
    return {name: score for name, score in told.items() if score is not None}


def entry_as_told(entry: Entry, report: SelfReport | None) -> Entry:
    """Before anybody has answered the safety questions for the patient."""
    scores = {name: int(score.value) for name, score in scores_told(report).items()}
    return as_told(entry, scores, report.yeses if report else ())


def stimulation_of(session: Session) -> dict[str, Stimulus]:
    if session.status == Session.Status.SIGNED:
        return {
            row.kind: Stimulus(**{name: getattr(row, name) for name in SET})
            for row in session.stimulations.all()
        }
    return {
        kind: _stimulus(told)
        for kind, told in session.typed.get("stimulation", {}).items()
    }


def _stimulus(told: dict[str, Any]) -> Stimulus:
    """As a draft keeps it: JSON has no decimals."""
    exact = {name: Decimal(told[name]) for name in TENTHS & told.keys()}
    return Stimulus(**told | exact)


def entry_of(session: Session) -> Entry:
    """What a draft or a signed session says."""
    return Entry(
        lines=lines_of(session.needlings.all()),
        retention_min=session.retention_min,
        needles_in=session.needles_in,
        needles_out=session.needles_out,
        incident=session.incident,
        exceptions=session.exceptions,
        safety=session.safety,
        scores=scores_of(session),
        no_score_reason=session.no_score_reason,
        stimulation=stimulation_of(session),
        why={code: Why(*told) for code, told in session.typed.get("why", {}).items()},
        note=session.note,
        words=session.typed.get("words", ""),
    )


@dataclass(frozen=True)
class Start:
    """What a session starts from: the choices of `copied_from`, or else the plan's,
    as in the first session by a new version.

    `last` is the session before, whichever prescription it was treated by.
    """

    prescription: str
    last: Session | None
    copied_from: Session | None
    entry: Entry


def start_of(
    version: PlanVersion, *, before: datetime, prescription: str = ""
) -> Start:
    """`prescription` as it was chosen; else the one whose turn it is."""
    points = list(version.points.all())
    signed = signed_before(version, before)
    last = signed.first()
    prescription = prescription or next_prescription(
        (row.prescription for row in points), last.prescription if last else None
    )
    alike = last
    if last and (last.prescription, last.plan_version_id) != (prescription, version.pk):
        alike = signed.filter(prescription=prescription, plan_version=version).first()
    today = [row for row in points if row.prescription in {EVERY, prescription}]
    rows = alike.needlings.all() if alike else today
    entry = Entry(
        lines=carried_over(lines_of(rows)),
        retention_min=alike.retention_min if alike else version.retention_min,
        stimulation={
            kind: stimulus.choices for kind, stimulus in stimulation_of(alike).items()
        }
        if alike
        else {},
    )
    return Start(prescription, last, alike, entry)


def ground_of(version: PlanVersion, *, practitioner: User, day: date) -> Ground:
    """What is known of the patient, and of who needles, on the day of the session."""
    intake = intake_to_judge_by(version)
    clearances = clearances_of(intake)
    if timezone.localdate(intake.taken_at) >= day:
        clearances |= {ASKED_AGAIN}
    return Ground(
        facts=facts_of(intake, on=day),
        clearances=clearances,
        planned={line.code: line for line in lines_of(version.points.all())},
        book=rule_book(),
        trained=practitioner.trained,
    )


def standing_session(session: Session) -> Session:
    """As it stands by now, with who saved it and who signed it."""
    return Session.objects.select_related("plan_version", "saved_by", "signed_by").get(
        pk=session.pk
    )


def bare_ground() -> Ground:
    """Enough to read the fields of a draft by, and nothing to judge it."""
    return Ground(facts={}, clearances=frozenset(), planned={}, book=rule_book())


def points_begun(typed: str, limit: int = 8) -> tuple[str, list[Acupoint]]:
    """The points that the last words of `typed` may begin, and what is before them."""
    for before, name in split_last(typed):
        if found := list(find_points(name, limit)):
            return before, found
    return "", []


class Step(TextChoices):
    """What an acupuncturist does next with an appointment of the day."""

    EPISODE = "episode", _("Open an episode")
    INTAKE = "intake", _("Take the intake")
    SCREEN = "screen", _("See the screen")
    PLAN = "plan", _("Make the plan")
    LOG = "log", _("Log session")
    FINISH = "finish", _("Finish and sign")
    SIGNED = "signed", _("Read session")
    NONE = "none", ""


@dataclass(frozen=True)
class TodayRow:
    """`url` is where the step is done; empty when nothing is left to do."""

    appointment: Appointment
    patient: Patient
    session: Session | None
    step: Step
    url: str

    @property
    def report(self) -> SelfReport | None:
        """What the patient has told a tablet, if they have."""
        return getattr(self.appointment, "self_report", None)

    @property
    def is_open(self) -> bool:
        return self.step not in {Step.SIGNED, Step.NONE}


def todays_appointments(practitioner: User, day: date) -> list[TodayRow]:
    """The practitioner's day with the next step of each appointment. One query."""
    start, end = day_bounds(day)
    appointments = _with_course(
        Appointment.objects.held()
        .in_care_of(practitioner)
        .filter(starts_at__gte=start, starts_at__lt=end)
    )
    return [_today_row(appointment) for appointment in appointments]


def missed_logs(
    today: date, *, practitioner: User | None = None
) -> QuerySet[Appointment]:
    """Visits of the last half year that took place, as far as is known, and have no
    signed session; of today those who are through. The newest first.

    Without a `practitioner` the whole clinic's.
    """
    since, _ = day_bounds(today - LOOK_BACK)
    midnight, tomorrow = day_bounds(today)
    visits = Appointment.objects.held()
    if practitioner is not None:
        visits = visits.in_care_of(practitioner)
    through = [Appointment.Status.NEEDLES_OUT, Appointment.Status.DONE]
    return (
        visits.filter(starts_at__gte=since, starts_at__lt=tomorrow)
        .filter(Q(starts_at__lt=midnight) | Q(status__in=through))
        .filter(Q(plan__isnull=False) | Q(session__isnull=False))
        .exclude(status=Appointment.Status.NO_SHOW)
        .exclude(session__status=Session.Status.SIGNED)
        .select_related("patient", "practitioner", "session")
        .order_by("-starts_at", "-pk")
    )


def unsigned_before(practitioner: User, day: date, limit: int = 20) -> list[TodayRow]:
    """Appointments of a plan in the last half year whose session was not signed, the
    newest first. One query.
    """
    since, _ = day_bounds(day - LOOK_BACK)
    appointments = _with_course(
        appointments_to_log(practitioner, day - timedelta(days=1))
        .filter(starts_at__gte=since)
        .exclude(plan=None)
        .exclude(session__status=Session.Status.SIGNED)
    ).order_by("-starts_at", "-pk")
    return [_today_row(appointment) for appointment in appointments[:limit]]


def _with_course(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    episodes = Episode.objects.open().filter(patient=OuterRef("patient"))
    intakes = Intake.objects.filter(
        episode__patient=OuterRef("patient"), episode__closed_on=None
    ).order_by("-taken_at", "-pk")
    in_force = PlanVersion.objects.in_force()
    return (
        appointments.select_related("patient", "bed", "session", "self_report")
        .annotate(
            open_episode=Subquery(episodes.values("pk")[:1]),
            intake=Subquery(intakes.values("pk")[:1]),
            intake_screen=Subquery(intakes.values("screen")[:1]),
            intake_episode=Subquery(intakes.values("episode")[:1]),
            has_plan=Exists(in_force.filter(plan=OuterRef("plan")))
            | Exists(
                in_force.filter(
                    plan__episode__patient=OuterRef("patient"),
                    plan__episode__closed_on=None,
                )
            ),
        )
        .order_by("starts_at", "pk")
    )


def _today_row(appointment: Appointment) -> TodayRow:
    session = getattr(appointment, "session", None)
    step, place = _next_step(appointment, session)
    return TodayRow(
        appointment=appointment,
        patient=appointment.patient,
        session=session,
        step=step,
        url=reverse(place[0], args=[place[1]]) if place else "",
    )


def _next_step(appointment, session) -> tuple[Step, tuple[str, int] | None]:
    if session and session.status == Session.Status.SIGNED:
        return Step.SIGNED, ("plans:session", session.pk)
    if appointment.status == Appointment.Status.NO_SHOW:
        return Step.NONE, None
    if session:
        return Step.FINISH, ("plans:log", appointment.pk)
    if appointment.has_plan:
        return Step.LOG, ("plans:log", appointment.pk)
    if not appointment.open_episode:
        return Step.EPISODE, ("patients:open_episode", appointment.patient_id)
    if not appointment.intake:
        return Step.INTAKE, ("patients:intake", appointment.open_episode)
    if appointment.intake_screen != Intake.Screen.CLEAR:
        return Step.SCREEN, ("patients:screen", appointment.intake)
    return Step.PLAN, ("plans:propose", appointment.intake_episode)
