"""The rows of points as a browser sent them, with what was typed and tapped read in.

Works on texts, so that a row that is not valid yet stays as it was typed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from plans.catalogue.codes import catalogue_names
from plans.catalogue.words import (
    ASHI,
    MOST_ASHI,
    Combinations,
    Parsed,
    Wanted,
    has_side,
    parse,
)
from plans.sessions.drafts import Sent
from plans.sessions.entry import Line
from plans.sessions.rules import Ground, suggest

LONGEST_TEXT = 300  # signs typed at once
MOST_UNCLEAR = 30
SAID = ("side", "depth_mm", "technique", "count")


@dataclass(frozen=True)
class Heard:
    """What was made of it: the codes of rows new, other than sent, gone, as sent."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    retention_min: int | None = None


def read_in(
    sent: Sent, ground: Ground, combinations: Combinations
) -> tuple[dict[str, list[str]], Heard]:
    """`words` are typed, `pick` was tapped by its name, `tap` on the figure; `meant`
    answers a question.
    """
    after = {name: list(values) for name, values in sent.items()}
    unclear = _kept(after.pop("unclear", []))
    texts = [
        *_answered(after.pop("meant", []), unclear),
        *after.pop("pick", []),
        *_typed(after),
    ]
    named: dict[str, None] = {}
    retention = None
    for text in texts:
        parsed = parse(text[:LONGEST_TEXT], catalogue_names(), combinations)
        for wanted in parsed.points:
            _put(after, wanted, ground)
            named[wanted.code] = None
        unclear |= dict.fromkeys(item.text for item in parsed.unclear)
        if parsed.retention_min is not None:
            retention = parsed.retention_min
            after["retention_min"] = [str(retention)]
    for tap in after.pop("tap", []):
        code, _gap, side = tap.partition(" ")
        if code in ground.book.points and side in ("left", "right", "midline"):
            _tap(after, code, side, ground)
            named[code] = None
    after["unclear"] = list(unclear)[:MOST_UNCLEAR]
    old = set(sent.get("unclear", ()))
    gone = [code for code in named if not _stands(after, code)]
    new = [code for code in named if not _stands(sent, code) and code not in gone]
    same = [code for code in named if _row(sent, code) == _row(after, code)]
    heard = Heard(
        added=tuple(new),
        changed=tuple(c for c in named if c not in {*new, *same, *gone}),
        left_out=tuple(gone),
        standing=tuple(code for code in same if code not in new),
        unclear=tuple(text for text in after["unclear"] if text not in old),
        retention_min=retention,
    )
    return after, heard


def _typed(after: dict[str, list[str]]) -> list[str]:
    """Taken out of the field; what is too long for it, or no text, stays there."""
    words = (after.get("words") or [""])[-1]
    if len(words) > LONGEST_TEXT or "\0" in words:
        return []
    after["words"] = [""]
    return [words]


def _kept(unclear: Iterable[str]) -> dict[str, None]:
    readable = ("".join(filter(str.isprintable, text)) for text in unclear)
    return dict.fromkeys(text[:LONGEST_TEXT] for text in readable if text.strip())


def _answered(answers: Iterable[str], unclear: dict[str, None]) -> Iterable[str]:
    """`BL40=foo L`: by foo L was meant BL40; `=foo L`: nothing."""
    for answer in answers:
        code, _gap, text = answer.partition("=")
        if text not in unclear:
            continue
        del unclear[text]
        if code:
            said = [word for item in understood(text).unclear for word in item.said]
            yield " ".join((code, *said))


def understood(text: str) -> Parsed:
    return parse(text, catalogue_names())


def _put(after: dict[str, list[str]], wanted: Wanted, ground: Ground) -> None:
    """Add a row, or say to a standing one what was said."""
    code = wanted.code
    if _stands(after, code):
        _say(after, code, _more_ashi(after, wanted))
        return
    if code not in after.get("point", []):
        after.setdefault("point", []).append(code)
    after.pop(f"{code}-drop", None)
    _say(after, code, suggest(wanted, ground))
    after.setdefault(f"{code}-de_qi", ["unknown"])


def _more_ashi(after: Sent, wanted: Wanted) -> Wanted:
    """Ashi named once more, without a number, is one more tender point."""
    if wanted != Wanted(ASHI):
        return wanted
    before = after.get(f"{ASHI}-count", ["1"])[-1]
    count = int(before) + 1 if re.fullmatch("[0-9]{1,2}", before) else 1
    return Wanted(ASHI, count=min(count, MOST_ASHI))


def _say(after: dict[str, list[str]], code: str, said: Wanted | Line) -> None:
    for name in SAID:
        value = getattr(said, name)
        if name == "side" and not has_side(code):
            value = "midline"
        if value is not None:
            after[f"{code}-{name}"] = [str(value)]


def _stands(sent: Sent, code: str) -> bool:
    dropped = sent.get(f"{code}-drop", [""])[-1]
    return code in sent.get("point", []) and not dropped


def _row(sent: Sent, code: str) -> list[list[str] | None]:
    return [sent.get(f"{code}-{name}") for name in (*SAID, "drop")]


def _tap(after: dict[str, list[str]], code: str, side: str, ground: Ground) -> None:
    """One side on, or off again; the row goes with its last side."""
    now = after.get(f"{code}-side", [""])[-1]
    if not _stands(after, code):
        _put(after, Wanted(code, side=side), ground)
    elif side == "midline" or now in (side, "midline"):
        after[f"{code}-drop"] = ["on"]
    elif now == "both":
        after[f"{code}-side"] = ["left" if side == "right" else "right"]
    else:
        after[f"{code}-side"] = ["both"]
