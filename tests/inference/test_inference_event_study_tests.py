import numpy as np
import pytest

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.event_study_tests import corrado, event_study_tests


@pytest.fixture(scope="module")
def toy():
    firm, day = np.arange(1, 7)[:, None], np.arange(1, 61)[None, :]
    returns = 0.01 * np.sin(1.3 * firm * day) + 0.005 * np.cos(0.7 * day)
    event = np.array([-0.02, -0.01, -0.015, 0.002, -0.03, -0.008])
    return event_study_tests(returns - returns.mean(axis=1, keepdims=True), event)


def test_known_statistics(toy):
    assert toy.patell == pytest.approx(-4.06737908604575, abs=1e-12)
    assert toy.bmp == pytest.approx(-2.966476064226685, abs=1e-12)
    assert toy.mean_correlation == pytest.approx(0.186778743541333, abs=1e-12)
    assert toy.kolari_pynnonen == pytest.approx(-1.9236626295663077, abs=1e-12)
    assert toy.corrado == pytest.approx(-2.112725817559697, abs=1e-12)
    assert toy.cross_sectional == pytest.approx(-3.0199503445260207, abs=1e-12)


def test_p_values_use_the_declared_reference(toy):
    assert toy.p_value("patell") == pytest.approx(4.755e-5, rel=1e-3)
    assert toy.p_value("bmp") == pytest.approx(0.03126, abs=2e-4)  # Student's t on 5


def test_correlated_firms_are_only_held_to_size_by_kolari_and_pynnonen():
    """One date, correlation .3, 30 firms, 400 worlds: Patell and BMP reject a true null far too often."""
    rejected = {"patell": 0, "bmp": 0, "kolari_pynnonen": 0}
    for world in range(400):
        generator = generator_for("clustered events", world)
        returns = np.sqrt(0.3) * generator.normal(size=(1, 101)) + np.sqrt(0.7) * generator.normal(size=(30, 101))
        found = event_study_tests(returns[:, :100], returns[:, 100])
        for name in rejected:
            rejected[name] += found.p_value(name) < 0.05
    assert rejected["patell"] > 120
    assert rejected["bmp"] > 120
    assert rejected["kolari_pynnonen"] < 36


def test_a_forecast_factor_shrinks_the_standardised_returns():
    generator = generator_for("forecast factor")
    residuals, event = generator.normal(size=(8, 50)), generator.normal(size=8) + 1
    plain = event_study_tests(residuals, event)
    wider = event_study_tests(residuals, event, forecast_factor=np.full(8, 1.25))
    assert wider.patell == pytest.approx(plain.patell / 1.25)
    assert wider.bmp == pytest.approx(plain.bmp)


def test_ranks_do_not_mind_an_outlier():
    returns = generator_for("outlier").normal(size=(10, 40))
    wild = returns.copy()
    wild[3, np.argmax(returns[3])] = 1e6
    assert corrado(wild) == corrado(returns)


def test_one_firm_is_refused():
    with pytest.raises(DesignError, match="market_event_study"):
        event_study_tests(np.ones((1, 50)), np.ones(1))
    with pytest.raises(DesignError, match="match"):
        event_study_tests(np.ones((3, 50)), np.ones(2))
