"""A clinic's own policy: the file that is shipped, with other numbers and words.

The limits are those of the shipped file, whatever the clinic's copy says of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from clinic.core.texts import LANGUAGES
from clinic.rules.machine import Rule

Check = Callable[[Mapping[str, Any]], None]


def kept_within(shipped: Sequence[Rule]) -> Check:
    """To be given the `then` of each rule of the clinic's file, in their order.

    Raises ValueError for what a clinic may not change.
    """
    rules = iter(shipped)
    return lambda raw: _check(raw, _next(rules))


def check_same_rules(own: Sequence[Rule], shipped: Sequence[Rule]) -> None:
    """Raises ValueError; a rule that is missing would lift what it holds."""
    for mine, theirs in zip(own, shipped, strict=False):
        if (mine.id, mine.when) != (theirs.id, theirs.when):
            raise ValueError(f"rule {mine.id} stands where {theirs.id} is shipped")
    if missing := shipped[len(own) :]:
        raise ValueError(f"rule {missing[0].id} is missing")


def _next(rules: Iterator[Rule]) -> Mapping[str, Any]:
    rule = next(rules, None)
    if rule is None:
        raise ValueError("a clinic's policy adds no rule")
    return rule.then


def _check(own: Mapping[str, Any], shipped: Mapping[str, Any]) -> None:
    if strange := sorted(own.keys() ^ shipped.keys()):
        raise ValueError(f"{strange[0]}: a clinic's policy changes no effect")
    limits = dict(shipped.get("limits", {}))
    for key, theirs in shipped.items():
        if key in limits:
            _within(key, own[key], limits[key])
        elif key == "dose":
            _check_dose(own[key], theirs)
        elif not _alike(own[key], theirs):
            raise ValueError(f"{key}: only its words and its order may change")


def _check_dose(own: Mapping[str, Any], shipped: Mapping[str, Any]) -> None:
    for key, theirs in shipped.items():
        if limits := shipped.get(f"{key}_range"):
            _within(key, own.get(key), limits)
        elif own.get(key) != theirs:
            raise ValueError(f"dose: {key} may not change")


def _within(key: str, number: Any, limits: Sequence[float]) -> None:
    low, high = limits
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(f"{key}: {number!r} is not a number")
    if not low <= number <= high:
        raise ValueError(f"{key}: {number:g} is outside {low:g} to {high:g}")


def _alike(own: Any, shipped: Any) -> bool:
    """But for words in every language, and the order of a list."""
    if isinstance(shipped, Mapping) and shipped.keys() == set(LANGUAGES):
        return isinstance(own, Mapping) and own.keys() == shipped.keys()
    if isinstance(shipped, Mapping) and isinstance(own, Mapping):
        return own.keys() == shipped.keys() and all(
            _alike(own[key], theirs) for key, theirs in shipped.items()
        )
    if isinstance(shipped, list) and isinstance(own, list):
        return sorted(map(repr, own)) == sorted(map(repr, shipped))
    return bool(own == shipped)
