import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from plans.planning.models import Plan, PlanVersion
from plans.reviews import decisions

MOST_REACHED = 10


class Review(models.Model):
    """A look back on a course and what was decided. Written once.

    The numbers are those that were looked at; a later correction doesn't change them.
    """

    class Decision(models.TextChoices):
        CONTINUE = decisions.Decision.CONTINUE, _("continue")
        TAPER = decisions.Decision.TAPER, _("taper")
        CHANGE = decisions.Decision.CHANGE, _("change points or technique")
        REFER = decisions.Decision.REFER, _("refer")
        FINISH = decisions.Decision.FINISH, _("finish")

    class Standing(models.TextChoices):
        ON_TRACK = decisions.Standing.ON_TRACK, _("on track")
        WATCH = decisions.Standing.WATCH, _("watch")
        OFF_TRACK = decisions.Standing.OFF_TRACK, _("off track")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reviews")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="reviews")
    held_at = models.DateTimeField()
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    due_for = models.JSONField(help_text="Why it was due; empty where it was not.")
    attended = models.PositiveSmallIntegerField(help_text="Sessions had by then.")
    standing = models.CharField(max_length=9, choices=Standing)
    rules = models.JSONField(help_text="Ids of the rules that spoke.")
    leg_before = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    leg_now = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    goal = models.CharField(max_length=300, blank=True)
    goal_reached = models.PositiveSmallIntegerField(
        null=True, validators=[MaxValueValidator(MOST_REACHED)]
    )
    goal_words = models.CharField(max_length=300, blank=True)
    decision = models.CharField(max_length=8, choices=Decision)
    reason = models.CharField(max_length=300)
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed("review_is_written_once")

    class Meta:
        ordering = ["-held_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    decision__in=[each.value for each in decisions.Decision],
                    standing__in=[each.value for each in decisions.Standing],
                ),
                name="review_words_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="review_says_its_reason"
            ),
            models.CheckConstraint(
                condition=Q(goal_reached=None)
                | Q(goal_reached__range=(0, MOST_REACHED)),
                name="review_goal_from_0_to_10",
            ),
        ]
        indexes = [
            models.Index(fields=["plan", "-held_at"], name="review_by_plan_and_time")
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"
