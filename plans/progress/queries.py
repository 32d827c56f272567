"""The progress of an episode, or of a list of them, read in one query."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
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
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from clinic.core.prepared import Given, prepared
from patients.measures.models import Score
from patients.measures.scales import SCALES
from patients.records.models import Episode
from plans.adverse.models import KIND_WORDS, AdverseEvent
from plans.planning.course import weeks_needed
from plans.planning.models import PlanVersion
from plans.progress.band import WEEKS
from plans.progress.marks import ScoreMark, disability, readings
from plans.progress.models import FlareUp
from plans.progress.trend import (
    Dose,
    Event,
    Occasion,
    Pain,
    ProgressSeries,
    Reading,
    begins,
)
from plans.scheduling.clock import bounds, wall
from plans.scheduling.models import Appointment
from plans.scheduling.queries import clinic_zone
from plans.scheduling.statuses import AHEAD, HERE
from plans.sessions.models import Session
from plans.sessions.queries import Visit

MISSED = ("no_show", "late_cancel")


def series_of(episode: Episode, now: datetime) -> ProgressSeries:
    """Everything that chart, table and reviews show of an episode. One query.

    Drafts of sessions do not count, nor what was entered in error; a corrected score
    counts as corrected.
    """
    rows = _rows(episode=episode.pk, midnight=_midnight(now))
    return _series(rows, onset_on=episode.onset_on)


def series_of_many(
    episodes: Collection[int], now: datetime
) -> dict[int, ProgressSeries]:
    """The same for a list, by episode; without the age of the complaint. One query."""
    if not episodes:
        return {}
    rows = defaultdict[int, list[tuple[Any, ...]]](list)
    for row in _read(episode__in=episodes, midnight=_midnight(now)):
        rows[row[0]].append(row)
    return {episode: _series(rows[episode]) for episode in episodes}


def series_of_visits(visits: Iterable[Visit]) -> ProgressSeries:
    """Of sessions that were read already. No query."""
    zone = clinic_zone()
    return ProgressSeries(
        tuple(
            Reading(
                wall(visit.at, zone).date(),
                Occasion.SESSION,
                Pain(visit.leg_before, visit.back_before),
                Pain(visit.leg_after, visit.back_after),
            )
            for visit in visits
        )
    )


def _midnight(now: datetime) -> datetime:
    zone = clinic_zone()
    today = wall(now, zone).date()
    return bounds(today, today, zone)[0]


def _series(
    rows: Iterable[tuple[Any, ...]], onset_on: date | None = None
) -> ProgressSeries:
    zone = clinic_zone()
    found = defaultdict[str, list[tuple[Any, ...]]](list)
    for _episode, kind, at, *rest in rows:
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
    begun = begins(shown)
    return ProgressSeries(
        readings=shown,
        events=_events(found),
        disability=disability(scores),
        dose=_dose(sorted(found["version"]), begun),
        onset_weeks=_weeks_between(onset_on, begun),
    )


def _events(found: Mapping[str, Iterable[tuple[Any, ...]]]) -> tuple[Event, ...]:
    """What may have moved the scores. A day that was told is in the place of a moment.

    Flags are for what came after the first version: that one is the beginning.
    """
    events = [
        Event(at.date(), _change(int(number), reason))
        for at, reason, _weekly, number, *_none in found["version"]
        if number > 1
    ]
    events += [
        Event(
            date.fromisoformat(day),
            _("Adverse event: %(kind)s, grade %(grade)s")
            % {"kind": KIND_WORDS[kind], "grade": int(grade)},
        )
        for _at, kind, day, grade, *_none in found["adverse"]
    ]
    events += [
        Event(date.fromisoformat(day), _("Flare-up: %(text)s") % {"text": text})
        for _at, text, day, *_none in found["flare_up"]
    ]
    return tuple(sorted(events, key=lambda event: event.on))


@prepared
def _rows() -> QuerySet:
    return _read(
        episode=Given("episode", BigIntegerField()),
        midnight=Given("midnight", DateTimeField()),
    )


def _read(*, midnight: Combinable | datetime, **which: object) -> QuerySet:
    """Rows of one shape: scores, sessions, appointments, versions and what happened."""
    ((of_episode, episode),) = which.items()

    def of(path: str) -> dict[str, object]:
        return {f"{path}{of_episode}": episode}

    scores = Score.objects.current().filter(**of(""))
    sessions = Session.objects.filter(
        **of("plan_version__plan__"), status=Session.Status.SIGNED
    )
    appointments = Appointment.objects.filter(**of("plan__"))
    versions = PlanVersion.objects.filter(**of("plan__"))
    score = _shaped(
        scores, "score", "taken_at", F("scale"), F("moment"), value=F("value")
    )
    return score.union(
        _shaped(sessions, "session", "started_at", path="plan_version__plan__"),
        _shaped(
            appointments.filter(status__in=MISSED), "missed", "starts_at", path="plan__"
        ),
        _shaped(
            appointments.filter(status__in=(*AHEAD, *HERE), starts_at__gte=midnight),
            "ahead",
            "starts_at",
            path="plan__",
        ),
        _shaped(
            versions.exclude(approved_at=None),
            "version",
            "approved_at",
            F("change_reason"),
            Cast("weekly", TextField()),
            value=F("number"),
            dose=(F("sessions"), F("per_week")),
            path="plan__",
        ),
        _shaped(
            AdverseEvent.objects.counted().filter(**of("")),
            "adverse",
            "recorded_at",
            F("kind"),
            Cast("happened_on", TextField()),
            value=F("grade"),
        ),
        _shaped(
            FlareUp.objects.filter(**of(""), withdrawn_at=None),
            "flare_up",
            "noted_at",
            F("text"),
            Cast("began_on", TextField()),
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
    path: str = "",
) -> QuerySet:
    """`path` leads from the row to its episode."""
    return rows.order_by().values_list(
        f"{path}episode", Value(kind, TextField()), at, word, moment, value, *dose
    )


def _change(number: int, reason: str) -> str:
    said = _("Plan version %(number)s") % {"number": number}
    return f"{said}: {reason}" if reason else said


def _dose(versions: Sequence[tuple[Any, ...]], begun: date | None) -> Dose | None:
    """What was prescribed for the first four weeks: the band speaks of those.

    A version approved later goes on from there and is another dose.
    """
    if not versions:
        return None
    ends = begun + timedelta(weeks=WEEKS) if begun else date.max
    counted = [row for row in versions if row[0].date() < ends] or versions[:1]
    _at, _reason, weekly, _number, sessions, per_week = counted[-1]
    weeks = len(json.loads(weekly)) or weeks_needed(sessions, per_week)
    return Dose(sessions, weeks)


def _weeks_between(onset_on: date | None, begun: date | None) -> int | None:
    """The age of the complaint when the course began."""
    if onset_on is None or begun is None:
        return None
    return max((begun - onset_on).days // 7, 0)
