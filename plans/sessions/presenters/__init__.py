"""What the pages of a session say: rows, sentences, differences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from clinic.core.texts import Text
from clinic.rules.machine import Rule
from clinic.templatetags.clinic_ui import in_language
from patients.intake.questionnaire import QUESTIONNAIRE
from patients.intake.screen import RED_FLAGS, SHORT_SCREEN, Screen
from patients.measures.models import Score, ScoreNote
from patients.measures.scales import SCALES
from plans.catalogue.points import Point, read_catalogue
from plans.catalogue.vocabulary import in_words
from plans.catalogue.words import ASHI
from plans.engine.objections import DEPTH
from plans.patient_mode.models import SelfReport
from plans.planning.models import Side, Technique
from plans.sessions.entry import Entry, Line
from plans.sessions.forms import SessionForm
from plans.sessions.forms.line import TECHNIQUES, LineForm
from plans.sessions.models import Session
from plans.sessions.presenters.record import was_words
from plans.sessions.rules import Ground, Problem, caps
from plans.sessions.stimulation import KINDS

COMPARED = ("side", "depth_mm", "technique", "count")


@dataclass(frozen=True)
class Row:
    """One point of today. `copied`: as last time, or as the plan, and not touched."""

    form: LineForm
    point: Point
    technique: str
    count: object
    copied: bool
    was: str
    changed: bool
    start: Line | None
    cap_mm: int
    cautions: tuple[Text, ...]

    @property
    def asks_reason(self) -> bool:
        return bool(self.form["reason"].value() or self.form["reason"].errors)

    @property
    def is_open(self) -> bool:
        return bool(self.form.errors)


def rows(form: SessionForm, start: Entry, ground: Ground) -> list[Row]:
    copied = {line.code: line for line in start.lines}
    shown = [*form.rows, *form.left_out]
    deepest = caps([row.point.code for row in shown], ground)
    return [_row(row, copied.get(row.point.code), deepest) for row in shown]


def counts(rows: Iterable[Row]) -> dict[str, object]:
    """Points with a code, and Ashi apart."""
    rows = list(rows)
    ashi = next((row.count for row in rows if row.point.code == ASHI), 0)
    return {"points": sum(row.point.code != ASHI for row in rows), "ashi": ashi}


def _row(form: LineForm, start: Line | None, deepest) -> Row:
    given = {name: form[name].value() for name in COMPARED if name in form.fields}
    same = start is not None and all(
        str(value) == str(getattr(start, name)) for name, value in given.items()
    )
    dropped = bool(form["drop"].value())
    return Row(
        form=form,
        point=form.point,
        technique=str(TECHNIQUES.get(given["technique"], "")),
        count=form["count"].value() if "count" in form.fields else None,
        copied=same and not dropped,
        was=was_words(start) if start else "",
        changed=dropped or not same,
        start=start,
        cap_mm=deepest[form.point.code],
        cautions=tuple(in_words("caution", word) for word in form.point.cautions),
    )


@dataclass(frozen=True)
class Given:
    """One point as it was needled."""

    point: Point
    side: str
    side_words: str
    depth_mm: int
    technique: str
    technique_short: str
    de_qi: bool | None
    reason: str
    count: int


def given(lines: Iterable[Line]) -> list[Given]:
    points, techniques, sides = (
        read_catalogue(),
        dict(Technique.choices),
        dict(Side.choices),
    )
    return [
        Given(
            point=points[line.code],
            side=line.side,
            side_words=str(sides[line.side]),
            depth_mm=line.depth_mm,
            technique=str(techniques[line.technique]),
            technique_short=str(TECHNIQUES[line.technique]),
            de_qi=line.de_qi,
            reason=line.reason,
            count=line.count,
        )
        for line in lines
    ]


@dataclass(frozen=True)
class Stop:
    """A red flag of the day: what it may be, what to do, why."""

    name: Text
    action: Text
    because: Text
    hard: bool


def stops(screen: Screen) -> list[Stop]:
    return [stop_by(finding.rule) for finding in screen.raised]


def stopped_by(session: Session) -> list[Stop]:
    """The red flags that ended it; what a rule said that is gone stays in the audit."""
    rules = {rule.id: rule for rule in RED_FLAGS.rules}
    return [stop_by(rules[f]) for f in session.stopped_for.split() if f in rules]


def stop_by(rule: Rule) -> Stop:
    return Stop(
        name=rule.then["name"],
        action=rule.then["action"],
        because=rule.because,
        hard=bool(rule.then["hard"]),
    )


def sentence(problem: Problem, entry: Entry) -> str:
    numbers = {"have": problem.have, "need": problem.need}
    match problem.kind:
        case "flag":
            then = problem.finding.rule.then
            return f"{in_language(then['name'])}. {in_language(then['action'])}"
        case "told":
            return _("The patient has answered on a tablet meanwhile: read it first.")
        case "unanswered":
            return _("Ask this before needling.")
        case "intake_open":
            return _("The intake has open questions. Complete it before needling.")
        case "words":
            return _("Not everything is understood: answer what is asked below.")
        case "no_points":
            return _("There is no point on the list.")
        case "block" | "ask" | "reason":
            return _objection(problem)
        case "no_score":
            return _("Give the leg pain before, or say why there is no score.")
        case "needles_in_open":
            return _("Count the needles that went in.")
        case "needles_none":
            return _("The points take %(need)s needles, and none went in?") % numbers
        case "needles_out_open":
            return _("Count the needles that came out.")
        case "clock_runs":
            return _("The clock still runs: press “Needles out” when they are out.")
        case "needles_differ":
            return (
                _(
                    "%(need)s went in and %(have)s came out. Find every needle, or "
                    "write what became of it."
                )
                % numbers
            )
        case "stimulus_open":
            return _("Say how it was set.")
        case "hz_order":
            return _("The second frequency is the higher one.")
        case "electro_longer":
            return _("The current can’t run longer than the needles stay in.")
        case "moxa_open":
            return _("Give the minutes or the cones.")
        case "unpaired":
            return _(
                "A current joins two points, or the two sides of one: say which are a "
                "pair."
            )
    raise ValueError(problem.kind)


def _objection(problem: Problem) -> str:
    objection = problem.objection
    because = in_language(objection.caution.text)
    if problem.kind == "block":
        return _("Not for this patient: %(because)s") % {"because": because}
    if problem.kind == "ask":
        return _("A question of safety is open: ask it in an intake. %(because)s") % {
            "because": because
        }
    if objection.about == DEPTH:
        return _("Deeper than %(cap)s mm needs your reason. %(because)s") % {
            "cap": objection.limit,
            "because": because,
        }
    return _("Needs your reason. %(because)s") % {"because": because}


@dataclass(frozen=True)
class Mistake:
    label: str
    text: str
    anchor: str


def mistakes(form: SessionForm) -> list[Mistake]:
    """Everything wrong with the form and its rows, each with its field's address."""
    found = []
    for part in (form, *form.rows):
        for field in part:
            anchor = field.auto_id
            if field.use_fieldset:
                anchor = f"{anchor}_0"
            whose = part.point.code if part is not form else _kind_of(field)
            label = f"{whose} {field.label}".strip()
            found += [Mistake(label, str(text), anchor) for text in field.errors]
    return found


def _kind_of(field: BoundField) -> str:
    """Minutes of what."""
    kind = KINDS.get(field.name.partition("-")[0])
    return f"{in_language(kind.name)}:" if kind else ""


def _answer(value: bool | None) -> str:
    return {True: _("Yes"), False: _("No"), None: _("Not known")}[value]


def answers(safety: dict[str, bool]) -> list[tuple[str, str]]:
    labels = QUESTIONNAIRE.questions
    return [
        (in_language(labels[n].label), _answer(safety.get(n))) for n in SHORT_SCREEN
    ]


@dataclass(frozen=True)
class ToldScore:
    """One score as the patient entered it, with the words of staff beside it."""

    score: Score
    name: Text
    value: str
    notes: Sequence[ScoreNote]


def told_scores(
    report: SelfReport | None, notes: Mapping[int, list[ScoreNote]]
) -> list[ToldScore]:
    return [
        ToldScore(
            score,
            SCALES[score.scale].name,
            f"{score.value.normalize():f}",
            notes.get(score.pk, []),
        )
        for score in (report.scores if report else ())
    ]


def told_yeses(report: SelfReport | None) -> list[Text]:
    questions = QUESTIONNAIRE.questions
    return [questions[name].label for name in (report.yeses if report else ())]


def score_pairs(scores: dict[str, int]) -> list[dict[str, Any]]:
    """Leg and back, each before and after; None where it was not taken."""
    return [
        {
            "label": label,
            "before": scores.get(f"{place}_before"),
            "after": scores.get(f"{place}_after"),
        }
        for place, label in (("leg", _("Leg pain")), ("back", _("Back pain")))
    ]
