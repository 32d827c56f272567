"""What a session records beside its points: settings, changes, exceptions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.forms import BoundField
from django.utils.translation import gettext as _

from clinic.templatetags.clinic_ui import in_language
from plans.catalogue.points import Point, read_catalogue
from plans.planning.models import Side
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.entry import Entry, Line, Stimulus
from plans.sessions.forms import SessionForm, flat
from plans.sessions.forms.line import TECHNIQUES
from plans.sessions.models import Needling, PointChange, Session, Stimulation
from plans.sessions.stimulation import (
    ELECTRO,
    KINDS,
    Kind,
    frequencies,
    pairs,
    tidy,
)


@dataclass(frozen=True)
class StimulationPart:
    """One kind as it is asked. `copied`: as last time, and not touched."""

    kind: Kind
    name: str
    usual: str
    used: bool
    copied: bool
    fields: list[BoundField]


def stimulation_parts(form: SessionForm, start: Entry) -> list[StimulationPart]:
    before = flat(start)
    return [
        StimulationPart(
            kind=kind,
            name=in_language(kind.name),
            usual=in_language(kind.usual),
            used=used,
            copied=kind.id in start.stimulation
            and all(
                str(field.value() or "") == str(before.get(field.name, ""))
                for field in fields
            ),
            fields=fields,
        )
        for kind, used, fields in form.stimulation
    ]


def stimulation(entry: Entry) -> list[tuple[str, str]]:
    """Each kind by name, with how it was set in one line."""
    return [
        (
            in_language(KINDS[kind].name),
            " · ".join(filter(None, _stimulus_words(KINDS[kind], stimulus, entry))),
        )
        for kind, stimulus in entry.stimulation.items()
    ]


def _stimulus_words(kind: Kind, stimulus: Stimulus, entry: Entry) -> Iterator[str]:
    yield in_language(kind.forms[stimulus.form]) if stimulus.form else ""
    yield frequencies(stimulus)
    if kind.id == ELECTRO:
        yield ", ".join("–".join(pair) for pair in pairs(entry.lines))
    if stimulus.minutes:
        yield _("%(minutes)s min") % {"minutes": stimulus.minutes}
    if stimulus.cones:
        yield _("%(cones)s cones") % {"cones": stimulus.cones}
    yield str(dict(Stimulation.Felt.choices).get(stimulus.felt, ""))
    yield f"{tidy(stimulus.milliamps)} mA" if stimulus.milliamps else ""
    yield stimulus.where


@dataclass(frozen=True)
class ToldChange:
    """`was` and `now` are empty for a point that was added, or left out."""

    code: str
    point: Point
    kind: str
    was: str
    now: str
    why: str

    @property
    def is_dropped(self) -> bool:
        return self.kind == PointChange.Kind.DROPPED


def told_changes(session: Session | None) -> list[ToldChange]:
    """What was other in a signed session than the time before, and why."""
    if session is None:
        return []
    lines = {row.acupoint_id: row for row in session.needlings.all()}
    return [_told(change, lines) for change in session.changes.all()]


def _told(change: PointChange, lines: Mapping[str, Needling]) -> ToldChange:
    now = lines.get(change.acupoint_id)
    return ToldChange(
        code=change.acupoint_id,
        point=read_catalogue()[change.acupoint_id],
        kind=change.kind,
        was=was_words(change) if change.technique else "",
        now=was_words(now) if now else "",
        why=change.words or str(change.get_reason_display()),
    )


def exceptions(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where the checklist was not kept. An item of an older list has only its name."""
    items = CHECKLIST.items
    return [
        (in_language(items[name].text) if name in items else name, words)
        for name, words in found.items()
    ]


def was_words(line: Line | Needling | PointChange) -> str:
    shown = (
        dict(Side.choices)[line.side],
        f"{line.depth_mm} mm",
        TECHNIQUES[line.technique],
    )
    return " · ".join(filter(None, map(str, shown)))
