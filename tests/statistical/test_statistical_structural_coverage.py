"""Does the structural interval cover? Simulated worlds beside the oracle and a peer; real pages at quiet dates.

Writes benchmarks/structural_coverage.md. The prior was chosen on worlds seeded "train 0", "train 1", ...; the worlds
measured here are seeded "measured 0", "measured 1", ... and were not looked at before.
"""

import time
import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from statsmodels.tsa.statespace.structural import UnobservedComponents

from analysis.core import paths
from analysis.core.panel import Panel
from analysis.core.windows import Windows
from analysis.estimators.structural_time_series import estimate
from analysis.inference.calendar_terms import is_daily, weekday_columns
from analysis.inference.structural import Functionals, fit, predictive
from analysis.simulate.worlds import World, simulate_world
from analysis.simulate.worlds_recipes import ACCEPTED, LEVEL, RECIPES, STRAINED

SERIES, PEER_SERIES, PEER_DRAWS, WORKERS = 400, 40, 1000, 2
PEER_WORLDS = ("daily_controls", "daily_alone", "weekly_alone")
TABLE = paths.PROJECT / "benchmarks" / "structural_coverage.md"
PAGES = paths.SHARED / "real" / "facebook-pages" / "page-engagement-by-week.csv.gz"
PAGE_WINDOWS = ((0, 80, 28), (0, 84, 24), (0, 90, 20), (10, 84, 24), (8, 90, 20))  # first week, weeks before, after
DROPS = (-0.1, -0.3)
NULLS = 200


def one(name: str, number: int) -> dict[str, float]:
    """Everything measured on one series: the null, and the two drops (counts are redrawn, others shifted exactly)."""
    world = simulate_world(name, f"measured {number}")
    start = time.perf_counter()
    effect = estimate(world.panel, **world.options)
    seconds = time.perf_counter() - start
    row = {
        "inside": float(0.0 in effect.interval),
        "rejected": float(effect.p_value < 0.05),
        "error": effect.point,
        "width": effect.interval.upper - effect.interval.lower,
        "seconds": seconds,
    }
    if world.oracle:
        row |= {"oracle_error": world.oracle.estimate, "oracle_width": 2 * 1.959964 * world.oracle.deviation}
    return row | {f"power {-drop:.0%}": found(name, number, drop, world, effect) for drop in DROPS}


def found(name: str, number: int, drop: float, world: World, null) -> float:
    if RECIPES[name].count_mean:
        other = simulate_world(name, f"measured {number}", effect=drop)
        return float(0.0 not in estimate(other.panel, **other.options).interval)
    shift = np.log1p(drop) if world.panel.scale == "log" else drop * LEVEL
    return float(not null.interval.lower + shift <= 0.0 <= null.interval.upper + shift)


def peer(name: str, number: int) -> dict[str, float]:
    """statsmodels' local level with AR(1), regressors as given, maximum likelihood; its own simulated interval."""
    panel = simulate_world(name, f"measured {number}").panel
    columns = list(weekday_columns(panel.times, panel.pre).values()) if is_daily(panel.times) else []
    columns += list(panel.transform(panel.covariate_values).T)
    exog = np.column_stack(columns) if columns else None
    before, after = (None, None) if exog is None else (exog[panel.pre], exog[panel.post])
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UnobservedComponents(panel.y[panel.pre], "local level", autoregressive=1, exog=before)
        fitted = model.fit(disp=False)
        fit_alone = time.perf_counter() - start
        draws = fitted.simulate(
            panel.n_post, anchor="end", repetitions=PEER_DRAWS, exog=after,
            rng=np.random.default_rng(number),
        )  # fmt: skip
    means = np.asarray(draws).reshape(panel.n_post, -1).mean(axis=0)
    low, high = np.quantile(means, [0.025, 0.975])
    seconds = time.perf_counter() - start
    gap = panel.y[panel.post].mean()
    # Ours is timed beside it, so that whatever else the machine does weighs on both.
    start = time.perf_counter()
    estimate(panel)
    return {
        "inside": float(low <= gap <= high),
        "error": gap - means.mean(),
        "width": high - low,
        "fit_alone": fit_alone,
        "seconds": seconds,
        "seconds_ours": time.perf_counter() - start,
    }


def measured(function, name: str, series: int) -> pd.DataFrame:
    return pd.DataFrame(Parallel(n_jobs=WORKERS)(delayed(function)(name, number) for number in range(series)))


def summary(name: str, rows: pd.DataFrame) -> dict[str, object]:
    cover = rows["inside"].mean()
    oracle = "oracle_width" in rows
    rmse = np.sqrt((rows["error"] ** 2).mean())
    return {
        "world": name,
        "label": RECIPES[name].label,
        "series": len(rows),
        "cover": cover,
        "monte_carlo": np.sqrt(cover * (1 - cover) / len(rows)),
        "width": rows["width"].mean() / rows["oracle_width"].mean() if oracle else np.nan,
        "rmse": rmse / np.sqrt((rows["oracle_error"] ** 2).mean()) if oracle else np.nan,
        "bias": rows["error"].mean() / rmse,
        "rejected": rows["rejected"].mean(),
        "power 10": rows["power 10%"].mean(),
        "power 30": rows["power 30%"].mean(),
        "seconds": rows["seconds"].median(),
    }


def page_rejections() -> pd.DataFrame:
    """Share of complete real pages, log weekly engagement, on which the estimator sees an effect of nothing."""
    pages = pd.read_csv(PAGES, usecols=["page_id", "status_published", "total_engagement"])
    wide = pages.pivot(index="status_published", columns="page_id", values="total_engagement")
    wide = wide.loc[:, wide.notna().all() & (wide > 0).all()]
    wide.index = pd.to_datetime(wide.index)
    wide.columns = [str(name) for name in wide.columns]
    rows = []
    for first, before, after in PAGE_WINDOWS:
        times = wide.index[first : first + before + after]
        windows = Windows(times[0], times[before - 1], times[before], times[-1])
        p_values = [
            estimate(Panel.from_wide(wide, treated=name, windows=windows, scale="log")).p_value for name in wide
        ]
        window = {"first": first + 1, "before": before, "after": after, "pages": len(p_values)}
        rows.append(window | {"rejected": np.mean(np.array(p_values) < 0.05)})
    return pd.DataFrame(rows)


def shared_nulls() -> tuple[float, float]:
    """Seconds for NULLS null series of one design, factors shared, p-value of each; and the share under .05."""
    panel = simulate_world("daily_alone", "measured 0").panel
    design = np.column_stack([np.ones(len(panel.times)), *weekday_columns(panel.times, panel.pre).values()])
    many = np.column_stack([simulate_world("daily_alone", f"measured {k}").panel.y for k in range(NULLS)])
    share = np.full((1, panel.n_post), 1 / panel.n_post)
    start = time.perf_counter()
    fitted = fit(many[panel.pre], design[panel.pre], np.arange(panel.n_pre))
    ask = Functionals(np.arange(panel.n_post) + 1, share, share @ design[panel.post])
    gaps = many[panel.post].mean(axis=0)
    p_values = [predictive(fitted, ask, k).two_sided(gaps[k : k + 1])[0] for k in range(NULLS)]
    return time.perf_counter() - start, float(np.mean(np.array(p_values) < 0.05))


def misses(row: pd.Series) -> str:
    """Which targets a world misses, by the printed figure."""
    found_wanting = []
    if row["strained"]:
        return "cover under 90 %" if row["cover"] < 0.9 else ""
    if not 0.93 <= round(row["cover"], 3) <= 0.97:
        found_wanting.append("cover")
    if not 0.03 <= round(row["rejected"], 3) <= 0.07:
        found_wanting.append("false positives")
    if row["width"] > 1.3:
        found_wanting.append("width")
    if row["rmse"] > 1.25:
        found_wanting.append("RMSE")
    return ", ".join(found_wanting)


def ratio(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.2f}"


def markdown(table: pd.DataFrame, peers: pd.DataFrame, pages: pd.DataFrame | None, nulls: float) -> str:
    lines = [
        "# The structural time series estimator: does its 95 % interval cover?",
        "",
        f'Made by `make test-slow`; {SERIES} series a world, seeds "measured 0" on; the prior was chosen on others.',
        "Width and RMSE are ratios to the oracle's (the best prediction with every parameter known; none for counts",
        "and random breaks); bias is in RMSEs. Power is the share found of a true fall of 10 % and 30 %. Targets in",
        "worlds the estimator accepts: cover 93–97 %, false positives 3–7 %, width at most 1.30, RMSE at most 1.25; in",
        "strained worlds cover at least 90 %.",
        "",
        "| world | cover | MC error | width | RMSE | bias | false positives | power −10 % | power −30 % | s/fit "
        "| misses |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for _, row in table.iterrows():
        lines.append(
            f"| {row['label']}{' (strained)' if row['strained'] else ''} "
            f"| {row['cover']:.3f} | {row['monte_carlo']:.3f} "
            f"| {ratio(row['width'])} | {ratio(row['rmse'])} | {row['bias']:+.2f} | {row['rejected']:.3f} "
            f"| {row['power 10']:.2f} | {row['power 30']:.2f} | {row['seconds']:.3f} | {row['misses']} |"
        )
    lines += [
        "",
        "## Beside UnobservedComponents (statsmodels), local level with AR(1), on the first "
        f"{PEER_SERIES} of the same series, in the same run",
        "",
        "Seconds from the series to the interval of the average: the peer's maximum likelihood (alone in brackets) and "
        f"{PEER_DRAWS} simulated paths; ours everything that `estimate` returns.",
        "",
        "| world | cover | ours | width, peer / ours | RMSE, peer / ours | seconds | ours | times faster |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for _, row in peers.iterrows():
        lines.append(
            f"| {row['label']} | {row['cover']:.3f} | {row['cover_ours']:.3f} | {row['width']:.2f} | {row['rmse']:.2f} "
            f"| {row['seconds']:.3f} ({row['fit_alone']:.3f}) | {row['seconds_ours']:.3f} | {row['faster']:.1f} |"
        )
    lines += ["", f"{NULLS} null series of 365 + 60 days with shared factors, a p-value each: {nulls:.2f} s."]
    lines += ["", "## Real pages at dates when nothing is known to have happened, no control, nominal 5 %", ""]
    if pages is None:
        return "\n".join([*lines, "Not measured: the pages are not beside the project.", ""])
    lines += ["| first week | weeks before | weeks after | pages | rejected |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.first} | {row.before} | {row.after} | {row.pages} | {row.rejected:.3f} |"
        for row in pages.itertuples(index=False)
    ]
    lines += [f"| all | | | {pages['pages'].sum()} | {pages['rejected'].mean():.3f} |", ""]
    lines += ["Pages with all 118 weeks and no week of zero engagement. The windows overlap: not independent rows.", ""]
    return "\n".join(lines)


def beside(name: str, ours: pd.DataFrame) -> dict[str, object]:
    theirs, ours = measured(peer, name, PEER_SERIES), ours.iloc[:PEER_SERIES]
    return {
        "label": RECIPES[name].label,
        "cover": theirs["inside"].mean(),
        "cover_ours": ours["inside"].mean(),
        "width": theirs["width"].mean() / ours["width"].mean(),
        "rmse": np.sqrt((theirs["error"] ** 2).mean() / (ours["error"] ** 2).mean()),
        "fit_alone": theirs["fit_alone"].median(),
        "seconds": theirs["seconds"].median(),
        "seconds_ours": theirs["seconds_ours"].median(),
        "faster": (theirs["seconds"] / theirs["seconds_ours"]).median(),
    }


@pytest.mark.slow
def test_the_interval_covers_and_the_table_says_where_it_does_not() -> None:
    results = {recipe.name: measured(one, recipe.name, SERIES) for recipe in (*ACCEPTED, *STRAINED)}
    table = pd.DataFrame([summary(name, rows) for name, rows in results.items()])
    table["strained"] = table["world"].isin([recipe.name for recipe in STRAINED])
    table["misses"] = [misses(row) for _, row in table.iterrows()]
    peers = pd.DataFrame([beside(name, results[name]) for name in PEER_WORLDS])
    pages = page_rejections() if PAGES.is_file() else None
    seconds, share = shared_nulls()
    TABLE.write_text(markdown(table, peers, pages, seconds), "utf-8")
    assert share == pytest.approx(results["daily_alone"]["rejected"].iloc[:NULLS].mean()), "one engine, two answers"
    # Three Monte-Carlo errors: .011 at a true cover of 95 %, .015 at 90 %.
    accepted, strained = table[~table["strained"]], table[table["strained"]]
    assert accepted["cover"].between(0.93 - 0.033, 1.0).all()
    assert strained["cover"].min() >= 0.90 - 0.045
    assert peers["faster"].min() >= 5
    if pages is not None:
        assert 0.03 <= pages["rejected"].mean() <= 0.07
