"""What the points of a session say while they are typed and tapped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.core.body import Figure
from clinic.core.texts import Text
from plans.catalogue.codes import catalogue_names, fold, near_codes
from plans.catalogue.figure import Mark, figures
from plans.catalogue.models import Acupoint
from plans.catalogue.points import Point, read_catalogue
from plans.catalogue.vocabulary import in_words
from plans.catalogue.words import ASHI, split_last
from plans.combinations.models import Combination
from plans.planning.models import Technique
from plans.sessions.entry import Line
from plans.sessions.forms import MOST_POINTS, SessionForm
from plans.sessions.rules import Ground, objections_to
from plans.sessions.sheet import Heard, understood

NEAREST = 3  # combinations under what is typed
ASKED = 8  # questions at once that come with what may be meant
TAPPED = {"both": ("left", "right"), "midline": ("midline",)}


@dataclass(frozen=True)
class Choice:
    """A point that may have been meant; `value` is the answer that says so."""

    point: Point
    value: str


@dataclass(frozen=True)
class Question:
    """Something that was typed and not understood, and what is asked of it."""

    text: str
    sentence: str
    choices: tuple[Choice, ...] = ()


def questions(texts: Sequence[str]) -> list[Question]:
    return [_question(text, ask=at < ASKED) for at, text in enumerate(texts)]


def _question(text: str, *, ask: bool) -> Question:
    """`ask`: look for what is nearly the same, which takes a while."""
    unclear = understood(text).unclear
    if not unclear:
        room = _("“%(text)s” is not on the list, which takes %(most)s points.")
        return Question(text, room % {"text": text, "most": MOST_POINTS})
    name = {"text": unclear[0].name}
    if codes := unclear[0].candidates:
        said = _("“%(text)s” is the name of several points. Which one?") % name
    elif unclear[0].is_loose:
        said = _("“%(text)s” follows no point: type it after its point.") % name
    elif codes := near_codes(unclear[0].name, catalogue_names()) if ask else ():
        said = _("“%(text)s” is not understood. Is one of these meant?") % name
    else:
        said = _("“%(text)s” is not understood: type it anew.") % name
    points = read_catalogue()
    choices = tuple(Choice(points[code], f"{code}={text}") for code in codes)
    return Question(text, said, choices)


@dataclass(frozen=True)
class Found:
    """A point of the type-ahead. `word` and `because`: what stands against it today."""

    point: Acupoint
    region: Text
    can_be_added: bool
    word: str = ""
    because: Text | str = ""


def found_points(points: Iterable[Acupoint], ground: Ground) -> list[Found]:
    rows = []
    for point in points:
        where = in_words("body_region", point.body_region)
        line = Line(point.code, "both", 0, Technique.EVEN)
        against = objections_to([line], ground)
        if not against:
            rows.append(Found(point, where, True))
            continue
        # A block speaks before a warning.
        worst = min(against, key=lambda objection: objection.needs_reason)
        can = worst.needs_reason
        word = _("Asks for a reason") if can else _("Not here")
        rows.append(Found(point, where, can, word, worst.caution.text))
    return rows


@dataclass(frozen=True)
class Begun:
    combination: Combination
    before: str


def begun_so(combinations: Iterable[Combination], typed: str) -> list[Begun]:
    """Those whose name the last words of `typed` begin."""
    starts = [(before, fold(name)) for before, name in split_last(typed)]
    return [
        Begun(combination, before)
        for combination in combinations
        for before, name in starts
        if name and combination.key.startswith(name)
    ][:NEAREST]


def heard_words(heard: Heard) -> str:
    """What was made of what was typed, to be said aloud."""
    said = []
    for words, codes in (
        (_("Added: %(codes)s."), heard.added),
        (_("Changed: %(codes)s."), heard.changed),
        (_("Left out: %(codes)s."), heard.left_out),
        (_("On the list already: %(codes)s."), heard.standing),
    ):
        if codes:
            said.append(words % {"codes": ", ".join(codes)})
    if heard.retention_min is not None:
        said.append(_("Retention: %(number)s min.") % {"number": heard.retention_min})
    said += [_question(text, ask=False).sentence for text in heard.unclear]
    return " ".join(said)


@dataclass(frozen=True)
class Tap:
    """One side of a point; `value` puts it on, or off again."""

    point: Point
    side: str
    value: str
    on: bool


@dataclass(frozen=True)
class View:
    name: str
    word: str
    figure: Figure


@dataclass(frozen=True)
class Body:
    """The points that are near at hand, drawn and listed."""

    views: tuple[View, ...]
    taps: tuple[Tap, ...]


def body(form: SessionForm, start: Iterable[Line], ground: Ground) -> Body:
    """Those that the rules know for such patients, the plan's, and today's; what lies
    above the waist is not drawn, so that the others are large enough for a thumb.

    All are drawn as rings: the page shows which are on, and one drawing serves many.
    """
    points = ground.book.points
    sides = {row.prefix: row["side"].value() for row in form.rows if not row.is_dropped}
    near = {code for _rule, then in ground.book.rules for code in then.offer}
    near |= {*ground.planned, *(line.code for line in start), *sides}
    shown = [code for code in points if code in near and code != ASHI]
    drawn = figures(
        [Mark(code, _sides(points[code]), hollow=True) for code in shown],
        key="tap",
        crop="lower",
    )
    words = {
        "front": pgettext("view of the body", "Front"),
        "back": pgettext("view of the body", "Back"),
        "left": pgettext("view of the body", "Left"),
        "right": pgettext("view of the body", "Right"),
    }
    return Body(
        views=tuple(
            View(figure.view, words[figure.view], figure)
            for figure in (*drawn.figures, *drawn.others)
        ),
        taps=tuple(
            Tap(
                point=points[code],
                side=side,
                value=f"{code} {side}",
                on=sides.get(code) in {side, "both"},
            )
            for code in shown
            for side in TAPPED[_sides(points[code])]
        ),
    )


def _sides(point: Point) -> str:
    return "midline" if point.side == "midline" else "both"
