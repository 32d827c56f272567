"""A plan by the items of STRICTA 2010, what is missing named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.accounts.models import TRAINING_FIELDS, User
from clinic.core.texts import Text
from clinic.rules.machine import Facts
from clinic.templatetags.clinic_ui import in_language, side_words
from plans.engine.advice import advice
from plans.exports.presenters.words import (
    depth_words,
    needles,
    prescriptions,
    proposal_of,
    rhythm,
)
from plans.exports.queries import Done
from plans.exports.stricta import Item, parts
from plans.planning.models import PlanPoint, PlanVersion, Prescription
from plans.sessions.changes import ADDED, CHANGED, DROPPED
from plans.sessions.entry import Stimulus
from plans.sessions.stimulation import KINDS, Kind, frequencies

PRACTITIONER = "5"  # written under Staff, all the rest in the plan
NOT_APPLICABLE = "6"  # the care of one patient has no comparator


@dataclass(frozen=True)
class ItemRow:
    """`lacks` names what is missing of it."""

    item: Item
    said: tuple[str, ...]
    lacks: str
    of_staff: bool
    applies: bool


@dataclass(frozen=True)
class PartRows:
    number: str
    title: Text
    rows: tuple[ItemRow, ...]


@dataclass(frozen=True)
class Told:
    """What there is to say of an item, and what of it is missing."""

    said: Sequence[str] = ()
    lacks: str = ""


def stricta(
    version: PlanVersion,
    done: Done,
    facts: Facts,
    citations: Mapping[str, str],
    clinic: str,
) -> tuple[PartRows, ...]:
    """`citations` by the id of their source; `clinic` is where the work is done."""
    told = {
        **_of_the_plan(version, done, facts, citations),
        PRACTITIONER: _practitioner(version.approved_by, clinic),
    }
    return tuple(
        PartRows(
            number=part.number,
            title=part.title,
            rows=tuple(
                _row(item, told.get(item.id, Told()), part.number != NOT_APPLICABLE)
                for item in part.items
            ),
        )
        for part in parts()
    )


def _row(item: Item, told: Told, applies: bool) -> ItemRow:
    lacks = told.lacks or ("" if told.said else in_language(item.label))
    return ItemRow(
        item=item,
        said=tuple(told.said),
        lacks=lacks if applies else "",
        of_staff=item.id == PRACTITIONER,
        applies=applies,
    )


def missing(found: Sequence[PartRows]) -> list[ItemRow]:
    return [row for part in found for row in part.rows if row.lacks]


def _of_the_plan(
    version: PlanVersion, done: Done, facts: Facts, citations: Mapping[str, str]
) -> Mapping[str, Told]:
    rows = list(version.points.all())
    techniques = dict.fromkeys(str(row.get_technique_display()) for row in rows)
    return {
        "1a": _written(version.style),
        "1b": Told(_reasoning(version, citations)),
        "1c": Told([*_varied(version, rows), *_changed(done)]),
        "2a": Told(_insertions(version, done)),
        "2b": Told(_points(version)),
        "2c": Told(
            [
                f"{row.acupoint_id} {depth_words(row)}, {row.get_angle_display()}"
                for row in rows
            ]
        ),
        "2d": _response(version, done),
        "2e": Told([*techniques, *_settings(done)]),
        "2f": Told([_("%(minutes)s min") % {"minutes": version.retention_min}]),
        "2g": _written(version.needle),
        "3a": Told(
            [
                _("%(planned)s planned, %(done)s done")
                % {"planned": version.sessions, "done": done.sessions}
            ]
        ),
        "3b": Told(
            [
                _("%(rhythm)s, %(minutes)s min each")
                % {"rhythm": rhythm(version), "minutes": version.retention_min}
            ]
        ),
        "4a": Told([in_language(item.text) for item in advice(facts).now]),
        "4b": _written(version.setting),
    }


def _written(words: str) -> Told:
    return Told([words] if words else ())


def _reasoning(version: PlanVersion, citations: Mapping[str, str]) -> list[str]:
    reasons = [
        reason for point in proposal_of(version).points for reason in point.reasons
    ]
    if not reasons:
        return []
    rules = dict.fromkeys(reason.rule for reason in reasons)
    cited = dict.fromkeys(source for reason in reasons for source in reason.sources)
    return [
        _("Rules: %(rules)s") % {"rules": ", ".join(rules)},
        *(f"{source}: {citations.get(source, source)}" for source in cited),
    ]


def _varied(version: PlanVersion, rows: Sequence[PlanPoint]) -> list[str]:
    proposed = {point.code for point in proposal_of(version).points}
    kept = {row.acupoint_id for row in rows}
    return [
        _("Proposed from this patient’s own facts, then edited by the acupuncturist."),
        ngettext("%(n)s point added", "%(n)s points added", len(kept - proposed))
        % {"n": len(kept - proposed)},
        ngettext("%(n)s point left out", "%(n)s points left out", len(proposed - kept))
        % {"n": len(proposed - kept)},
    ]


def _changed(done: Done) -> list[str]:
    """From session to session."""
    if not done.changes:
        return []
    counts = {kind: done.changes.get(kind, 0) for kind in (ADDED, DROPPED, CHANGED)}
    words = _(
        "Between sessions: %(added)s added, %(dropped)s left out, %(changed)s changed"
    )
    return [words % counts]


def _settings(done: Done) -> list[str]:
    return [
        ngettext("%(how)s, in %(n)s session", "%(how)s, in %(n)s sessions", times)
        % {"how": _setting(KINDS[kind], stimulus), "n": times}
        for kind, stimulus, times in done.settings
    ]


def _setting(kind: Kind, stimulus: Stimulus) -> str:
    said = [
        in_language(kind.name),
        in_language(kind.forms.get(stimulus.form, stimulus.form)),
        frequencies(stimulus),
    ]
    if stimulus.minutes:
        said.append(_("%(minutes)s min") % {"minutes": stimulus.minutes})
    if stimulus.cones:
        said.append(_("%(cones)s cones") % {"cones": stimulus.cones})
    return " · ".join(filter(None, said))


def _insertions(version: PlanVersion, done: Done) -> list[str]:
    planned = [
        _titled(letter, _("%(n)s planned") % {"n": number})
        for letter, number in (
            (letter, needles(rows) + version.ashi)
            for letter, rows in prescriptions(version)
        )
    ]
    if not done.needles:
        return planned
    mean, least, most = done.needles
    counted = _("mean %(mean)s, from %(least)s to %(most)s, in %(n)s sessions") % {
        "mean": number_format(mean, 1),
        "least": least,
        "most": most,
        "n": done.sessions,
    }
    return [*planned, counted]


def _points(version: PlanVersion) -> list[str]:
    return [
        _titled(
            letter,
            ", ".join(f"{r.acupoint_id} {side_words(r.side)}".strip() for r in rows),
        )
        for letter, rows in prescriptions(version)
    ]


def _titled(letter: Prescription, words: str) -> str:
    """Under which of two prescriptions it stands, if two alternate."""
    if letter == Prescription.EVERY:
        return words
    return _("%(title)s: %(words)s") % {
        "title": capfirst(letter.label),
        "words": words,
    }


def _response(version: PlanVersion, done: Done) -> Told:
    said = []
    if version.response_sought:
        sought = version.get_response_sought_display()
        said.append(_("Sought: %(response)s") % {"response": sought})
    if done.asked:
        said.append(
            _("De qi felt at %(felt)s of %(asked)s needlings")
            % {"felt": done.de_qi, "asked": done.asked}
        )
    return Told(said, "" if version.response_sought else _("which response is sought"))


def _practitioner(by: User | None, clinic: str) -> Told:
    if by is None:
        return Told()
    trained = [
        str(User._meta.get_field(TRAINING_FIELDS[name]).verbose_name)
        for name in TRAINING_FIELDS
        if name in by.trained
    ]
    said = [", ".join(filter(None, (by.name, by.qualification))), clinic]
    if trained:
        said.append(_("Trained in %(what)s") % {"what": ", ".join(trained)})
    if by.practising_since:
        said.append(_("Practising since %(year)s") % {"year": by.practising_since})
    lacks = [
        str(words)
        for words, value in (
            (_("the qualification"), by.qualification),
            (_("the years of practice"), by.practising_since),
        )
        if not value
    ]
    return Told(said, _(", ").join(lacks))
