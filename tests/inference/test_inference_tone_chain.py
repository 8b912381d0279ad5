"""The tone chain and the ordered logit: published answers, inverse and certificate, refusals, the sign."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2_contingency
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.stats.contingency_tables import SquareTable

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference.ordered_logit import fit_ordered_logit, saturated_deviance
from analysis.inference.tone_chain import (
    GAP,
    chain_homogeneity_test,
    classifier_errors,
    conditional,
    corrected_joint,
    marginal_homogeneity_test,
    misread,
    stationary,
    symmetry_test,
)

COUNTS = np.array([[30, 50, 20], [5, 60, 35], [2, 18, 80]])
ERRORS = np.array([[0.80, 0.15, 0.05], [0.15, 0.70, 0.15], [0.05, 0.15, 0.80]])
JOINT = np.array([[0.20, 0.15, 0.05, 0.10], [0.02, 0.20, 0.10, 0.05], [0.01, 0.03, 0.06, 0.03]])

# Copenhagen housing conditions survey (Madsen 1976; the table "housing" of Venables and Ripley's MASS): satisfaction
# low, medium, high; within contact (low, high), type (tower, apartment, atrium, terrace), influence (low to high).
HOUSING_CELLS = """21 21 28 34 22 36 10 11 36 61 23 17 43 35 40 26 18 54 13 9 10 8 8 12 6 7 9 18 6 7 15 13 13 7 5 11
14 19 37 17 23 40 3 5 23 78 46 43 48 45 86 15 25 62 20 23 20 10 22 24 7 10 21 57 23 13 31 21 13 5 6 13"""
HOUSING = np.array(HOUSING_CELLS.split(), dtype=float).reshape(24, 3)
HOUSING_DESIGN = np.array(
    [
        [influence == 1, influence == 2, kind == 1, kind == 2, kind == 3, contact == 1]
        for contact in range(2)
        for kind in range(4)
        for influence in range(3)
    ],
    dtype=float,
)
DIGITS = 5e-5  # the answer is published to four decimals
NUMERICAL = 2e-4  # statsmodels stops its search there
INFORMATION = 0.02  # expected against observed information in a sample of this size


def test_the_chain_of_the_toy() -> None:
    np.testing.assert_allclose(conditional(COUNTS), COUNTS / 100)
    np.testing.assert_allclose(stationary(conditional(COUNTS)), [1 / 24, 1 / 3, 5 / 8], atol=1e-12)


def test_an_empty_row_has_no_shares() -> None:
    assert np.isnan(conditional([[0, 0], [1, 3]])[0]).all()


@pytest.mark.parametrize("matrix", [np.eye(3), [[np.nan, np.nan], [0.2, 0.8]], [[0.5, 0.6], [0.2, 0.8]]])
def test_a_chain_without_one_stationary_distribution_is_refused(matrix: object) -> None:
    with pytest.raises(DesignError):
        stationary(np.asarray(matrix))


@pytest.mark.parametrize("columns", [3, 4])
def test_exact_shares_are_recovered(columns: int) -> None:
    joint = JOINT[:, :columns] / JOINT[:, :columns].sum()
    np.testing.assert_allclose(corrected_joint(1000 * misread(joint, ERRORS), ERRORS), joint, atol=1e-12)


def test_without_errors_nothing_is_corrected() -> None:
    np.testing.assert_allclose(corrected_joint(COUNTS, np.eye(3)), COUNTS / COUNTS.sum())


def test_where_the_inverse_leaves_the_simplex_the_likelihood_is_at_its_maximum_on_it() -> None:
    joint = np.diag([0.4, 0.3, 0.3])
    counts = generator_for("tone chain", "boundary").multinomial(300, misread(joint, ERRORS).ravel()).reshape(3, 3)
    inverse = np.linalg.inv(ERRORS.T) @ (counts / counts.sum()) @ np.linalg.inv(ERRORS)
    assert inverse.min() < -0.01
    found = corrected_joint(counts, ERRORS)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)
    shares = counts / counts.sum()
    # No direction on the simplex raises the likelihood: the certificate, computed here anew.
    assert (ERRORS @ (shares / (ERRORS.T @ found @ ERRORS)) @ ERRORS.T).max() <= 1 + 10 * GAP

    def loss(logits: np.ndarray) -> float:
        trial = np.exp(logits - logits.max()).reshape(3, 3)
        return -float((shares * np.log(ERRORS.T @ (trial / trial.sum()) @ ERRORS)).sum())

    other = minimize(loss, np.zeros(9), method="BFGS", options={"gtol": 1e-10, "maxiter": 5000})
    assert loss(np.log(np.maximum(found, 1e-12)).ravel()) <= other.fun + 1e-6


def test_many_tables_are_solved_as_one_by_one() -> None:
    draw = generator_for("tone chain", "many")
    counts = draw.multinomial(200, misread(JOINT, ERRORS).ravel(), size=20).reshape(10, 2, 3, 4)
    errors = np.stack([[draw.dirichlet(150 * row) for row in ERRORS] for _ in range(10)])
    together = corrected_joint(counts, errors[:, None])
    for item in range(10):
        for period in range(2):
            np.testing.assert_allclose(together[item, period], corrected_joint(counts[item, period], errors[item]))


def test_who_never_wrote_back_cannot_be_misread() -> None:
    counts = generator_for("tone chain", "silent").multinomial(2000, misread(JOINT, ERRORS).ravel()).reshape(3, 4)
    assert corrected_joint(counts, ERRORS)[:, 3].sum() == pytest.approx(counts[:, 3].sum() / 2000, abs=1e-9)


@pytest.mark.parametrize(
    ("labelled", "words"),
    [
        ([[50, 50], [50, 50]], "tell the tone classes apart"),
        ([[80, 10, 10], [10, 80, 10], [10, 80, 10]], "tell the tone classes apart"),
        ([[80, 20], [0, 0]], "no labelled message"),
        ([[80, 20, 0], [10, 90, 0]], "shape"),
        ([[80, -1], [10, 90]], "negative"),
    ],
)
def test_labels_that_cannot_correct_are_refused(labelled: list, words: str) -> None:
    with pytest.raises(DesignError, match=words):
        classifier_errors(np.array(labelled))


def test_symmetry_and_marginal_change_are_those_of_statsmodels() -> None:
    table = SquareTable(COUNTS, shift_zeros=False)
    for found, reference in (
        (symmetry_test(COUNTS), table.symmetry(method="bowker")),
        (marginal_homogeneity_test(COUNTS), table.homogeneity(method="stuart_maxwell")),
    ):
        assert found.statistic == pytest.approx(reference.statistic, rel=1e-9)
        assert found.degrees_of_freedom == reference.df
        assert found.p_value == pytest.approx(reference.pvalue, rel=1e-9)


def test_two_classes_give_mcnemar() -> None:
    table = np.array([[10, 12], [5, 20]])
    assert symmetry_test(table).statistic == pytest.approx(49 / 17)
    assert marginal_homogeneity_test(table).statistic == pytest.approx(49 / 17)


def test_a_table_that_is_symmetric_shows_no_change() -> None:
    table = COUNTS + COUNTS.T
    for found in (symmetry_test(table), marginal_homogeneity_test(table)):
        assert found.statistic == pytest.approx(0, abs=1e-12)
        assert found.p_value == pytest.approx(1)
    assert marginal_homogeneity_test(np.diag([3, 4])).p_value == 1


def test_homogeneity_is_the_sum_of_the_likelihood_ratios_of_the_rows() -> None:
    other = np.array([[40, 40, 20], [10, 50, 40], [5, 15, 80]])
    rows = [chi2_contingency([COUNTS[row], other[row]], correction=False, lambda_="log-likelihood") for row in range(3)]
    found = chain_homogeneity_test(np.stack([COUNTS, other]))
    assert found.statistic == pytest.approx(sum(row.statistic for row in rows))
    assert found.degrees_of_freedom == 6  # (S - 1) m (m - 1)
    assert chain_homogeneity_test(np.stack([COUNTS, 3 * COUNTS])).statistic == pytest.approx(0, abs=1e-9)


def test_a_row_seen_in_one_stratum_only_cannot_differ() -> None:
    empty = COUNTS.copy()
    empty[0] = 0
    assert chain_homogeneity_test(np.stack([COUNTS, empty])).degrees_of_freedom == 4


def test_the_housing_answer() -> None:
    fit = fit_ordered_logit(HOUSING, HOUSING_DESIGN)
    np.testing.assert_allclose(fit.coefficients, [0.5664, 1.2888, -0.5723, -0.3662, -1.0910, 0.3603], atol=DIGITS)
    np.testing.assert_allclose(fit.cuts, [-0.4961, 0.6907], atol=DIGITS)
    assert float(fit.deviance) == pytest.approx(3479.149, abs=5e-4)


def test_the_ordered_logit_is_that_of_statsmodels() -> None:
    rows = np.repeat(np.arange(72), HOUSING.ravel().astype(int))
    reference = OrderedModel(rows % 3, HOUSING_DESIGN[rows // 3], distr="logit").fit(method="bfgs", disp=False)
    fit = fit_ordered_logit(HOUSING, HOUSING_DESIGN)
    np.testing.assert_allclose(fit.coefficients, np.asarray(reference.params)[:6], atol=NUMERICAL)
    errors = np.sqrt(np.diag(fit.covariance))[:6]
    np.testing.assert_allclose(errors, np.asarray(reference.bse)[:6], rtol=INFORMATION)


def test_a_positive_coefficient_moves_to_the_higher_classes() -> None:
    weights = np.array([[50.0, 30, 20], [20, 30, 50]])
    assert float(fit_ordered_logit(weights, np.array([[0.0], [1.0]])).coefficients[0]) > 0


def test_a_model_with_as_many_terms_as_shares_fits_exactly() -> None:
    weights = np.array([[60.0, 40], [30, 70]])
    fit = fit_ordered_logit(weights, np.array([[0.0], [1.0]]))
    assert float(fit.coefficients[0]) == pytest.approx(np.log(70 / 30) - np.log(40 / 60))
    assert float(fit.deviance) == pytest.approx(saturated_deviance(weights))


def test_several_tables_are_fitted_as_one_by_one_and_a_separated_one_has_no_value() -> None:
    design = np.array([[0.0], [1.0]])
    weights = np.array([[[50.0, 30, 20], [20, 30, 50]], [[50.0, 30, 20], [0, 0, 50]], [[10.0, 10, 10], [5, 10, 20]]])
    together = fit_ordered_logit(weights, design).coefficients
    assert np.isnan(together[1]).all()
    for item in (0, 2):
        np.testing.assert_allclose(together[item], fit_ordered_logit(weights[item], design).coefficients, atol=1e-8)
    with pytest.raises(DesignError, match="no finite estimate"):
        fit_ordered_logit(weights[1], design)


def test_terms_that_repeat_and_classes_without_cases_are_refused() -> None:
    with pytest.raises(DesignError, match="same thing"):
        fit_ordered_logit(np.ones((3, 3)), np.ones((3, 1)))
    with pytest.raises(DesignError, match="no case"):
        fit_ordered_logit(np.array([[1.0, 0, 2], [2, 0, 1]]), np.array([[0.0], [1.0]]))


def test_what_a_processor_rounds_otherwise_moves_no_digit_that_is_written() -> None:
    """Shares on the edge are exactly zero, and errors of the last bit in what goes in stay far below six digits."""
    generator = generator_for("tone chain", "last bits")
    errors = classifier_errors(np.array([[80, 15, 5], [20, 60, 20], [5, 25, 70]]))
    counts = generator.multinomial(240, [0.3, 0.1, 0.1, 0.1, 0.1, 0.02, 0.05, 0.03, 0.2], size=200).reshape(-1, 3, 3)
    shares = corrected_joint(counts, errors)
    last_bits = 1 + 1e-15 * generator.standard_normal((200, 3, 3))
    other = corrected_joint(counts * last_bits, errors * last_bits)
    assert (shares == 0).any(axis=(1, 2)).sum() > 20
    assert ((shares == 0) == (other == 0)).all()
    assert np.abs(shares - other).max() < 1e-9
    assert shares.sum(axis=(1, 2)) == pytest.approx(np.ones(200))
