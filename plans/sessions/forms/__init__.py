"""The session as one form: its rows are points, its buttons save or sign.

What a draft may leave open is for `rules.problems` to ask when it is signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.core.widgets import (
    LARGEST,
    RevisionField,
    ScoreField,
    TriStateField,
)
from patients.intake.questionnaire import QUESTIONNAIRE
from patients.intake.screen import SHORT_SCREEN
from plans.catalogue.words import ASHI
from plans.sessions.asepsis import CHECKLIST
from plans.sessions.drafts import Hand, plain
from plans.sessions.entry import SCORES, Entry, Line
from plans.sessions.forms.line import ANSWERS, LineForm, number
from plans.sessions.rules import Ground
from plans.sessions.sheet import LONGEST_TEXT
from plans.sessions.stimulation import KINDS, Kind, used
from plans.sessions.widgets import stimulation_fields, stimulus_of

MOST_POINTS = 30
SCORE_LABELS = {
    "leg_before": _("Leg pain before"),
    "back_before": _("Back pain before"),
    "leg_after": _("Leg pain after"),
    "back_after": _("Back pain after"),
}


class SessionForm(forms.Form):
    """`entry` is what was typed, once the form and its rows are valid.

    `start` are the points that today starts from. `left_out` are rows of those that
    are not among today's, to be put back or to say why.
    """

    revision = RevisionField()
    page = forms.UUIDField(widget=forms.HiddenInput, required=False)
    turn = RevisionField(required=False)
    seen_report = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST, widget=forms.HiddenInput
    )
    none_of_these = forms.BooleanField(
        label=_("No to all five"),
        required=False,
        help_text=_("Asked, and the patient says no to each."),
    )
    words = forms.CharField(
        label=_("Add points"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("Code, pinyin or Chinese, several at once: bl23 gb30 L 25mm."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )
    retention_min = forms.IntegerField(
        label=_("Retention (min)"), min_value=0, max_value=90, widget=number({})
    )
    leg_before = ScoreField(label=SCORE_LABELS["leg_before"], required=False)
    back_before = ScoreField(label=SCORE_LABELS["back_before"], required=False)
    leg_after = ScoreField(label=SCORE_LABELS["leg_after"], required=False)
    back_after = ScoreField(label=SCORE_LABELS["back_after"], required=False)
    no_score_reason = forms.CharField(
        label=_("Why there is no score"), max_length=200, required=False
    )
    needles_in = forms.IntegerField(
        label=_("Needles in"),
        min_value=0,
        max_value=99,
        required=False,
        widget=number({"autocomplete": "off"}),
    )
    needles_out = forms.IntegerField(
        label=_("Needles out"),
        min_value=0,
        max_value=99,
        required=False,
        widget=number({"autocomplete": "off"}),
    )
    incident = forms.CharField(
        label=_("Incident note"),
        max_length=1000,
        required=False,
        help_text=_(
            "Where you looked and what you found, what the patient was told, what "
            "follows."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data=None,
        *,
        entry: Entry,
        ground: Ground,
        revision: int,
        start: Sequence[Line] = (),
    ):
        initial = {"revision": revision, **flat(Entry(start)), **flat(entry)}
        super().__init__(data, initial=initial)
        self.standing, self.ground = entry, ground
        self.unclear = (
            unclear_of(entry)
            if data is None
            else [plain(word) for word in data.getlist("unclear")]
        )
        language = get_language() or "en"
        for name in SHORT_SCREEN:
            label = QUESTIONNAIRE.questions[name].label[language]
            self.fields[f"safety-{name}"] = TriStateField(label=label)
        for item in CHECKLIST.items.values():
            self.fields[f"aseptic-{item.id}"] = forms.CharField(
                label=item.text[language], max_length=200, required=False
            )
        self.fields |= dict(stimulation_fields())
        codes = data.getlist("point") if data is not None else codes_of(entry)
        self.rows = self._rows(data, list(dict.fromkeys(codes))[: 2 * MOST_POINTS])
        missing = [line.code for line in start if line.code not in codes]
        self.left_out = self._rows(None, missing)
        for row in self.left_out:
            row.initial["drop"] = True

    def _rows(self, data, codes: Iterable[str]) -> list[LineForm]:
        points = self.ground.book.points
        return [
            LineForm(data, point=points[code], initial=self.initial_of(code))
            for code in codes
            if code in points
        ]

    def initial_of(self, code: str) -> dict[str, object]:
        marked = f"{code}-"
        return {
            name.removeprefix(marked): value
            for name, value in self.initial.items()
            if name.startswith(marked)
        }

    @property
    def hand(self) -> Hand:
        """Of a page that saves itself; without script each save stands for itself."""
        page, turn = self.cleaned_data.get("page"), self.cleaned_data.get("turn")
        return Hand(page=str(page), turn=turn) if page and turn else Hand()

    def what_is_typed(self) -> Entry | None:
        """What can be read of a draft, the points as they stand: whoever types isn't
        finished with a word. What can't be read is left as it was; None if nothing can.
        """
        data = self.data.copy()
        words = data.get("words", "")
        data["words"] = ""
        for part in (self, *self.rows):
            for name in part.errors:
                key = part.add_prefix(name)
                data[key] = self.initial.get(key, "")
        form = SessionForm(data, entry=self.standing, ground=self.ground, revision=0)
        if not form.is_valid():
            return None
        typed = plain(words)[: self.fields["words"].max_length]
        open_words = filter(None, (form.entry.words, typed))
        return replace(form.entry, words=", ".join(open_words))

    @property
    def safety(self) -> list[forms.BoundField]:
        return [self[f"safety-{name}"] for name in SHORT_SCREEN]

    @property
    def aseptic(self) -> list[forms.BoundField]:
        return [self[f"aseptic-{name}"] for name in CHECKLIST.items]

    @property
    def stimulation(self) -> list[tuple[Kind, bool, list[forms.BoundField]]]:
        """Each kind, whether a point of today uses it, and its fields."""
        techniques = {row["technique"].value() for row in self.rows}
        return [
            (
                kind,
                bool(techniques & kind.techniques),
                [self[name] for name in self.fields if name.startswith(f"{kind.id}-")],
            )
            for kind in KINDS.values()
        ]

    @property
    def exception_count(self) -> int:
        return sum(bool(field.value()) for field in self.aseptic)

    @property
    def has_exceptions(self) -> bool:
        return any(field.value() or field.errors for field in self.aseptic)

    @property
    def asks_incident(self) -> bool:
        """Whether the note should be seen: the counts part, or one is written."""
        given, taken = self["needles_in"].value(), self["needles_out"].value()
        differ = given not in {None, ""} and taken not in {None, ""}
        written = self["incident"].value() or self["incident"].errors
        return bool(written) or (differ and str(given) != str(taken))

    @property
    def all_no(self) -> bool:
        return all(field.value() == "no" for field in self.safety)

    @property
    def is_asked_singly(self) -> bool:
        """Whether the five questions should be seen one by one."""
        answered = any(field.value() in {"yes", "no"} for field in self.safety)
        return (answered and not self.all_no) or any(f.errors for f in self.safety)

    def is_valid(self) -> bool:
        rows = [
            row.is_valid() for row in self.rows
        ]  # each, so that each has its errors
        return super().is_valid() and all(rows)

    def find(self, name: str) -> tuple[forms.Form, str]:
        """The form and the field that a problem's field is in."""
        for row in self.rows:
            if name.startswith(f"{row.prefix}-"):
                return row, name.removeprefix(f"{row.prefix}-")
        return self, name

    @property
    def entry(self) -> Entry:
        given = self.cleaned_data
        lines = [row.line for row in self.rows if not row.cleaned_data["drop"]]
        too_many = [line.code for line in lines[MOST_POINTS:]]
        open_words = (*self.unclear, *self._strange(), given["words"])
        return Entry(
            lines=tuple(lines[:MOST_POINTS]),
            retention_min=given["retention_min"],
            needles_in=given["needles_in"],
            needles_out=given["needles_out"],
            incident=given["incident"],
            exceptions={
                name: words
                for name in CHECKLIST.items
                if (words := given[f"aseptic-{name}"])
            },
            safety=self._safety(),
            scores={n: given[n] for n in SCORES if given[n] is not None},
            no_score_reason=given["no_score_reason"],
            why={row.point.code: why for row in self.rows if (why := row.why_told)},
            stimulation={
                kind.id: stimulus_of(kind, given) for kind in used(lines[:MOST_POINTS])
            },
            note=given["note"],
            words=", ".join(filter(None, (*open_words, *too_many))),
        )

    def _strange(self) -> list[str]:
        """Rows of a point that the catalogue doesn't have: kept as words."""
        sent = self.data.getlist("point")[:MOST_POINTS]
        strange = (code for code in sent if code not in self.ground.book.points)
        return ["".join(filter(str.isprintable, code))[:8] for code in strange]

    def _safety(self) -> dict[str, bool]:
        """One tick says no to what was left open; it never undoes a yes."""
        answers = {n: self.cleaned_data[f"safety-{n}"] for n in SHORT_SCREEN}
        if self.cleaned_data["none_of_these"]:
            answers = {n: bool(answer) for n, answer in answers.items()}
        return {n: answer for n, answer in answers.items() if answer is not None}


def unclear_of(entry: Entry) -> list[str]:
    return [text for text in entry.words.split(", ") if text]


def codes_of(entry: Entry) -> list[str]:
    return [line.code for line in entry.lines]


def flat(entry: Entry) -> dict[str, object]:
    """The entry by the names of the form's fields, as their widgets take it."""
    values: dict[str, object] = {
        name: getattr(entry, name)
        for name in (
            "retention_min",
            "needles_in",
            "needles_out",
            "incident",
            "no_score_reason",
            "note",
        )
    }
    values |= {name: str(score) for name, score in entry.scores.items()}
    values |= {
        f"safety-{name}": ANSWERS[entry.safety.get(name)] for name in SHORT_SCREEN
    }
    values |= {f"aseptic-{name}": words for name, words in entry.exceptions.items()}
    for line in entry.lines:
        values |= {
            f"{line.code}-side": line.side,
            f"{line.code}-depth_mm": line.depth_mm,
            f"{line.code}-technique": line.technique,
            f"{line.code}-de_qi": ANSWERS[line.de_qi],
            f"{line.code}-reason": line.reason,
        }
        if line.code == ASHI:
            values[f"{ASHI}-count"] = line.count
        if line.pair:
            values[f"{line.code}-pair"] = line.pair
    for kind, stimulus in entry.stimulation.items():
        told = vars(stimulus).items()
        values |= {f"{kind}-{name}": value for name, value in told if value}
    for code, why in entry.why.items():
        values |= {f"{code}-why": why.reason, f"{code}-why_words": why.words}
    return values


def as_sent(entry: Entry, revision: int) -> MultiValueDict:
    """The entry as the form would send it, so that problems stand beside fields."""
    values = {name: "" if v is None else str(v) for name, v in flat(entry).items()}
    sent = MultiValueDict({name: [value] for name, value in values.items()})
    sent["revision"] = str(revision)
    sent.setlist("point", codes_of(entry))
    sent.setlist("unclear", unclear_of(entry))
    return sent
