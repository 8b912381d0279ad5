import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from analysis.core.errors import CaseError, DesignError
from analysis.core.seeds import generator_for
from analysis.inference.multiplicity import METHODS, adjust, romano_wolf

# Fifteen p-values of Benjamini and Hochberg (1995) with the adjusted values of the first five.
P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1]
REFERENCE = {"benjamini_hochberg": "fdr_bh", "benjamini_yekutieli": "fdr_by"}  # the others share their names


@pytest.mark.parametrize(
    ("method", "rejected"), [("bonferroni", 3), ("holm", 3), ("benjamini_hochberg", 4), ("benjamini_yekutieli", 3)]
)
def test_number_rejected_at_five_percent(method, rejected):
    assert (adjust(P, method) <= 0.05).sum() == rejected


def test_adjusted_values():
    assert adjust(P, "holm")[:5] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114, 0.2211], abs=5e-5)
    assert adjust(P, "benjamini_hochberg")[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.0356, 0.0603], abs=5e-5)


@pytest.mark.parametrize("method", METHODS)
def test_same_as_the_reference_in_any_order(method):
    values = generator_for("multiplicity", method).uniform(size=40) ** 3
    values[5] = values[9]
    reference = multipletests(values, method=REFERENCE.get(method, method))[1]
    assert adjust(values, method) == pytest.approx(reference, abs=1e-15)


def test_what_is_not_a_probability_is_refused():
    with pytest.raises(DesignError):
        adjust([0.2, np.nan], "holm")
    with pytest.raises(CaseError, match="holm"):
        adjust([0.2], "holmes")


def correlated(draws, rho, seed, hypotheses=6):
    generator = generator_for("romano wolf", seed)
    common = generator.normal(size=(draws, 1))
    return np.sqrt(rho) * common + np.sqrt(1 - rho) * generator.normal(size=(draws, hypotheses))


def test_romano_wolf_by_hand():
    """Two hypotheses, four draws: the first against the larger of both, the second against its own alone."""
    draws = np.array([[0.1, -3.0], [2.5, 0.2], [-0.4, 0.3], [0.2, 1.4]])
    assert romano_wolf([-2.0, 1.0], draws) == pytest.approx([3 / 5, 3 / 5])
    assert romano_wolf([-2.9, 1.0], draws) == pytest.approx([2 / 5, 3 / 5])


def test_romano_wolf_of_one_hypothesis_is_the_rank_p_value():
    draws = np.arange(1.0, 20.0)[:, None]
    assert romano_wolf([19.0], draws) == pytest.approx([2 / 20])


def test_romano_wolf_uses_dependence_that_holm_ignores():
    draws = correlated(4000, 0.98, "dependent")
    statistics = np.full(6, 2.3)
    alone = np.array([(1 + (np.abs(draws[:, k]) >= 2.3).sum()) / 4001 for k in range(6)])
    assert (romano_wolf(statistics, draws) < adjust(alone, "holm")).all()
    assert (romano_wolf(statistics, draws) >= alone.min()).all()


def test_romano_wolf_keeps_the_family_wise_error():
    """Six true nulls, correlated: at least one rejected in 5 % of families (Monte Carlo error 1 %)."""
    reference = correlated(2000, 0.5, "reference")
    families = correlated(500, 0.5, "families")
    wrong = np.mean([(romano_wolf(row, reference) <= 0.05).any() for row in families])
    assert 0.025 < wrong < 0.08


def test_romano_wolf_refuses_shapes_that_do_not_match():
    with pytest.raises(DesignError):
        romano_wolf([1.0, 2.0], np.zeros((10, 3)))
    with pytest.raises(DesignError):
        romano_wolf([np.nan], np.zeros((10, 1)))
