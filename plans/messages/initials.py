from patients.records.names import HAN


def initials(family_name: str, given_name: str) -> str:
    """Enough for who treats them, not enough for who looks over a shoulder.

    >>> initials("Reyes", "Ana María"), initials("王", "伟")
    ('A.M.R.', '王某')

    A Chinese name is so short that its first characters would be all of it.
    """
    if HAN.search(family_name) or HAN.search(given_name):
        return f"{(family_name or given_name)[:1]}某"
    words = f"{given_name} {family_name}".replace("-", " ").split()
    return "".join(f"{word[0].upper()}." for word in words)
