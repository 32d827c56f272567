from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.services import record
from clinic.core.conflicts import Stale
from patients.records.models import Episode, Patient, SearchTerm
from patients.records.names import patient_terms


@transaction.atomic
def register_patient(
    *,
    by: User | None,
    submission: UUID,
    now: datetime,
    family_name: str,
    birth_date: date,
    sex: str,
    given_name: str = "",
    preferred_name: str = "",
    phone: str = "",
    email: str = "",
    language: str = "en",
    reminders_by_email: bool = False,
    emergency_name: str = "",
    emergency_phone: str = "",
    alerts: str = "",
) -> Patient:
    """The same submission sent twice gives the patient that the first one made."""
    patient, is_new = Patient.objects.get_or_create(
        submission=submission,
        defaults={
            "family_name": family_name,
            "given_name": given_name,
            "preferred_name": preferred_name,
            "birth_date": birth_date,
            "sex": sex,
            "phone": phone,
            "email": email,
            "language": language,
            "reminders_by_email": reminders_by_email,
            "emergency_name": emergency_name,
            "emergency_phone": emergency_phone,
            "alerts": alerts,
            "registered_at": now,
        },
    )
    if is_new:
        keep_search_terms(patient)
        record("register_patient", by=by, subject=patient, patient_id=patient.pk)
    return patient


@transaction.atomic
def correct_patient(
    *, by: User, patient: Patient, revision: int, **fields: object
) -> Patient:
    """Write the given fields over the row as it was at `revision`.

    Raises Stale when somebody corrected the patient since.
    """
    changed = sorted(name for name in fields if fields[name] != getattr(patient, name))
    if not changed and patient.revision == revision:
        return patient
    rows = Patient.objects.filter(pk=patient.pk, revision=revision)
    if not rows.update(revision=revision + 1, **fields):
        raise Stale
    patient.refresh_from_db()
    keep_search_terms(patient)
    record(
        "correct_patient",
        by=by,
        subject=patient,
        patient_id=patient.pk,
        fields=changed,
        revision=patient.revision,
    )
    return patient


def keep_search_terms(patient: Patient) -> None:
    """Bring the patient's search terms into line with the names and the phone."""
    wanted = patient_terms(
        patient.family_name, patient.given_name, patient.preferred_name, patient.phone
    )
    patient.search_terms.exclude(term__in=wanted).delete()
    SearchTerm.objects.bulk_create(
        (SearchTerm(patient=patient, term=term) for term in sorted(wanted)),
        ignore_conflicts=True,
    )


@transaction.atomic
def open_episode(
    *,
    by: User,
    patient: Patient,
    complaint: str,
    onset_on: date | None,
    on: date,
    submission: UUID,
) -> Episode:
    """The same submission sent twice gives the episode that the first one opened."""
    episode, is_new = Episode.objects.get_or_create(
        submission=submission,
        defaults={
            "patient": patient,
            "complaint": complaint,
            "onset_on": onset_on,
            "opened_on": on,
        },
    )
    if is_new:
        record("open_episode", by=by, subject=episode, patient_id=patient.pk)
    return episode


@transaction.atomic
def close_episode(*, by: User, episode: Episode, on: date) -> None:
    """Closing a closed episode changes nothing: the first day stands."""
    if Episode.objects.open().filter(pk=episode.pk).update(closed_on=on):
        record(
            "close_episode",
            by=by,
            subject=episode,
            patient_id=episode.patient_id,
            on=on.isoformat(),
        )
    episode.refresh_from_db()


@transaction.atomic
def reopen_episode(*, by: User, episode: Episode) -> None:
    closed = Episode.objects.filter(pk=episode.pk, closed_on__isnull=False)
    if closed.update(closed_on=None):
        record("reopen_episode", by=by, subject=episode, patient_id=episode.patient_id)
    episode.refresh_from_db()
