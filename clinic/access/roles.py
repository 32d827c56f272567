"""Who may what: all rights of the app in one table."""

from enum import StrEnum
from functools import cache


class Role(StrEnum):
    ACUPUNCTURIST = "acupuncturist"
    FRONT_DESK = "front_desk"
    ADMIN = "admin"


class Permission(StrEnum):
    """`app.codename`, so that `perms.patients.view_patient` works in a template."""

    OWN_ACCOUNT = "clinic.own_account"
    MANAGE_STAFF = "clinic.manage_staff"
    VIEW_AUDIT = "clinic.view_audit"

    VIEW_PATIENT = "patients.view_patient"
    REGISTER_PATIENT = "patients.register_patient"
    VIEW_CLINICAL = "patients.view_clinical"
    TAKE_INTAKE = "patients.take_intake"

    VIEW_PLAN = "plans.view_plan"
    APPROVE_PLAN = "plans.approve_plan"
    VIEW_DIARY = "plans.view_diary"
    BOOK_COURSE = "plans.book_course"
    MANAGE_HOURS = "plans.manage_hours"
    LOG_SESSION = "plans.log_session"
    START_PATIENT_MODE = "plans.start_patient_mode"
    REVIEW_OUTCOMES = "plans.review_outcomes"
    TAKE_NAMES = "plans.take_names"


EVERYONE = frozenset({Permission.OWN_ACCOUNT})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ACUPUNCTURIST: EVERYONE
    | {
        Permission.VIEW_PATIENT,
        Permission.REGISTER_PATIENT,
        Permission.VIEW_CLINICAL,
        Permission.TAKE_INTAKE,
        Permission.VIEW_PLAN,
        Permission.APPROVE_PLAN,
        Permission.VIEW_DIARY,
        Permission.BOOK_COURSE,
        Permission.LOG_SESSION,
        Permission.START_PATIENT_MODE,
    },
    # The desk sees who comes when and how often, not why.
    Role.FRONT_DESK: EVERYONE
    | {
        Permission.VIEW_PATIENT,
        Permission.REGISTER_PATIENT,
        Permission.VIEW_DIARY,
        Permission.BOOK_COURSE,
        Permission.START_PATIENT_MODE,
    },
    Role.ADMIN: EVERYONE
    | {
        Permission.MANAGE_STAFF,
        Permission.VIEW_AUDIT,
        Permission.VIEW_PATIENT,
        Permission.VIEW_CLINICAL,
        Permission.VIEW_PLAN,
        Permission.VIEW_DIARY,
        Permission.MANAGE_HOURS,
        Permission.REVIEW_OUTCOMES,
        Permission.TAKE_NAMES,
    },
}


@cache
def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
