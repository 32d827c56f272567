"""The closed words of the catalogue, each in every language."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from clinic.core.texts import Text, check_text

VOCABULARY = Path(__file__).parent / "data" / "vocabulary.toml"


def read_vocabulary(path: Path = VOCABULARY) -> Mapping[str, Mapping[str, Text]]:
    """Words by kind: channel, body_region, side, position, angle, caution, category.

    Raises:
        ValueError: A word has no text in one of the languages.
    """
    with path.open("rb") as file:
        tables = tomllib.load(file)
    return {
        kind: {
            word: check_text(texts, f"{path.name}, {kind}.{word}")
            for word, texts in words.items()
        }
        for kind, words in tables.items()
    }


WORDS = read_vocabulary()


def in_words(kind: str, word: str) -> Text:
    """What a word of the catalogue says: `in_words("caution", "eye")`."""
    return WORDS[kind][word]
