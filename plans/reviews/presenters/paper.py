"""What a doctor reads of a course beside its chart: the dose, what was done, harm."""

from collections.abc import Iterable

from django.utils.translation import gettext, ngettext

from clinic.core.words import long_day, said
from plans.adverse.models import KIND_WORDS, AdverseEvent
from plans.planning.models import PlanVersion
from plans.reviews.queries import Treatment
from plans.sessions.stimulation import KINDS


def planned(version: PlanVersion) -> str:
    weekly = version.weekly or [version.per_week]
    return ngettext(
        "%(sessions)d session, %(weekly)s a week, needles in for %(minutes)s minutes",
        "%(sessions)d sessions, %(weekly)s a week, needles in for %(minutes)s minutes",
        version.sessions,
    ) % {
        "sessions": version.sessions,
        "weekly": ", ".join(map(str, weekly)),
        "minutes": version.retention_min,
    }


def given(treatment: Treatment) -> str:
    if treatment.first is None or treatment.last is None:
        return gettext("No session so far")
    return ngettext(
        "%(sessions)d session, on %(first)s",
        "%(sessions)d sessions, from %(first)s to %(last)s",
        treatment.sessions,
    ) % {
        "sessions": treatment.sessions,
        "first": long_day(treatment.first),
        "last": long_day(treatment.last),
    }


def needled(treatment: Treatment) -> str:
    """Each point, and each kind of stimulation, with the number of its sessions."""
    named = [*treatment.points]
    named += [(said(KINDS[kind].name), times) for kind, times in treatment.kinds]
    return ", ".join(f"{name} ({times})" for name, times in named)


def harm(events: Iterable[AdverseEvent]) -> list[str]:
    return [
        gettext("%(day)s: %(kind)s, grade %(grade)s, %(outcome)s. %(words)s")
        % {
            "day": long_day(event.happened_on),
            "kind": KIND_WORDS[event.kind],
            "grade": event.grade,
            "outcome": event.get_outcome_display(),
            "words": event.description,
        }
        for event in events
    ]
