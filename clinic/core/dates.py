from datetime import date


def full_years(born: date, on: date) -> int:
    """Somebody born on 29 February has the birthday on 1 March in a common year."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
