from django.db import models
from django.db.models import CheckConstraint, F, Q

from plans.catalogue.points import DEEPEST_MM
from plans.catalogue.vocabulary import WORDS


def _only_known_words(field):
    return CheckConstraint(
        condition=Q(**{f"{field}__in": sorted(WORDS[field])}),
        name=f"acupoint_{field}_is_a_known_word",
    )


class Acupoint(models.Model):
    """A point of the catalogue. `load_acupoints` is the only writer."""

    code = models.CharField(primary_key=True, max_length=8)
    channel = models.CharField(max_length=5)
    number = models.PositiveSmallIntegerField()
    pinyin = models.CharField(max_length=20)
    pinyin_tones = models.CharField(max_length=20)
    hanzi = models.CharField(max_length=10)
    english_name = models.CharField(max_length=60)
    body_region = models.CharField(max_length=16)
    side = models.CharField(max_length=8)
    location = models.TextField()
    depth_min_mm = models.FloatField(help_text="Usual range, along the needle.")
    depth_max_mm = models.FloatField(help_text="0 where the point is not needled.")
    angle = models.CharField(max_length=13)
    other_angles = models.JSONField(default=list)
    position = models.CharField(max_length=6)
    categories = models.JSONField(default=list)
    cautions = models.JSONField(default=list)
    pregnancy_contraindicated = models.BooleanField()
    source = models.JSONField(default=list)
    verified = models.PositiveSmallIntegerField(help_text="Origins that agree.")
    search_key = models.TextField(
        editable=False, help_text="Folded spellings, with spaces around each."
    )

    class Meta:
        ordering = ["channel", "number", "code"]
        constraints = [
            CheckConstraint(condition=~Q(code=""), name="acupoint_has_a_code"),
            CheckConstraint(
                condition=Q(
                    depth_min_mm__gte=0,
                    depth_max_mm__gte=F("depth_min_mm"),
                    depth_max_mm__lte=DEEPEST_MM,
                ),
                name="acupoint_depth_is_a_range_in_mm",
            ),
            *map(
                _only_known_words,
                ("channel", "body_region", "side", "position", "angle"),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.pinyin}"
