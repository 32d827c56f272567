"""Whether initials are somebody's. No name is ever shown to be chosen."""

from patients.records.names import HAN, JOINERS, WORD, fold, full_name


def is_called(
    typed: str, *, family_name: str, given_name: str, preferred_name: str = ""
) -> bool:
    """Whether these initials, in any order and writing, can be this person's.

    >>> is_called("r.a.", family_name="Reyes", given_name="Ana María")
    True
    >>> is_called("AB", family_name="Reyes", given_name="Ana María")
    False

    A Chinese name has the family name or its first character, or the whole name.
    """
    letters = "".join(WORD.findall(fold(typed)))
    if not letters:
        return False
    if HAN.search(letters):
        family, whole = fold(family_name), fold(full_name(family_name, given_name))
        return bool(HAN.search(whole)) and letters in {family, family[:1], whole}
    names = [(given_name, family_name)]
    if preferred_name:
        names += [(preferred_name, family_name), (preferred_name, "")]
    return any(
        sorted(letters) == sorted(initials)
        for given, family in names
        for initials in _initials(given, family)
    )


def _initials(given: str, family: str) -> set[str]:
    """Of all words, and of the first given and the first or last family name."""
    first, last = (
        [word[0] for word in WORD.findall(fold(JOINERS.sub(" ", name)))]
        for name in (given, family)
    )
    whole = "".join([*first, *last])
    short = {"".join([*first[:1], *last[:1]]), "".join([*first[:1], *last[-1:]])}
    # One letter tells too little, unless the name has no more.
    return {whole} | {letters for letters in short if len(letters) > 1}
