import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.core.fixed import Fixed
from patients.records.models import Episode
from plans.outcomes.course import AgeBand, DurationBand, Stage


class CourseOutcome(models.Model):
    """What the outcomes count of one episode. Worked out, never written by hand.

    `services.rows` makes it from the records; see docs/decisions/0008. Lists are kept
    as words between bars, so that a filter looks for `|word|`.

    Numbers stand before words, and what is only filtered by comes last: PostgreSQL goes
    through a row from its beginning to the last column that is asked for.
    """

    episode = models.OneToOneField(
        Episode, models.CASCADE, primary_key=True, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        help_text="Who took the first intake.",
    )
    intake_at = models.DateTimeField(help_text="Of the first intake.")

    leg_base = models.FloatField(null=True)
    leg_week_4 = models.FloatField(null=True)
    leg_last = models.FloatField(null=True)
    back_base = models.FloatField(null=True)
    back_week_4 = models.FloatField(null=True)
    disability_base = models.FloatField(null=True)
    disability_week_4 = models.FloatField(null=True)

    begun_on = models.DateField(null=True, help_text="Day of the first session.")
    ends_on = models.DateField(null=True, help_text="The planned weeks are over then.")
    planned = models.PositiveSmallIntegerField(
        null=True, help_text="Sessions that the plan in force prescribes."
    )
    held = models.PositiveSmallIntegerField()
    scored = models.PositiveSmallIntegerField()
    no_shows = models.PositiveSmallIntegerField()
    late_cancels = models.PositiveSmallIntegerField()

    signed_late = models.PositiveSmallIntegerField()
    typed_late = models.PositiveSmallIntegerField(help_text="Of those, from paper.")
    odd_times = models.PositiveSmallIntegerField()
    corrected = models.PositiveSmallIntegerField()

    again = models.BooleanField(help_text="Not the patient’s first episode here.")
    age = models.CharField(max_length=8, choices=[(a, a) for a in AgeBand])
    sex = models.CharField(max_length=7)
    duration = models.CharField(max_length=8, choices=[(d, d) for d in DurationBand])
    stage = models.CharField(max_length=8, choices=[(s, s) for s in Stage])
    disability = models.CharField(max_length=12, help_text="A code of SCALES, or none.")

    phase = models.CharField(max_length=8, help_text="At the first intake.")
    patterns = models.CharField(max_length=200, help_text="Found at the first intake.")
    techniques = models.CharField(max_length=200, help_text="Of the first session.")
    points = models.TextField(help_text="Needled in the first session.")

    class Meta:
        indexes = [models.Index(fields=["intake_at"], name="course_outcome_by_day")]

    def __str__(self) -> str:
        return f"outcome of episode {self.episode_id}"


class OutcomeMark(models.Model):
    """An episode whose records changed since its outcome was worked out.

    Left by triggers, and many times over: who clears marks deletes those it saw, so one
    that is left meanwhile stays.
    """

    episode = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"mark of episode {self.episode}"


class TakeAway(models.Model):
    """Course by course taken out of the clinic: by whom, why, with names or without."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    with_names = models.BooleanField(_("with names"), default=False)
    chosen = models.JSONField(help_text="What was counted, as the form sent it.")
    submission = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    fixed = Fixed("take_away_is_written_once")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="take_away_has_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"take-away {self.pk}"
