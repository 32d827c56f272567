from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from plans.patient_mode.queries import report_of
from plans.sessions.drafts import as_typed
from plans.sessions.forms import SessionForm, as_sent
from plans.sessions.queries import (
    entry_as_told,
    entry_of,
    ground_of,
    start_of,
)


class Desk:
    """What lies ready beside one appointment while it is written up."""

    def __init__(self, appointment, version, session=None, *, by):
        self.appointment = appointment
        self.version = version
        self.session = session
        self.report = report_of(appointment)
        paper = getattr(session, "paper", None)
        self.begun = start_of(
            version,
            before=appointment.starts_at,
            prescription=session.prescription if session else "",
        )
        self.start = self.begun.entry
        self.ground = ground_of(
            version,
            practitioner=paper.done_by if paper else by,
            day=timezone.localdate(appointment.starts_at),
        )

    @property
    def standing(self):
        return entry_of(self.session) if self.session else self.start

    def form(self, sent=None):
        """What stands, exactly as it was typed; or `sent` in its place."""
        if sent is None and self.session:
            sent = self._with_yeses(self.session.typed.get("sent"))
        revision = self.session.revision if self.session else 0
        known = {"revision": [str(revision)]}  # what is kept is kept without
        return SessionForm(
            None if sent is None else MultiValueDict(known | dict(sent)),
            entry=entry_as_told(self.standing, self.report),
            ground=self.ground,
            revision=revision,
            start=self.start.lines,
        )

    def _with_yeses(self, sent):
        """What was typed, and a yes of the patient's where no answer was."""
        if sent is None or self.report is None:
            return sent
        names = [f"safety-{name}" for name in self.report.yeses]
        unasked = ([], [""], ["unknown"])
        return sent | {n: ["yes"] for n in names if sent.get(n, []) in unasked}


def standing_form(desk):
    form = desk.form()
    return form if form.is_bound else desk.form(as_sent(desk.standing, 0))


def as_read(form):
    """The fields a form was sent with, in the words of an entry where it makes one."""
    sent = as_sent(form.entry, 0) if form.is_valid() else form.data
    return as_typed(sent.lists())
