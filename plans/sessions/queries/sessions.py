from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    Max,
    Prefetch,
    Q,
    QuerySet,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.accounts.models import User
from clinic.core.prepared import Given, prepared
from patients.intake.queries import clearances_of, facts_of
from patients.measures.models import Score
from patients.records.models import Episode
from plans.catalogue.models import Acupoint
from plans.catalogue.queries import find_points
from plans.catalogue.words import split_last
from plans.patient_mode.models import SelfReport
from plans.pauses.models import Pause
from plans.pauses.queries import standing_pause
from plans.planning.models import PlanVersion
from plans.planning.queries import intake_to_judge_by, rule_book, with_points
from plans.scheduling.models import Appointment
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
NEEDLED = {Appointment.Status.NEEDLES_IN, Appointment.Status.NEEDLES_OUT}
ASKED_AGAIN = "RF9"  # settled by taking the whole screen again on the day


def version_to_treat_by(appointment: Appointment) -> PlanVersion | None:
    """The version in force of the appointment's plan, else of an open episode's."""
    versions = with_points().in_force()
    if appointment.plan_id:
        return versions.filter(plan=appointment.plan_id).first()
    return versions.of_open_episodes(appointment.patient_id).first()


def pause_in_the_way(appointment: Appointment, version: PlanVersion) -> Pause | None:
    """What keeps a visit from being begun; needled before it, it may be written up."""
    pause = standing_pause(version.plan_id)
    if pause is None or appointment.status in NEEDLED:
        return None
    was_before = timezone.localdate(appointment.starts_at) < timezone.localdate(
        pause.begun_at
    )
    return None if was_before else pause


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
        "stopped_by",
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
    if session.signed_at is not None:
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
