"""Appointments and what was done at them, collected and written in one go.

There are thousands of these rows, so they don't pass through the services one by one;
the tests of the demo ask the rules of those services about each of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from clinic.accounts.models import User
from clinic.audit.models import AuditEvent
from clinic.management.demo.stories import Harm
from patients.intake.screen import SHORT_SCREEN, screen_session
from patients.measures.models import Score
from patients.records.models import Episode
from plans.planning.models import PlanVersion
from plans.reviews.models import Review
from plans.scheduling.models import Appointment, StatusChange
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.entry import SCORES, Line
from plans.sessions.models import Amendment, Needling, Session, Stimulation
from plans.sessions.stimulation import used

ALL_NO = dict.fromkeys(SHORT_SCREEN, False)
FEVER = ALL_NO | {"fever_unwell": True}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "electro": {"form": "dense_disperse", "hz": 2, "hz_high": 100, "minutes": 20},
    "moxa": {"form": "needle", "minutes": 20},
    "cupping": {"form": "fixed", "minutes": 10},
}
SIGNED_AFTER = timedelta(minutes=4)
SessionScore = Session.scores.through


@dataclass
class Visits:
    """Rows not yet written; those that others point to stand first."""

    appointments: list[Appointment] = field(default_factory=list)
    status_changes: list[StatusChange] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    needlings: list[Needling] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    session_scores: list[Any] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    stimulations: list[Stimulation] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    harms: list[tuple[Appointment, Harm]] = field(default_factory=list)
    flare_ups: list[Appointment] = field(default_factory=list)
    deeds: list[tuple[datetime, str, User, models.Model, int, dict]] = field(
        default_factory=list
    )

    def did(
        self,
        action: str,
        *,
        at: datetime,
        by: User,
        subject: models.Model,
        patient_id: int,
        **details: object,
    ) -> None:
        """As `clinic.audit.services.record`; the subject need not be written yet."""
        self.deeds.append((at, action, by, subject, patient_id, details))

    def book(self, appointment: Appointment) -> None:
        self.appointments.append(appointment)
        self._step(appointment, by=appointment.created_by)

    def _step(self, appointment: Appointment, *, by: User) -> None:
        self.status_changes.append(
            StatusChange(
                appointment=appointment,
                revision=appointment.revision,
                status=appointment.status,
                at=appointment.status_since,
                by=by,
            )
        )

    def follow(self, appointment: Appointment, *, by: User, was: str) -> None:
        """Keep and audit that the status of a visit changed when it says it did."""
        self._step(appointment, by=by)
        self.did(
            "set_status",
            at=appointment.status_since,
            by=by,
            subject=appointment,
            patient_id=appointment.patient_id,
            was=was,
            now=appointment.status,
        )

    def open(
        self,
        appointment: Appointment,
        version: PlanVersion,
        lines: Sequence[Line],
        *,
        prescription: str,
    ) -> Session:
        session = Session(
            appointment=appointment,
            plan_version=version,
            prescription=prescription,
            started_at=appointment.starts_at,
            retention_min=version.retention_min,
        )
        self.sessions.append(session)
        self.needlings += (
            Needling(
                session=session,
                acupoint_id=line.code,
                side=line.side,
                depth_mm=line.depth_mm,
                technique=line.technique,
                order=order,
                de_qi=line.de_qi,
            )
            for order, line in enumerate(lines)
        )
        self.stimulations += (
            Stimulation(session=session, kind=kind.id, **SETTINGS[kind.id])
            for kind in used(lines)
        )
        self.did(
            "open_session",
            at=appointment.starts_at,
            by=appointment.practitioner,
            subject=session,
            patient_id=appointment.patient_id,
        )
        return session

    def sign(
        self,
        session: Session,
        scores: Mapping[str, int],
        *,
        needles: int,
        note: str,
        no_score_reason: str,
    ) -> None:
        """Complete and fix a session; the reason counts where there are no scores."""
        appointment = session.written_for
        by, at = appointment.practitioner, appointment.ends_at + SIGNED_AFTER
        session.status = Session.Status.SIGNED
        session.needles_in = session.needles_out = needles
        session.safety = ALL_NO
        session.checklist = CHECKLIST.version
        session.note = note
        session.no_score_reason = "" if scores else no_score_reason
        session.signed_at, session.signed_by = at, by
        session.revision = 1
        episode = session.plan_version.plan.episode
        moments = {"before": appointment.starts_at, "after": appointment.ends_at}
        for name, value in scores.items():
            scale, moment = SCORES[name]
            score = self.measure(
                episode, scale, value, moment=moment, taken_at=moments[moment], by=by
            )
            self.session_scores.append(SessionScore(session=session, score=score))
        self.did(
            "sign_session",
            at=at,
            by=by,
            subject=session,
            patient_id=appointment.patient_id,
            needles=needles,
            scores=sorted(scores),
        )

    def stop(self, session: Session) -> None:
        """A fever is told of before needling, and none follows."""
        visit = session.written_for
        by, at = visit.practitioner, visit.status_since
        flags = [found.rule.id for found in screen_session({}, FEVER).raised]
        session.status = Session.Status.STOPPED
        session.safety = FEVER
        session.stopped_at, session.stopped_by = at, by
        session.stopped_for = " ".join(flags)
        self.did(
            "stop_session",
            at=at,
            by=by,
            subject=session,
            patient_id=visit.patient_id,
            flags=flags,
        )

    def measure(
        self,
        episode: Episode,
        scale: str,
        value: int,
        *,
        moment: str,
        taken_at: datetime,
        by: User,
    ) -> Score:
        score = Score(
            episode=episode,
            scale=scale,
            value=value,
            moment=moment,
            taken_at=taken_at,
            entered_by=by,
        )
        self.scores.append(score)
        self.did(
            "record_score",
            at=taken_at,
            by=by,
            subject=score,
            patient_id=episode.patient_id,
            scale=scale,
            value=str(value),
            moment=moment,
        )
        return score

    def review(self, review: Review) -> None:
        self.reviews.append(review)
        self.did(
            "hold_review",
            at=review.held_at,
            by=review.held_by,
            subject=review,
            patient_id=review.plan.episode.patient_id,
            decision=review.decision,
            standing=review.standing,
        )

    def write(self) -> None:
        Appointment.objects.bulk_create(self.appointments)
        StatusChange.objects.bulk_create(self.status_changes)
        Session.objects.bulk_create(self.sessions)
        Needling.objects.bulk_create(self.needlings)
        Stimulation.objects.bulk_create(self.stimulations)
        Score.objects.bulk_create(self.scores)
        SessionScore.objects.bulk_create(self.session_scores)
        Amendment.objects.bulk_create(self.amendments)
        Review.objects.bulk_create(self.reviews)
        AuditEvent.objects.bulk_create(
            AuditEvent(
                at=at,
                by=by,
                action=action,
                subject_type=subject._meta.model_name or "",
                subject_id=str(subject.pk),
                patient_id=patient_id,
                details=details,
            )
            for at, action, by, subject, patient_id, details in sorted(
                self.deeds, key=lambda deed: deed[0]
            )
        )
