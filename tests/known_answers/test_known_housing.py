"""Satisfaction of 1,681 tenants of Copenhagen (Madsen 1976), the example of proportional odds in Venables and Ripley.

Frequencies and answers as the R package MASS has them: house.plr, `polr(Sat ~ Infl + Type + Cont, weights = Freq)`.
"""

import numpy as np
import pytest

from analysis.inference.ordered_logit import fit_ordered_logit

# Satisfaction low, medium, high; by influence (low, medium, high), a line a type of housing; little contact, then much.
LITTLE = """
21 21 28   34 22 36   10 11 36
61 23 17   43 35 40   26 18 54
13  9 10    8  8 12    6  7  9
18  6  7   15 13 13    7  5 11
"""
MUCH = """
14 19 37   17 23 40    3  5 23
78 46 43   48 45 86   15 25 62
20 23 20   10 22 24    7 10 21
57 23 13   31 21 13    5  6 13
"""
TENANTS = np.array((LITTLE + MUCH).split(), dtype=float).reshape(24, 3)
PUBLISHED = {
    "InflMedium": 0.5663937, "InflHigh": 1.2888191, "TypeApartment": -0.5723501, "TypeAtrium": -0.3661866,
    "TypeTerrace": -1.0910149, "ContHigh": 0.3602841,
}  # fmt: skip
CUTS = [-0.4961353, 0.6907083]
PRINTED = 5e-7  # seven digits, from a search that stopped 2e-7 before the maximum


def design() -> np.ndarray:
    """A row a group of tenants: medium and high influence, apartment, atrium, terrace (else tower), much contact."""
    groups = [(influence, kind, contact) for contact in range(2) for kind in range(4) for influence in range(3)]
    return np.array([[i == 1, i == 2, k == 1, k == 2, k == 3, c == 1] for i, k, c in groups], dtype=float)


@pytest.fixture(scope="module")
def fit():
    return fit_ordered_logit(TENANTS, design())


def test_the_table_is_the_published_one():
    assert TENANTS.sum() == 1681
    assert TENANTS.size == 72


def test_coefficients_with_their_sign(fit):
    assert fit.coefficients == pytest.approx(list(PUBLISHED.values()), abs=PRINTED)


def test_cuts(fit):
    assert fit.cuts == pytest.approx(CUTS, abs=PRINTED)


def test_deviance(fit):
    assert float(fit.deviance) == pytest.approx(3479.149, abs=5e-4)
