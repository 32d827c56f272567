"""Reading the `then` of a rule, once, when the book is loaded.

Refused there is any word, point, zone or number that is not known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from clinic.core.texts import Text, check_text
from plans.catalogue.points import Point
from plans.catalogue.vocabulary import WORDS
from plans.engine.effects import (
    SUBSTITUTES,
    Cap,
    DoseChoice,
    Ensure,
    May,
    Positions,
    Size,
    Then,
)
from plans.engine.proposal import ASK, BLOCK, NOTE, WARN, Review
from plans.engine.terms import Terms


@dataclass(frozen=True)
class Names:
    """What a `then` may name."""

    points: Mapping[str, Point]
    terms: Terms

    def list_points(self, raw: Any) -> tuple[str, ...]:
        for code in _strings(raw):
            if code not in self.points:
                raise ValueError(f"the catalogue has no point {code!r}")
            if not self.points[code].needled:
                raise ValueError(f"{code} is not a point that is needled")
        return tuple(raw)

    def map_points(self, raw: Any) -> dict[str, tuple[str, ...]]:
        self.list_points(list(_table(raw)))
        return {code: self.list_points(codes) for code, codes in raw.items()}

    def marked_points(self, raw: Any) -> tuple[str, ...]:
        marks = set(_among(set(WORDS["caution"]))(raw))
        points = self.points.values()
        return tuple(p.code for p in points if marks.intersection(p.cautions))

    def points_in(self, raw: Any) -> tuple[str, ...]:
        zones = set(self.list_zones(raw))
        points = (point for point in self.points.values() if point.needled)
        known = (p for p in points if p.body_region != "variable")
        return tuple(p.code for p in known if self.terms.zone(p).id in zones)

    def list_zones(self, raw: Any) -> tuple[str, ...]:
        return _among({zone.id for zone in self.terms.zones})(raw)


def read_then(raw: Mapping[str, Any], names: Names) -> Then:
    """Raises ValueError for anything that is not in the language."""
    readers = _readers(names)
    values = {}
    for key, value in raw.items():
        if key not in readers:
            raise ValueError(f"no such effect as {key!r}")
        try:
            values[key] = readers[key](value)
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"{key}: {problem}") from problem
    then = Then(**values)
    if then.need > len(then.offer):
        raise ValueError(f"need: {then.need} of {len(then.offer)} offered")
    if then.rank != 1 and not then.decides:
        raise ValueError("rank: a rank among which rules? Say what it decides")
    for key, (low, high) in (then.limits or {}).items():
        _check_limits(key, _number(raw.get(key)), low, high)
    return then


def _check_limits(key: str, number: float, low: float, high: float) -> None:
    if not low <= number <= high:
        raise ValueError(f"{key}: {number:g} is outside {low:g} to {high:g}")


def _readers(names: Names) -> Mapping[str, Callable[[Any], Any]]:
    points, zones, text = names.list_points, names.list_zones, _text
    channels = _among({point.channel for point in names.points.values()})
    techniques = _one(set(names.terms.techniques))
    position = _one(set(WORDS["position"]))
    return {
        "decides": _string,
        "rank": _whole,
        "offer": points,
        "optional": points,
        "need": _whole,
        "either": _flag,
        "alternates": names.map_points,
        "favour": points,
        "backs": _string,
        "role": _one({"local", "distal", "pattern", "core"}),
        "channels": channels,
        "ashi": _pair,
        "size": lambda raw: _size(_table(raw)),
        "fewer": _flag,
        "fewer_most": _whole,
        "ensure": lambda raw: tuple(_ensure(row, names) for row in raw),
        "substitute": _one(set(SUBSTITUTES)),
        "named": names.map_points,
        "both_sides": points,
        "turn": lambda raw: {
            position(old): position(new) for old, new in _table(raw).items()
        },
        "positions": lambda raw: Positions(
            one=_naming(raw["one"], "left", "taken"),
            two=_naming(raw["two"], "turning"),
        ),
        "technique": techniques,
        "technique_zones": zones,
        "default_technique": techniques,
        "disagree": text,
        "may": lambda raw: tuple(_may(_table(row), names) for row in raw),
        "start": _number,
        "start_least": _flag,
        "factor": _number,
        "zones": zones,
        "caution": _one({BLOCK, WARN, NOTE, ASK}),
        "ask": _flag,
        "remove": points,
        "set_aside": points,
        "set_aside_marked": names.marked_points,
        "set_aside_in": names.points_in,
        "shallow": points,
        "forbid": _among(set(names.terms.uses)),
        "forbid_points": points,
        "forbid_zones": zones,
        "cap": lambda raw: _cap(_table(raw), names),
        "note": _flag,
        "note_with": points,
        "note_with_uses": _among(set(names.terms.uses)),
        "dose": _dose,
        "dose_note": _flag,
        "weekly": _weekly,
        "style": text,
        "seek": _one({"de_qi", "twitch", "none"}),
        "reviews": lambda raw: tuple(_review(row) for row in raw),
        "limits": lambda raw: {
            key: (_number(low), _number(high)) for key, (low, high) in raw.items()
        },
    }


def _size(raw: Mapping[str, Any]) -> Size:
    least, aim, most = (_whole(raw[key]) for key in ("least", "aim", "most"))
    if not least <= aim <= most:
        raise ValueError(f"{least}, {aim}, {most} do not rise")
    return Size(
        least,
        aim,
        most,
        short=_text(raw["short"]),
        filled=_text(raw["filled"]),
        turned=_naming(raw["turned"], "letter"),
    )


def _ensure(raw: Mapping[str, Any], names: Names) -> Ensure:
    return Ensure(
        zones=names.list_zones(raw["zones"]),
        on_channel=_flag(raw.get("on_channel", False)),
        missing=_text(raw["missing"]),
        turned=_naming(raw["turned"], "letter"),
    )


def _may(raw: Mapping[str, Any], names: Names) -> May:
    if strange := sorted(raw.keys() - {"technique", "at"}):
        raise ValueError(f"no such key as {strange[0]!r}")
    return May(
        technique=_one(set(names.terms.techniques))(raw["technique"]),
        at=tuple(names.list_points(row) for row in raw.get("at", ())),
    )


def _weekly(raw: Any) -> tuple[int, ...]:
    weeks = tuple(_whole(number) for number in raw)
    for per_week in weeks:
        _check_limits("weekly", per_week, 1, 7)
    return weeks


def _cap(raw: Mapping[str, Any], names: Names) -> Cap:
    angle = raw.get("angle", "")
    return Cap(
        points=names.list_points(raw["points"]) if "points" in raw else (),
        cun=_number(raw["cun"]) if "cun" in raw else None,
        angle=_one(set(WORDS["angle"]))(angle) if angle else "",
    )


def _dose(raw: Mapping[str, Any]) -> DoseChoice:
    dose = DoseChoice(
        per_week=_whole(raw["per_week"]),
        weeks=_whole(raw["weeks"]),
        retention_min=_whole(raw["retention_min"]),
        per_week_range=_pair(raw["per_week_range"]),
        weeks_range=_pair(raw["weeks_range"]),
    )
    _check_limits("per_week", dose.per_week, *dose.per_week_range)
    _check_limits("weeks", dose.weeks, *dose.weeks_range)
    return dose


def _review(raw: Mapping[str, Any]) -> Review:
    if not {"session", "week"} & raw.keys():
        raise ValueError("a review is held after a session or in a week")
    return Review(
        session=_whole(raw["session"]) if "session" in raw else None,
        week=_whole(raw["week"]) if "week" in raw else None,
        purpose=_text(raw["purpose"]),
    )


def _text(raw: Any) -> Text:
    return check_text(raw, "its text")


def _naming(raw: Any, *names: str) -> Text:
    """A text with a place, as {letter}, for each of what it names."""
    text = _text(raw)
    wanted = {f"{{{name}}}" for name in names}
    for language, words in text.items():
        if set(re.findall(r"{[^}]*}", words)) != wanted:
            raise ValueError(f"{language}: names just {', '.join(sorted(wanted))}")
    return text


def _table(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{raw!r} is not a table")
    return raw


def _string(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise ValueError(f"{raw!r} is not a word")
    return raw


def _strings(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueError(f"{raw!r} is not a list of words")
    if len(set(raw)) < len(raw):
        raise ValueError("a word stands there twice")
    return tuple(_string(word) for word in raw)


def _whole(raw: Any) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError(f"{raw!r} is not a whole number")
    return raw


def _number(raw: Any) -> float:
    if type(raw) not in {int, float} or raw < 0:
        raise ValueError(f"{raw!r} is not a number")
    return float(raw)


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"{raw!r} is neither true nor false")
    return raw


def _pair(raw: Any) -> tuple[int, int]:
    low, high = (_whole(number) for number in raw)
    if low > high:
        raise ValueError(f"{low} is more than {high}")
    return low, high


def _one(words: set[str]) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        if raw not in words:
            raise ValueError(f"{raw!r} is none of {', '.join(sorted(words))}")
        return str(raw)

    return read


def _among(words: set[str]) -> Callable[[Any], tuple[str, ...]]:
    one = _one(words)
    return lambda raw: tuple(one(word) for word in _strings(raw))
