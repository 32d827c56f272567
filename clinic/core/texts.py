"""Texts that live in data files and so carry every language with them."""

from collections.abc import Mapping

# As people call their own language.
LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文"}
LANGUAGES = tuple(LANGUAGE_NAMES)

Text = Mapping[str, str]


def check_text(raw: object, where: str) -> Text:
    """Return `raw` as a text, or raise ValueError saying what `where` lacks."""
    texts = raw if isinstance(raw, Mapping) else {}
    for language in LANGUAGES:
        words = texts.get(language)
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"{where}: the text in {language} is missing")
    if strange := sorted(set(texts) - set(LANGUAGES)):
        raise ValueError(f"{where}: no such language as {strange[0]}")
    return {language: texts[language] for language in LANGUAGES}
