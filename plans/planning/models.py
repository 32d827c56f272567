from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from patients.intake.models import Intake
from patients.records.models import Episode
from plans.catalogue.models import Acupoint


class Side(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both sides")
    MIDLINE = "midline", _("midline")


class Technique(models.TextChoices):
    """As in the engine's terms (`plans/engine/rules/terms.toml`)."""

    EVEN = "even", _("even reinforcing-reducing")
    REINFORCING = "reinforcing", _("reinforcing")
    REDUCING = "reducing", _("reducing")
    WARM_NEEDLE = "warm_needle", _("warm needle")
    REINFORCING_MOXA = "reinforcing_moxa", _("reinforcing, with moxa")
    ELECTRO = "electro", _("electroacupuncture")
    PRICKING = "pricking", _("pricking to bleed")
    CUPPING = "cupping", _("cupping")


class Position(models.TextChoices):
    """How the patient lies."""

    PRONE = "prone", _("prone")
    SUPINE = "supine", _("supine")
    SIDE = "side", _("on the side")
    ANY = "any", _("any position")


class Angle(models.TextChoices):
    PERPENDICULAR = "perpendicular", _("perpendicular")
    OBLIQUE = "oblique", _("oblique")
    TRANSVERSE = "transverse", _("transverse")


class Prescription(models.TextChoices):
    """When a plan alternates two prescriptions, in which of them a point stands."""

    EVERY = "every", _("every time")
    A = "a", _("prescription A")
    B = "b", _("prescription B")


class Response(models.TextChoices):
    """What the needling is to bring about (STRICTA item 2d)."""

    DE_QI = "de_qi", _("de qi")
    TWITCH = "twitch", _("muscle twitch")
    NONE = "none", _("none sought")


class Plan(models.Model):
    """The treatment of one episode. What it says stands in its versions."""

    episode = models.OneToOneField(Episode, models.PROTECT, related_name="plan")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanVersionQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(status=PlanVersion.Status.APPROVED)

    def of_open_episodes(self, patient_id: int):
        """The latest approved first."""
        found = self.filter(
            plan__episode__patient=patient_id, plan__episode__closed_on=None
        )
        return found.order_by("-approved_at")


class PlanVersion(models.Model):
    """A proposal as an acupuncturist edited it. Fixed once approved."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SUPERSEDED = "superseded", _("Superseded")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    intake = models.ForeignKey(Intake, models.PROTECT, related_name="plan_versions")
    proposal = models.JSONField(
        help_text="As the engine proposed it, with every reason as shown."
    )
    rules_version = models.CharField(max_length=250)

    sessions = models.PositiveSmallIntegerField(_("sessions"))
    per_week = models.PositiveSmallIntegerField(_("sessions a week"))
    retention_min = models.PositiveSmallIntegerField(_("retention (min)"))
    ashi = models.PositiveSmallIntegerField(_("Ashi points"), default=0)
    weekly = models.JSONField(
        _("sessions week by week"),
        default=list,
        blank=True,
        help_text="As [3, 3, 2, 2] in a course that tapers, else empty.",
    )
    goal = models.CharField(
        _("goal in the patient’s words"), max_length=300, blank=True
    )
    style = models.CharField(_("style of acupuncture"), max_length=80, blank=True)
    response_sought = models.CharField(
        _("response sought"), max_length=6, choices=Response, blank=True
    )
    needle = models.CharField(
        _("needle: diameter, length, make"), max_length=120, blank=True
    )
    setting = models.CharField(
        _("setting, and what the patient was told"), max_length=300, blank=True
    )
    note = models.TextField(_("note"), max_length=2000, blank=True)
    change_reason = models.CharField(
        _("reason for the change"), max_length=300, blank=True
    )

    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0)

    objects = PlanVersionQuerySet.as_manager()
    fixed = Fixed(
        "approved_version_is_fixed",
        when="{row}.status IN ('approved', 'superseded')",
        but=("status",),
        parts=("points",),
    )

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"], name="plan_version_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(status="draft"),
                name="plan_has_one_draft_at_most",
            ),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(status="approved"),
                name="plan_has_one_version_in_force",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="draft", approved_at__isnull=True, approved_by__isnull=True
                )
                | Q(
                    status__in=["approved", "superseded"],
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                ),
                name="plan_version_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(
                    per_week__range=(1, 3),
                    sessions__range=(1, 24),
                    retention_min__range=(0, 60),
                    ashi__range=(0, 6),
                ),
                name="plan_version_dose_in_range",
            ),
            models.CheckConstraint(
                condition=Q(response_sought__in=["", *Response.values]),
                name="plan_version_response_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} version {self.number}"


class PlanPoint(models.Model):
    class Origin(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ADDED = "added", _("added by the acupuncturist")

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="points")
    acupoint = models.ForeignKey(Acupoint, models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=7, choices=Side)
    depth_mm = models.PositiveSmallIntegerField(_("depth (mm)"))
    angle = models.CharField(_("angle"), max_length=13, choices=Angle)
    technique = models.CharField(_("technique"), max_length=16, choices=Technique)
    position = models.CharField(_("position"), max_length=6, choices=Position)
    prescription = models.CharField(
        _("prescription"),
        max_length=5,
        choices=Prescription,
        default=Prescription.EVERY,
    )
    order = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=8, choices=Origin)
    override_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["version", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "acupoint"], name="acupoint_once_per_plan_version"
            ),
            models.CheckConstraint(
                condition=Q(depth_mm__range=(0, 75)), name="plan_point_depth_in_range"
            ),
            models.CheckConstraint(
                condition=Q(
                    side__in=Side.values,
                    angle__in=Angle.values,
                    technique__in=Technique.values,
                    position__in=Position.values,
                    prescription__in=Prescription.values,
                ),
                name="plan_point_words_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.acupoint_id
