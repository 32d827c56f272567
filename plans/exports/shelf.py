"""Every source, and every rule that cites it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from clinic.rules.machine import Rule
from clinic.rules.sources import Source, load_sources
from patients.intake.screen import RED_FLAGS, SOURCES
from plans.adverse import rules as adverse
from plans.catalogue.points import read_catalogue
from plans.engine import advice, signs
from plans.engine.book import SHELF, load_book
from plans.exports import patient_sheet
from plans.progress import reviews
from plans.progress.band import ACUPUNCTURE, ELECTRO


@dataclass(frozen=True)
class Entry:
    """`in_band`: the expected course on the progress chart is drawn from it."""

    source: Source
    rules: tuple[Rule, ...]
    in_band: bool


@cache
def shelf() -> tuple[Entry, ...]:
    """By citation. What stands on two shelves under one id is one work."""
    sources = {**SOURCES, **load_sources(SHELF)}
    return entries(sources, all_rules(), band={ACUPUNCTURE.source, ELECTRO.source})


def entries(
    sources: Mapping[str, Source], rules: Iterable[Rule], *, band: set[str]
) -> tuple[Entry, ...]:
    citing: dict[str, list[Rule]] = {key: [] for key in sources}
    for rule in rules:
        for source in rule.sources:
            citing[source].append(rule)
    found = (Entry(sources[key], tuple(citing[key]), key in band) for key in sources)
    return tuple(sorted(found, key=lambda entry: entry.source.citation.casefold()))


def found_by(entries: Iterable[Entry], words: str) -> list[Entry]:
    """Those in which every word occurs: cited so, called so, or citing it."""
    asked = words.casefold().split()
    return [entry for entry in entries if all(w in _text(entry) for w in asked)]


def _text(entry: Entry) -> str:
    source = entry.source
    texts = (source.design, source.dose, source.not_shown)
    return " ".join(
        (
            source.id,
            source.citation,
            source.doi,
            source.n,
            *(words for text in texts if text for words in text.values()),
            *(rule.id for rule in entry.rules),
        )
    ).casefold()


def without_source() -> list[Rule]:
    """What the clinic decided, or what was only recalled: no work to cite."""
    return [rule for rule in all_rules() if not rule.sources]


def all_rules() -> list[Rule]:
    """Whatever the app says with a source: screen, plan, advice, reviews, paper."""
    book = load_book(read_catalogue())
    return [
        *RED_FLAGS.rules,
        *(rule for rule, _then in book.rules),
        *signs.load_signs(signs.FILE),
        *advice.load_advice(advice.FILE),
        *reviews.rules().rules,
        *adverse.rules().rules,
        *patient_sheet.rules().rules,
    ]
