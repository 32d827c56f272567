"""The progress of an episode, read in one query."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    F,
    IntegerField,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from clinic.core.prepared import Given, prepared
from patients.measures.models import Score
from patients.measures.scales import SCALES
from patients.records.models import Episode
from plans.planning.course import weeks_needed
from plans.planning.models import PlanVersion
from plans.progress.marks import ScoreMark, disability, readings
from plans.progress.trend import Dose, Event, ProgressSeries, begins
from plans.scheduling.clock import bounds, wall
from plans.scheduling.models import Appointment
from plans.scheduling.queries import clinic_zone
from plans.scheduling.statuses import AHEAD, HERE
from plans.sessions.models import Session

MISSED = ("no_show", "late_cancel")


def series_of(episode: Episode, now: datetime) -> ProgressSeries:
    """Everything that chart, table and reviews show of an episode. One query.

    Drafts of sessions do not count, and a corrected score counts as corrected.
    """
    zone = clinic_zone()
    today = wall(now, zone).date()
    midnight, _tomorrow = bounds(today, today, zone)
    found = defaultdict[str, list[tuple[Any, ...]]](list)
    for kind, at, *rest in _rows(episode=episode.pk, midnight=midnight):
        found[kind].append((wall(at, zone), *rest))
    scores = [
        ScoreMark(at, SCALES[scale], moment, float(value))
        for at, scale, moment, value, *_none in found["score"]
    ]
    shown = readings(
        sessions=[at for at, *_none in found["session"]],
        scores=scores,
        missed=[at.date() for at, *_none in found["missed"]],
        ahead=[at.date() for at, *_none in found["ahead"]],
    )
    versions = sorted(found["version"])
    return ProgressSeries(
        readings=shown,
        events=tuple(
            Event(at.date(), _change(int(number), reason))
            for at, reason, _moment, number, *_dose in versions
            if number > 1
        ),
        disability=disability(scores),
        dose=_dose(*versions[-1][-2:]) if versions else None,
        onset_weeks=_weeks_before(episode, begins(shown)),
    )


@prepared
def _rows() -> QuerySet:
    """Scores, sessions, appointments and plan versions as rows of one shape."""
    episode = Given("episode", BigIntegerField())
    midnight = Given("midnight", DateTimeField())
    scores = Score.objects.current().filter(episode=episode)
    sessions = Session.objects.filter(
        plan_version__plan__episode=episode, status=Session.Status.SIGNED
    )
    appointments = Appointment.objects.filter(plan__episode=episode)
    versions = PlanVersion.objects.filter(plan__episode=episode)
    score = _shaped(
        scores, "score", "taken_at", F("scale"), F("moment"), value=F("value")
    )
    return score.union(
        _shaped(sessions, "session", "started_at"),
        _shaped(appointments.filter(status__in=MISSED), "missed", "starts_at"),
        _shaped(
            appointments.filter(status__in=(*AHEAD, *HERE), starts_at__gte=midnight),
            "ahead",
            "starts_at",
        ),
        _shaped(
            versions.exclude(approved_at=None),
            "version",
            "approved_at",
            F("change_reason"),
            value=F("number"),
            dose=(F("sessions"), F("per_week")),
        ),
        all=True,
    )


NOTHING = Value("", TextField())
NONE = Value(0, IntegerField())


def _shaped(
    rows: QuerySet,
    kind: str,
    at: str,
    word: Combinable = NOTHING,
    moment: Combinable = NOTHING,
    *,
    value: Combinable = NONE,
    dose: tuple[Combinable, Combinable] = (NONE, NONE),
) -> QuerySet:
    return rows.order_by().values_list(
        Value(kind, TextField()), at, word, moment, value, *dose
    )


def _change(number: int, reason: str) -> str:
    said = _("Plan version %(number)s") % {"number": number}
    return f"{said}: {reason}" if reason else said


def _dose(sessions: int, per_week: int) -> Dose:
    return Dose(sessions, weeks_needed(sessions, per_week))


def _weeks_before(episode: Episode, begun: date | None) -> int | None:
    """The age of the complaint when the course began."""
    if episode.onset_on is None or begun is None:
        return None
    return max((begun - episode.onset_on).days // 7, 0)
