import numpy as np
import pytest

from analysis.core.errors import DesignError
from analysis.inference.segmented import StageTerm, segmented_design

POSITIONS = np.arange(10)


def test_slope_counts_from_zero_in_the_first_period_of_the_event():
    design = segmented_design(POSITIONS, 6)
    assert design.names == ("level", "trend", "event", "event slope")
    assert design.matrix[:, 2].tolist() == [0] * 6 + [1] * 4
    assert design.matrix[:, 3].tolist() == [0] * 6 + [0, 1, 2, 3]


def test_without_event_keeps_everything_else():
    design = segmented_design(POSITIONS, 6, stages=[StageTerm("ads", 3, slope=True)], harmonics=1, season_length=5)
    absent = design.without_event()
    assert not absent[:, [2, 3]].any()
    others = [index for index in range(design.matrix.shape[1]) if index not in (2, 3)]
    assert (absent[:, others] == design.matrix[:, others]).all()


def test_average_of_event_terms_is_one_and_half_the_last_step():
    design = segmented_design(POSITIONS, 6)
    weights = design.average_of(["event", "event slope"], POSITIONS >= 6)
    assert weights.tolist() == [0, 0, 1, 1.5]


def test_stages_start_at_their_position_and_stay():
    design = segmented_design(POSITIONS, 8, stages=[StageTerm("ads", 3), StageTerm("news", 5, slope=True)])
    assert design.matrix[:, design.column("stage: ads")].tolist() == [0] * 3 + [1] * 7
    assert design.matrix[:, design.column("stage slope: news")].tolist() == [0] * 6 + [1, 2, 3, 4]


def test_harmonics_have_the_period_asked_for():
    design = segmented_design(np.arange(24), 20, harmonics=2, season_length=12)
    wave = design.matrix[:, design.column("sine 1")]
    assert wave[:12] == pytest.approx(wave[12:], abs=1e-12)
    second = design.matrix[:, design.column("cosine 2")]
    assert second[:6] == pytest.approx(second[6:12])


def test_covariates_are_standardised():
    values = np.column_stack([np.arange(10.0) ** 2])
    column = segmented_design(POSITIONS, 6, covariates=values, covariate_names=["demand"]).matrix[:, -1]
    assert (column.mean(), column.std()) == (pytest.approx(0), pytest.approx(1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"harmonics": 1}, "season is not known"),
        ({"harmonics": 6, "season_length": 12}, "do not fit"),
        ({"covariates": np.ones((10, 1)), "covariate_names": ["flat"]}, "never changes"),
    ],
)
def test_what_cannot_be_built_is_refused(options, message):
    with pytest.raises(DesignError, match=message):
        segmented_design(POSITIONS, 6, **options)
