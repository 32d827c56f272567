"""Rows for tests: the test names what it is about, the rest is filled in."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from time import time as seconds

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.services import role_flags
from patients.intake.models import Intake
from patients.records.models import Episode, Patient
from plans.engine.proposal import Proposal, proposal_to_json
from plans.planning.models import Plan, PlanPoint, PlanVersion
from plans.scheduling.models import Appointment, Bed, WorkingHours
from plans.scheduling.statuses import FREED

MONDAY_NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
numbers = count(1)


def make_user(*roles, **fields):
    number = next(numbers)
    defaults = {"username": f"user{number}", "name": f"Una User {number}"}
    flags = role_flags(frozenset(roles or {Role.ACUPUNCTURIST}))
    user = User(**flags | defaults | fields)
    user.set_password("a-long-password")
    user.save()
    return user


def sign_in(client, *roles, **fields):
    """Somebody at work: their session was kept alive within the last minute."""
    user = make_user(*roles, **fields)
    client.force_login(user)
    session = client.session
    session["seen"] = int(seconds())
    session.save()
    return user


def make_patient(**fields):
    defaults = {
        "given_name": "Ana",
        "family_name": "Reyes",
        "birth_date": date(1980, 1, 1),
        "sex": Patient.Sex.FEMALE,
        "registered_at": MONDAY_NINE,
    }
    return Patient.objects.create(**defaults | fields)


def make_episode(**fields):
    defaults = {
        "complaint": "Sciatica",
        "opened_on": MONDAY_NINE.date(),
        "onset_on": MONDAY_NINE.date() - timedelta(weeks=20),
    }
    if "patient" not in fields:
        defaults["patient"] = make_patient()
    return Episode.objects.create(**defaults | fields)


def make_intake(**fields):
    defaults = {
        "taken_at": MONDAY_NINE,
        "answers": {},
        "questionnaire_version": "1",
        "screen": Intake.Screen.CLEAR,
        "screen_version": "1",
    }
    if "episode" not in fields:
        defaults["episode"] = make_episode()
    if "taken_by" not in fields:
        defaults["taken_by"] = make_user()
    return Intake.objects.create(**defaults | fields)


def settle(row, **fields):
    """Approve or sign: last of all, since what belongs to the row is fixed with it."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    return row


NOTHING_SAID = proposal_to_json(
    Proposal(
        blocked=(),
        points=(),
        ashi=None,
        removed=(),
        cautions=(),
        dose=None,
        open_facts=(),
        channels=(),
        position="any",
        position_note=None,
        notes=(),
        rules_version="test",
    )
)


def make_plan(*, episode=None, codes=("GB30", "BL40"), letters=None, **fields):
    """An approved plan, first version; returns the version.

    `letters` by code: the prescription, where two alternate.
    """
    intake = fields.pop("intake", None) or make_intake(
        episode=episode or make_episode()
    )
    plan = Plan.objects.create(episode=intake.episode, opened_at=MONDAY_NINE)
    approval = {
        "status": PlanVersion.Status.APPROVED,
        "approved_at": MONDAY_NINE,
        "approved_by": intake.taken_by,
    }
    approval |= {name: fields.pop(name) for name in approval if name in fields}
    defaults = {
        "number": 1,
        "proposal": NOTHING_SAID,
        "rules_version": "test",
        "sessions": 8,
        "per_week": 2,
        "retention_min": 30,
        "created_at": MONDAY_NINE,
        "created_by": intake.taken_by,
    }
    version = PlanVersion.objects.create(plan=plan, intake=intake, **defaults | fields)
    PlanPoint.objects.bulk_create(
        PlanPoint(
            version=version,
            acupoint_id=code,
            side="right",
            depth_mm=20,
            angle="perpendicular",
            technique="even",
            position="prone",
            prescription=(letters or {}).get(code, "every"),
            order=order,
            origin="proposed",
        )
        for order, code in enumerate(codes)
    )
    return settle(version, **approval)


def make_bed(**fields):
    number = next(numbers)
    return Bed.objects.create(**{"name": f"Bed {number}", "order": number} | fields)


def make_hours(practitioner, *, days=range(5), opens=time(9), closes=time(18)):
    """The same hours on each of the days; Monday is 0."""
    return WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=practitioner, weekday=day, starts=opens, ends=closes)
        for day in days
    )


def make_appointment(*, minutes=45, needling=15, **fields):
    """A treatment of 45 minutes, 15 of them the practitioner's, on its own bed."""
    defaults = {
        "kind": Appointment.Kind.TREATMENT,
        "starts_at": MONDAY_NINE,
        "created_at": MONDAY_NINE,
        "status_since": MONDAY_NINE,
    }
    values = defaults | fields
    if values.get("status") in FREED:
        values.setdefault("cancel_reason", "Ill")
    values.setdefault(
        "needling_ends_at", values["starts_at"] + timedelta(minutes=needling)
    )
    values.setdefault("ends_at", values["starts_at"] + timedelta(minutes=minutes))
    for name, make in (
        ("patient", make_patient),
        ("practitioner", make_user),
        ("bed", make_bed),
    ):
        if name not in values:
            values[name] = make()
    values.setdefault("created_by", values["practitioner"])
    return Appointment.objects.create(**values)
