"""How often is a change found on real data at dates when nothing is known to have happened? Writes real_nulls.md.

Ours beside what people reach for (a before-and-after t test, a segmented regression with Newey-West errors), on the
same series in the same run.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from joblib import Parallel, delayed
from scipy.stats import ttest_ind

from analysis import Panel, Windows, estimate
from analysis.core import artefacts, paths
from analysis.core.errors import StudyError
from analysis.core.seeds import generator_for

REAL = paths.SHARED / "real"
TABLE = paths.PROJECT / "benchmarks" / "real_nulls.md"
NOMINAL = 0.05
DONORS = 40

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason="the real data (../shared/real) are not beside the project"),
]


def before_after(panel: Panel) -> float:
    return float(ttest_ind(panel.y[panel.pre], panel.y[panel.post], equal_var=False).pvalue)


def newey_west(panel: Panel) -> float:
    """Step and slope at the event, Newey-West errors by the usual lag rule; the p-value of the step."""
    time, post = np.arange(len(panel.y)), panel.post.astype(float)
    since = np.where(panel.post, time - time[panel.post][0], 0)
    design = np.column_stack([np.ones(len(time)), time, post, since])
    lags = int(4 * (len(time) / 100) ** (2 / 9))
    fit = sm.OLS(panel.y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    return float(fit.pvalues[2])


def ours(name: str, **options: object) -> Callable[[Panel], float]:
    return lambda panel: estimate(name, panel, **options).p_value


ALONE = {
    "before and after, t test": before_after,
    "segmented regression, Newey-West": newey_west,
    "interrupted_time_series (step)": ours("interrupted_time_series", slope=False),
    "**structural_time_series**": ours("structural_time_series"),
}
TOGETHER = {
    "**difference_in_differences**": ours("difference_in_differences"),
    "**synthetic_control**": ours("synthetic_control"),
    "**synthetic_difference_in_differences**": ours("synthetic_difference_in_differences"),
}
MARKET = {"**market_event_study**": ours("market_event_study")}


def p_values(panel: Panel, methods: dict[str, Callable[[Panel], float]]) -> dict[str, float]:
    found = {}
    for name, method in methods.items():
        try:
            found[name] = method(panel)
        except StudyError:
            found[name] = np.nan
    return found


def page_panels() -> list[Panel]:
    """Complete pages without a week of nothing, in logarithms, 88 + 30 weeks; 40 others as donors, drawn by name."""
    raw = pd.read_csv(REAL / "facebook-pages" / "page-engagement-by-week.csv.gz", dtype={"page_id": str})
    wide = raw.pivot(index="status_published", columns="page_id", values="total_engagement").dropna(axis=1)
    wide = wide.loc[:, (wide > 0).all()]
    wide.index = pd.to_datetime(wide.index)
    windows = Windows.split(first=wide.index[0], event=wide.index[88], last=wide.index[-1])
    panels = []
    for page in wide.columns:
        others = [name for name in wide.columns if name != page]
        donors = generator_for("donors of", page).choice(others, DONORS, replace=False)
        panels.append(Panel.from_wide(wide, treated=page, donors=list(donors), windows=windows, scale="log"))
    return panels


def boston_panels() -> list[Panel]:
    """Daily cases of three channels, the week of the opening left out, at dates a week apart: 120 days, then 28."""
    raw = pd.read_csv(REAL / "boston-311" / "cases.csv.gz", dtype=str)
    days = pd.to_datetime(raw["OPEN_DT"], format="%m/%d/%Y %I:%M:%S %p").dt.normalize()
    counts = raw.groupby([days, "Source"]).size().unstack(fill_value=0)
    counts = counts[["Constituent Call", "Citizens Connect App", "Self Service"]]
    counts = counts.reindex(pd.date_range("2015-01-02", "2015-12-30"), fill_value=0) + 0.5
    panels = []
    for channel in counts:
        for start in range(0, len(counts) - 148, 7):
            part = counts[[channel]].iloc[start : start + 148]
            if part.index[0] <= pd.Timestamp("2015-08-10") <= part.index[-1]:
                continue  # the one date when something did happen
            windows = Windows.split(first=part.index[0], event=part.index[120], last=part.index[-1])
            panels.append(Panel.from_wide(part, treated=channel, windows=windows, scale="log"))
    return panels


def milan_shares() -> list[Panel]:
    """Every share on the index fund, 250 days of estimation, at days 60 trading days apart."""
    raw = pd.read_csv(REAL / "milan-shares" / "prices.csv.gz")
    wide = raw.pivot(index="Date", columns="Ticker", values="Adj Close")
    returns = np.log(wide).diff().iloc[1:]
    returns.index = pd.to_datetime(returns.index)
    panels = []
    for ticker in returns.columns.drop("IMIB.MI"):
        pair = returns[[ticker, "IMIB.MI"]].dropna()
        for day in range(265, len(pair), 60):
            windows = Windows(pair.index[day - 261], pair.index[day - 12], pair.index[day], pair.index[day])
            panels.append(
                Panel.from_wide(pair, treated=ticker, covariates=["IMIB.MI"], windows=windows, outcome=ticker)
            )
    return panels


def shares(panels: list[Panel], methods: dict[str, Callable[[Panel], float]]) -> pd.DataFrame:
    found = Parallel(n_jobs=2, prefer="threads")(delayed(p_values)(panel, methods) for panel in panels)
    table = pd.DataFrame(found)
    rejected = (table <= NOMINAL).where(table.notna())
    return pd.DataFrame({"series": table.notna().sum(), "rejected": rejected.mean()})


def test_rejections_on_real_nulls() -> None:
    pages = page_panels()
    found = {
        "Facebook pages, 88 + 30 weeks": shares(pages, ALONE | TOGETHER),
        "Boston channels, 120 + 28 days": shares(boston_panels(), ALONE),
        "Milan shares, one day": shares(milan_shares(), MARKET),
    }
    lines = [
        "# Real nulls: how often is a change found where nothing is known to have happened?",
        "",
        f"Share of series rejected at a nominal {NOMINAL:.0%}; ours in bold. Made by `make test-slow`; series overlap,",
        "so the standard error (that of independent series) is a lower bound.",
        "",
        "| data | method | series | rejected | standard error |",
        "|---|---|---|---|---|",
    ]
    for data, table in found.items():
        for name, row in table.iterrows():
            error = np.sqrt(row["rejected"] * (1 - row["rejected"]) / row["series"])
            lines.append(f"| {data} | {name} | {row['series']:.0f} | {row['rejected']:.3f} | {error:.3f} |")
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    structural = found["Facebook pages, 88 + 30 weeks"].loc["**structural_time_series**", "rejected"]
    assert structural < found["Facebook pages, 88 + 30 weeks"].loc["segmented regression, Newey-West", "rejected"]
    assert structural <= NOMINAL + 3 * np.sqrt(NOMINAL * (1 - NOMINAL) / len(pages))
