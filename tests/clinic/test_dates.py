from datetime import date

import pytest

from clinic.core.dates import full_years


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1980, 3, 2), date(2026, 3, 1), 45),
        (date(1980, 3, 2), date(2026, 3, 2), 46),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_a_year_is_full_on_the_birthday(born, on, years):
    assert full_years(born, on) == years
