from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.fixed import Fixed
from patients.measures.models import Score
from plans.catalogue.models import Acupoint
from plans.planning.models import PlanVersion, Prescription, Side, Technique
from plans.scheduling.models import Appointment
from plans.sessions.changes import ADDED, CHANGED, DROPPED

# Only what a correction says was entered in error lets go of its appointment.
CORRECTED = (
    "EXISTS (SELECT 1 FROM plans_correction made WHERE made.session_id = OLD.id "
    "AND made.appointment_id = OLD.appointment_id)"
)


class Session(models.Model):
    """What was done at one appointment. Fixed once signed; see `Amendment`, and
    `Correction` for one that was logged for the wrong patient.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SIGNED = "signed", _("Signed")
        STOPPED = "stopped", _("Stopped before needling")
        ERROR = "error", _("Entered in error")

    # Nothing is left to write.
    WRITTEN = (Status.SIGNED, Status.STOPPED)

    appointment = models.OneToOneField(
        Appointment,
        models.PROTECT,
        null=True,
        related_name="session",
        help_text="Empty: entered in error; see its correction.",
    )
    plan_version = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="treated"
    )
    prescription = models.CharField(
        _("prescription"),
        max_length=5,
        choices=Prescription,
        default=Prescription.EVERY,
        help_text="Which of two alternating prescriptions was treated by.",
    )
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    started_at = models.DateTimeField()
    retention_min = models.PositiveSmallIntegerField(_("retention (min)"))
    needles_in = models.PositiveSmallIntegerField(_("needles in"), null=True)
    needles_out = models.PositiveSmallIntegerField(_("needles out"), null=True)
    incident = models.TextField(
        _("incident"),
        max_length=1000,
        blank=True,
        help_text="What became of needles that were not as many out as in.",
    )
    checklist = models.CharField(
        _("aseptic checklist"),
        max_length=10,
        blank=True,
        help_text="The version that was confirmed by signing.",
    )
    exceptions = models.JSONField(
        default=dict, help_text="Where the checklist was not kept, by its items."
    )
    safety = models.JSONField(
        default=dict, help_text="Answers to the short screen; absent is unknown."
    )
    no_score_reason = models.CharField(
        _("why there is no score"), max_length=200, blank=True
    )
    note = models.TextField(_("note"), max_length=4000, blank=True)
    typed = models.JSONField(
        default=dict,
        help_text="What a draft holds that is no row yet: scores, unclear words, "
        "the fields as they were sent, the page that sent them.",
    )
    scores = models.ManyToManyField(Score, related_name="sessions")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    stopped_for = models.CharField(
        max_length=100, blank=True, help_text="The red flags that ended it."
    )
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0)
    compared_with = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What its changes count from; empty: the plan.",
    )

    fixed = Fixed(
        "signed_session_is_fixed",
        when="{row}.status <> 'draft'",
        parts=("needlings", "scores", "changes", "stimulations"),
        unless={
            "status": "OLD.status IN ('signed', 'stopped') AND NEW.status = 'error' "
            f"AND {CORRECTED}",
            "appointment_id": f"NEW.appointment_id IS NULL AND {CORRECTED}",
        },
    )

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", signed_at=None, signed_by=None)
                | Q(
                    status="signed",
                    signed_at__isnull=False,
                    signed_by__isnull=False,
                    needles_in__isnull=False,
                    needles_out__isnull=False,
                )
                & ~Q(checklist="")
                | Q(status="stopped", signed_at=None, signed_by=None)
                | Q(status="error"),
                name="signed_session_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(
                    Q(needles_in=None) | Q(needles_in=0),
                    Q(needles_out=None) | Q(needles_out=0),
                    status="stopped",
                    stopped_at__isnull=False,
                    stopped_by__isnull=False,
                )
                & ~Q(stopped_for="")
                | Q(
                    status__in=["draft", "signed"],
                    stopped_at=None,
                    stopped_by=None,
                    stopped_for="",
                )
                | Q(status="error"),
                name="stopped_session_says_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=Q(status="error", appointment=None)
                | ~Q(status="error") & Q(appointment__isnull=False),
                name="only_an_error_has_no_appointment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "stopped", "error"])
                | Q(needles_out=F("needles_in"))
                | ~Q(incident=""),
                name="needles_differ_only_with_an_incident_note",
            ),
            models.CheckConstraint(
                condition=Q(prescription__in=Prescription.values),
                name="session_prescription_is_known",
            ),
            models.CheckConstraint(
                condition=Q(retention_min__range=(0, 90)),
                name="session_retention_in_range",
            ),
            models.CheckConstraint(
                condition=Q(saved_at=None, saved_by=None)
                | Q(saved_at__isnull=False, saved_by__isnull=False),
                name="session_saved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def is_written(self) -> bool:
        return self.status in self.WRITTEN

    @property
    def written_for(self) -> Appointment:
        """The appointment it was written up for, by mistake or not."""
        return self.appointment or self.correction.appointment


class Needling(models.Model):
    """One point in one session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="needlings")
    acupoint = models.ForeignKey(Acupoint, models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=7, choices=Side)
    depth_mm = models.PositiveSmallIntegerField(_("depth (mm)"))
    technique = models.CharField(_("technique"), max_length=16, choices=Technique)
    count = models.PositiveSmallIntegerField(
        _("number"), default=1, help_text="Of tender points; 1 for a point with a code."
    )
    order = models.PositiveSmallIntegerField()
    de_qi = models.BooleanField(_("de qi"), null=True)
    reason = models.CharField(
        _("reason"),
        max_length=300,
        blank=True,
        help_text="Why a caution was overruled.",
    )
    pair = models.PositiveSmallIntegerField(
        _("pair"), null=True, help_text="Joined by a current with its like."
    )

    class Meta:
        ordering = ["session", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "acupoint"], name="acupoint_once_per_session"
            ),
            models.CheckConstraint(
                condition=Q(depth_mm__range=(0, 75)), name="needling_depth_in_range"
            ),
            models.CheckConstraint(
                condition=Q(side__in=Side.values, technique__in=Technique.values),
                name="needling_words_are_known",
            ),
            models.CheckConstraint(
                condition=Q(count=1) | Q(acupoint="ASHI", count__range=(1, 9)),
                name="only_ashi_is_counted",
            ),
            models.CheckConstraint(
                condition=Q(pair=None) | Q(pair__range=(1, 4), technique="electro"),
                name="needling_pair_has_a_current",
            ),
        ]

    def __str__(self) -> str:
        return self.acupoint_id


class Stimulation(models.Model):
    """How electro, moxa or cupping was set in a session."""

    class Kind(models.TextChoices):
        ELECTRO = "electro", _("electro")
        MOXA = "moxa", _("moxa")
        CUPPING = "cupping", _("cupping")

    class Felt(models.TextChoices):
        NOTHING = "nothing", _("not felt")
        JUST = "just", _("just felt")
        STRONG = "strong", _("strong, comfortable")

    session = models.ForeignKey(Session, models.CASCADE, related_name="stimulations")
    kind = models.CharField(max_length=7, choices=Kind)
    form = models.CharField(max_length=14)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True)
    hz = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    hz_high = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    milliamps = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    felt = models.CharField(_("felt"), max_length=7, choices=Felt, blank=True)
    cones = models.PositiveSmallIntegerField(_("cones"), null=True)
    where = models.CharField(_("where"), max_length=100, blank=True)

    class Meta:
        ordering = ["session", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind"], name="stimulation_once_per_session_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="electro", hz__isnull=False, hz__gt=0, cones=None, where=""
                )
                & (Q(hz_high=None) | Q(hz_high__gt=F("hz")))
                | Q(
                    kind="moxa",
                    hz=None,
                    hz_high=None,
                    milliamps=None,
                    felt="",
                    where="",
                )
                | Q(
                    kind="cupping",
                    hz=None,
                    hz_high=None,
                    milliamps=None,
                    felt="",
                    cones=None,
                ),
                name="stimulation_has_what_its_kind_has",
            ),
            models.CheckConstraint(
                condition=Q(felt__in=["", "nothing", "just", "strong"]) & ~Q(form=""),
                name="stimulation_words_are_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.form}"


class PointChange(models.Model):
    """A point that was other in a session than the time before, and why.

    Side, depth and technique are as they were; empty for a point that was added.
    """

    class Kind(models.TextChoices):
        ADDED = ADDED, _("added")
        DROPPED = DROPPED, _("left out")
        CHANGED = CHANGED, _("changed")

    class Reason(models.TextChoices):
        TENDER = "tender", _("tender today")
        NO_RESPONSE = "no_response", _("no response last time")
        BETTER = "better", _("no longer needed")
        WISH = "wish", _("patient’s wish")
        FINDING = "finding", _("new finding")
        OTHER = "other", pgettext_lazy("reason", "other")

    session = models.ForeignKey(Session, models.CASCADE, related_name="changes")
    acupoint = models.ForeignKey(Acupoint, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    side = models.CharField(max_length=7, choices=Side, blank=True)
    depth_mm = models.PositiveSmallIntegerField(null=True)
    technique = models.CharField(max_length=16, choices=Technique, blank=True)
    order = models.PositiveSmallIntegerField()
    reason = models.CharField(
        _("reason"), max_length=11, choices=Reason, blank=True, help_text="Optional."
    )
    words = models.CharField(_("in words"), max_length=200, blank=True)

    class Meta:
        ordering = ["session", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "acupoint"], name="acupoint_changed_once_per_session"
            ),
            models.CheckConstraint(
                condition=Q(kind="added", side="", depth_mm=None, technique="")
                | Q(
                    kind__in=["dropped", "changed"],
                    side__in=Side.values,
                    depth_mm__isnull=False,
                    technique__in=Technique.values,
                ),
                name="point_change_says_what_was_before",
            ),
            models.CheckConstraint(
                condition=(Q(reason="other") & ~Q(words=""))
                | Q(
                    reason__in=[
                        *("", "tender", "no_response", "better", "wish", "finding")
                    ],
                    words="",
                ),
                name="point_change_gives_words_where_no_reason_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.acupoint_id}"
