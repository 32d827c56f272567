import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.core.fixed import Fixed
from patients.records.models import Episode
from plans.adverse.rules import GRADES, INFECTIOUS, KINDS, OTHER, TRAUMATIC
from plans.catalogue.models import Acupoint
from plans.sessions.models import Session

GROUP_WORDS = {
    TRAUMATIC: _("Injury"),
    INFECTIOUS: _("Infection"),
    OTHER: pgettext_lazy("adverse event", "Other"),
}
KIND_WORDS = {
    "bleeding": _("bleeding"),
    "haematoma": _("haematoma"),
    "needling_pain": _("pain from the needle"),
    "broken_needle": _("broken needle"),
    "pneumothorax": _("pneumothorax, suspected or found"),
    "nerve_injury": _("injury of a nerve"),
    "spinal_injury": _("injury of the spinal cord"),
    "organ_injury": _("injury of an organ"),
    "vessel_injury": _("injury of a vessel"),
    "local_infection": _("local infection"),
    "abscess": _("abscess"),
    "septic_arthritis": _("septic arthritis"),
    "hepatitis": _("hepatitis"),
    "fainting": _("fainting"),
    "tiredness": _("tiredness"),
    "drowsiness": _("drowsiness"),
    "aggravation": _("complaint made worse"),
    "headache": _("headache"),
    "nausea": _("nausea"),
    "allergy": _("allergy, contact dermatitis"),
    "burn": _("burn"),
    "stuck_needle": _("stuck needle"),
    "forgotten_needle": _("forgotten needle"),
    "other": _("something else"),
}
# Recalled, after the grading used in trials; no source was read.
GRADE_WORDS = {
    1: _("1 – mild, no treatment"),
    2: _("2 – moderate, little local treatment"),
    3: _("3 – severe, hospital or disabling"),
    4: _("4 – life-threatening"),
    5: _("5 – death"),
}


class Timing(models.TextChoices):
    NEEDLING = "needling", _("while needling")
    IN_PLACE = "in_place", _("while the needles were in")
    REMOVAL = "removal", _("as the needles came out")
    DAY = "day", _("within a day")
    LATER = "later", _("later")


class Relation(models.TextChoices):
    CERTAIN = "certain", _("certain")
    PROBABLE = "probable", _("probable")
    POSSIBLE = "possible", _("possible")
    UNLIKELY = "unlikely", _("unlikely")


class Outcome(models.TextChoices):
    RECOVERED = "recovered", _("recovered")
    RECOVERING = "recovering", _("recovering")
    NOT_RECOVERED = "not_recovered", _("not recovered")
    LASTING = "lasting", _("recovered with lasting harm")
    DIED = "died", _("died")
    UNKNOWN = "unknown", pgettext_lazy("outcome", "not known")


class AdverseEventQuerySet(models.QuerySet):
    def current(self):
        """Without those that a later entry corrects."""
        return self.filter(corrected_by=None)

    def counted(self):
        """As they stand now, but for those of a session entered in error: they are
        recorded anew for the patient whom they happened to.
        """
        return self.current().filter(
            Q(session=None) | ~Q(session__status=Session.Status.ERROR)
        )


class AdverseEvent(models.Model):
    """Harm during or after needling. Written once; a correction is a new row."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="adverse_events")
    session = models.ForeignKey(
        Session,
        models.PROTECT,
        null=True,
        related_name="adverse_events",
        help_text="Empty: told of later, of no session in particular.",
    )
    kind = models.CharField(_("what happened"), max_length=20)
    grade = models.PositiveSmallIntegerField(_("grade"))
    happened_on = models.DateField(_("on"))
    timing = models.CharField(_("when"), max_length=8, choices=Timing)
    acupoint = models.ForeignKey(
        Acupoint, models.PROTECT, null=True, related_name="+", verbose_name=_("point")
    )
    relation = models.CharField(
        _("caused by the needling"), max_length=8, choices=Relation
    )
    description = models.TextField(_("in words"), max_length=2000)
    action = models.CharField(_("what was done"), max_length=500)
    outcome = models.CharField(_("outcome"), max_length=13, choices=Outcome)
    reported_to = models.CharField(_("reported to"), max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by"
    )
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = AdverseEventQuerySet.as_manager()
    fixed = Fixed("adverse_event_is_written_once")

    class Meta:
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=sorted(KINDS),
                    grade__range=(min(GRADES), max(GRADES)),
                    timing__in=Timing.values,
                    relation__in=Relation.values,
                    outcome__in=Outcome.values,
                ),
                name="adverse_event_words_are_known",
            ),
            models.CheckConstraint(
                condition=Q(grade=5, outcome="died")
                | (Q(grade__lt=5) & ~Q(outcome="died")),
                name="adverse_event_of_grade_5_is_a_death",
            ),
        ]
        indexes = [
            models.Index(
                fields=["episode", "-happened_on"], name="adverse_event_by_episode"
            )
        ]

    def __str__(self) -> str:
        return f"adverse event {self.pk}"

    @property
    def is_in_error(self) -> bool:
        """Its session was entered in error, so it counts nowhere."""
        return bool(self.session and self.session.status == Session.Status.ERROR)
