"""Weekly clusters: a plain mean of equal weeks, covering under shocks that last, and periods that do not vary."""

import numpy as np
import pytest
from scipy.stats import t as student

from analysis.core.errors import DesignError
from analysis.core.seeds import generator_for
from analysis.inference import weekly_clusters as module
from analysis.inference.weekly_clusters import weekly_clusters, weekly_estimate

BEFORE, AFTER = 56, 38
WORLDS = 80
LEVEL = 0.95


def world(name: object, *, rho: float = 0.3, shock: float = 0.125, busy: int = 90) -> tuple[np.ndarray, ...]:
    """Weeks, periods and values of cases with noise of sd 1 and a weekly shock; no change between the periods."""
    draw = generator_for("weekly clusters", name, rho, shock)
    weeks = np.r_[0:BEFORE, BEFORE + 4 : BEFORE + 4 + AFTER]
    shocks = np.empty(weeks.max() + 1)
    shocks[0] = draw.normal()
    for week in range(1, len(shocks)):
        shocks[week] = rho * shocks[week - 1] + np.sqrt(1 - rho**2) * draw.normal()
    week = np.repeat(weeks, draw.integers(busy * 2 // 3, busy * 4 // 3, len(weeks)))
    return week, week >= BEFORE, draw.normal(size=len(week)) + shock * shocks[week]


def of_means(week: np.ndarray, after: np.ndarray, values: np.ndarray, **options: object) -> module.WeeklyEstimate:
    influence, means = np.empty(len(values)), []
    for side in (False, True):
        own = after == side
        means.append(values[own].mean())
        influence[own] = (values[own] - means[-1]) / own.sum()
    point = {"change": means[1] - means[0], "before": means[0], "after": means[1]}[options.get("part", "change")]
    return weekly_estimate(weekly_clusters(week, after), [point], influence, **options)


def test_with_equal_weeks_and_independence_alone_it_is_the_t_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RHO", ())
    draw = generator_for("t test")
    week = np.repeat(np.arange(30), 10)
    after, values = week >= 15, draw.normal(size=300)
    # The same spread in both periods: the one thing that the two tests would otherwise estimate differently.
    values[after] = draw.permutation(values[~after]) + 0.5
    found = of_means(week, after, values)
    sums = np.array([values[week == item].mean() for item in range(30)])
    residuals = np.r_[sums[:15] - sums[:15].mean(), sums[15:] - sums[15:].mean()]
    error = np.sqrt((residuals**2).sum() / 28 * 2 / 15)
    assert found.point[0] == pytest.approx(0.5)
    assert found.upper[0] - found.point[0] == pytest.approx(error * student.ppf(0.975, 28), rel=1e-4)
    assert found.p_value[0] == pytest.approx(2 * student.sf(0.5 / error, 28), rel=1e-6)


def test_interval_and_p_value_agree() -> None:
    week, after, values = world("agree")
    at = of_means(week, after, values)
    edge = of_means(week, after, values - at.lower[0] * after)
    assert edge.p_value[0] == pytest.approx(0.05, abs=1e-3)
    assert of_means(week, after, values, level=0.5).upper[0] < at.upper[0]


@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_it_covers_when_weeks_share_shocks(rho: float) -> None:
    inside = 0
    for number in range(WORLDS):
        found = of_means(*world(number, rho=rho))
        inside += found.lower[0] <= 0 <= found.upper[0]
    # Three Monte-Carlo standard errors below .95; benchmarks/journeys.md has the measured cover.
    assert inside / WORLDS >= LEVEL - 3 * np.sqrt(LEVEL * (1 - LEVEL) / WORLDS)


def test_lasting_shocks_widen_the_interval() -> None:
    widths = [np.mean([of_means(*world(i, rho=rho)).standard_error[0] for i in range(20)]) for rho in (0.0, 0.6)]
    assert widths[1] > 1.3 * widths[0]


def test_many_statistics_at_once_are_the_same_as_one_by_one() -> None:
    week, after, values = world("many")
    clusters, draw = weekly_clusters(week, after), generator_for("many")
    influence = draw.normal(size=(len(week), 3)) * values[:, None]
    both = weekly_estimate(clusters, np.zeros(3), influence)
    single = weekly_estimate(clusters, np.zeros(1), influence[:, 1])
    assert both.upper[1] == pytest.approx(single.upper[0], rel=1e-9)


def test_units_do_not_matter() -> None:
    week, after, values = world("units")
    one, other = of_means(week, after, values), of_means(week, after, 1e3 * values)
    assert other.upper[0] == pytest.approx(1e3 * one.upper[0], rel=1e-6)
    assert other.p_value[0] == pytest.approx(one.p_value[0], rel=1e-6)


def test_the_parts_of_a_change() -> None:
    week, after, values = world("parts", rho=0.0, shock=0.0)
    errors = {part: of_means(week, after, values, part=part).standard_error[0] for part in ("before", "after")}
    assert np.hypot(*errors.values()) == pytest.approx(of_means(week, after, values).standard_error[0], rel=0.03)


def test_a_period_that_does_not_vary_adds_nothing() -> None:
    week, after, values = world("constant")
    still = np.where(after, 0.0, values)
    change, before = of_means(week, after, still), of_means(week, after, still, part="before")
    assert change.standard_error[0] == pytest.approx(before.standard_error[0])
    assert np.isnan(of_means(week, after, still, part="after").upper[0])
    assert np.isnan(of_means(week, after, np.zeros(len(week))).p_value[0])


def test_what_is_missing_stays_missing_and_alone() -> None:
    week, after, values = world("missing")
    influence = np.column_stack([values, np.where(after, np.nan, values)])
    found = weekly_estimate(weekly_clusters(week, after), [0.0, 0.0], influence)
    assert np.isfinite(found.upper[0])
    assert np.isnan(found.upper[1])


def test_a_week_cut_by_the_exit_is_one_shock() -> None:
    week = np.repeat(np.arange(20), 10)
    after = np.arange(200) >= 105
    clusters = weekly_clusters(week, after)
    assert len(clusters.week) == 21
    assert np.isfinite(weekly_estimate(clusters, [0.0], generator_for("cut").normal(size=200)).upper[0])


def test_too_few_weeks_are_refused() -> None:
    with pytest.raises(DesignError, match="weeks with cases"):
        weekly_clusters(np.array([0, 1, 2, 3]), np.array([False, False, True, True]))
