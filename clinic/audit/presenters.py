from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.audit.models import AuditEvent

ACTIONS = {
    "add_closure": _("added a closure"),
    "add_member": _("added a colleague"),
    "amend_session": _("amended a session"),
    "annotate_score": _("wrote a note beside a score"),
    "approve_plan": _("approved a plan"),
    "book_appointment": _("booked an appointment"),
    "book_course": _("booked a course"),
    "change_member": _("changed a colleague’s rights"),
    "change_own_password": _("changed their password"),
    "close_episode": _("closed an episode"),
    "complete_intake": _("completed an intake"),
    "correct_adverse_event": _("corrected an adverse event"),
    "correct_patient": _("corrected a patient’s details"),
    "correct_score": _("corrected a score"),
    "correct_session": _("marked a session as entered in error"),
    "delete_combination": _("deleted a combination of points"),
    "draft_plan": _("drafted a plan"),
    "end_calendar_address": _("ended a calendar address"),
    "end_patient_mode": _("took a tablet back from patient mode"),
    "fetch_courses": _("fetched the file of the outcomes course by course"),
    "hold_review": _("held a review"),
    "hold_place": _("kept a place for somebody"),
    "pause_plan": _("paused a plan"),
    "join_wait_list": _("put somebody on the wait list"),
    "leave_wait_list": _("took somebody off the wait list"),
    "let_hold_go": _("let a kept place go"),
    "lapse_clearance": _("let a clearance lapse"),
    "resume_plan": _("let a paused plan go on"),
    "lock_patient_mode": _("locked a tablet after wrong birth dates"),
    "make_calendar_address": _("made a calendar address"),
    "move_appointment": _("moved an appointment"),
    "note_flare_up": _("noted a flare-up"),
    "open_episode": _("opened an episode"),
    "open_record": _("opened a record"),
    "open_paper": _("began to type in a session from paper"),
    "open_session": _("began a session"),
    "print_calendar": _("opened a patient’s calendar"),
    "print_clinical_sheet": _("opened a clinical sheet"),
    "print_desk_sheet": _("opened the desk’s day sheet"),
    "print_patient_sheet": _("opened a patient’s page"),
    "print_referral": _("opened a referral letter"),
    "print_review": _("opened a review to print"),
    "print_stricta": _("opened a STRICTA table"),
    "record_adverse_event": _("recorded an adverse event"),
    "record_clearance": _("recorded a clearance"),
    "record_score": _("recorded a score"),
    "register_patient": _("registered a patient"),
    "remove_closure": _("removed a closure"),
    "propose_anew": _("proposed a draft plan anew"),
    "reopen_episode": _("opened an episode again"),
    "receive_session": _("moved a session to the right patient"),
    "retry_message": _("let a message be sent once more"),
    "revise_plan": _("began a new version of a plan"),
    "save_bed": _("changed a bed"),
    "save_combination": _("saved a combination of points"),
    "save_draft": _("saved a draft plan"),
    "save_session": _("saved a session"),
    "send_message": _("sent a message"),
    "set_day_hours": _("set the hours of one day"),
    "set_hours": _("set working hours"),
    "set_preferences": _("set their preferences"),
    "set_status": _("set an appointment’s status"),
    "set_visit_length": _("set the length of a visit"),
    "shift_course": _("shifted the rest of a course"),
    "start_clock": _("started a clock on a bed"),
    "stop_clock": _("stopped a clock on a bed"),
    "add_minutes": _("added minutes to a clock on a bed"),
    "stop_session": _("stopped a session before needling"),
    "sign_session": _("signed a session"),
    "start_patient_mode": _("put a tablet into patient mode"),
    "take_courses": _("took the outcomes out course by course"),
    "take_intake": _("took an intake"),
    "take_over": _("took over a patient"),
    "tell_before_visit": _("took a patient’s answers from a tablet"),
    "tell_by_phone": _("told a patient by phone"),
    "withdraw_score": _("withdrew a score"),
    "withdraw_flare_up": _("withdrew a flare-up noted in error"),
}


@dataclass(frozen=True)
class Row:
    at: datetime
    who: str
    deed: str
    patient: int | None
    patient_url: str
    details: str


def row(event: AuditEvent) -> Row:
    """An event in words. Details are codes and numbers, never a name."""
    return Row(
        at=event.at,
        who=str(event.by) if event.by else _("the system"),
        deed=ACTIONS.get(event.action, event.action),
        patient=event.patient_id,
        patient_url=reverse("patient", args=[event.patient_id])
        if event.patient_id
        else "",
        details=" · ".join(
            [
                f"{event.subject_type} {event.subject_id}",
                *(
                    f"{name}: {in_short(value)}"
                    for name, value in event.details.items()
                ),
            ]
        ),
    )


def told(event: AuditEvent) -> list[str]:
    return [f"{name}: {in_short(value)}" for name, value in event.details.items()]


def in_short(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
