import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.progress.band import ACUPUNCTURE, ELECTRO, SHAM, Caveat, caveats
from plans.progress.trend import Dose

TEN_IN_FOUR = Dose(10, 4)


@pytest.mark.parametrize(
    ("trial", "weeks", "expected"),
    [
        (ACUPUNCTURE, 0, 7),
        (ACUPUNCTURE, 2, 5.45),
        (ACUPUNCTURE, 4, 3.9),
        (ACUPUNCTURE, 8, 3.9),  # flat after week 4
        (ELECTRO, 4, 4.7),
        (SHAM, 4, 5.5),
    ],
)
def test_centre_lines_are_the_trials_means(trial, weeks, expected):
    assert trial.expected(7, weeks) == pytest.approx(expected)


@pytest.mark.parametrize(("weeks", "half"), [(0, 0), (1, 1.0), (4, 2.0), (6, 2.0)])
def test_shade_grows_with_the_root_of_time_to_one_deviation(weeks, half):
    low, high = ACUPUNCTURE.spread(7, weeks)

    assert (high - low) / 2 == pytest.approx(half)


@given(
    st.sampled_from([ACUPUNCTURE, ELECTRO, SHAM]),
    st.floats(0, 10),
    st.floats(-1, 60),
)
def test_band_never_leaves_the_scale(trial, base, weeks):
    low, high = trial.spread(base, weeks)

    assert 0 <= low <= trial.expected(base, weeks) <= 10
    assert low <= high <= 10


def test_band_fits_the_dose_and_the_patients_that_were_measured():
    assert caveats(4, TEN_IN_FOUR, 12) == ()


@pytest.mark.parametrize(
    ("base", "dose", "onset", "found"),
    [
        (3.9, TEN_IN_FOUR, 20, [Caveat.LOW_BASELINE]),
        (None, TEN_IN_FOUR, 20, [Caveat.NO_BASELINE]),
        (6, None, 20, [Caveat.UNKNOWN_DOSE]),
        (6, Dose(7, 4), 20, [Caveat.FAR_DOSE]),
        (6, Dose(8, 4), 20, [Caveat.NEAR_DOSE]),
        (6, Dose(16, 8), 20, [Caveat.NEAR_DOSE]),
        (6, Dose(12, 4), 20, [Caveat.NEAR_DOSE]),
        (6, Dose(13, 4), 20, [Caveat.FAR_DOSE]),
        (6, Dose(9, 3), 20, [Caveat.NEAR_DOSE]),
        (6, Dose(8, 8), 20, [Caveat.FAR_DOSE]),
        (6, TEN_IN_FOUR, 11, [Caveat.NOT_CHRONIC]),
        (6, TEN_IN_FOUR, None, [Caveat.UNKNOWN_DURATION]),
        (2, None, 3, [Caveat.LOW_BASELINE, Caveat.UNKNOWN_DOSE, Caveat.NOT_CHRONIC]),
    ],
)
def test_what_does_not_fit_is_said(base, dose, onset, found):
    assert list(caveats(base, dose, onset)) == found
