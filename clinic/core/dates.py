from datetime import date

# Days a diary can show; both lie far from where a time zone would overflow.
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)


def full_years(born: date, on: date) -> int:
    """Somebody born on 29 February has the birthday on 1 March in a common year."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
