"""Which method may be trusted with 12 to 23 weeks before the event? Writes benchmarks/short_series.md.

Every series is a null. The season's world has a yearly season that no short series can show: it is in the table as the
limit of what is promised, and nothing is asked of it.
"""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from test_statistical_panels import panel as panel_of_equals

from analysis import Panel, Windows, estimate
from analysis.core import artefacts, paths
from analysis.core.seeds import generator_for
from analysis.estimators import choose
from analysis.simulate.worlds import simulate_world

SERIES, WORKERS, LEVEL, LEAST = 150, 2, 0.95, 0.93
ERROR = float(np.sqrt(LEVEL * (1 - LEVEL) / SERIES))
WORLDS = ("weekly_alone", "weekly_controls", "weekly_counts", "weekly_season")
SMALL, PEERS = "counts of about ten", "40 donors"
LENGTHS = ((12, 12), (16, 12), (20, 20), (23, 38))
EVENT, WEEKLY_EVENT, SMALLER = 100, 104, 40.0
METHODS = MappingProxyType(
    {
        "structural_time_series": ("structural_time_series", {}),
        "interrupted_time_series": ("interrupted_time_series", {}),
        "interrupted_time_series, step": ("interrupted_time_series", {"slope": False}),
        "interrupted_time_series, level": ("interrupted_time_series", {"slope": False, "trend": False}),
    }
)
TABLE = paths.PROJECT / "benchmarks" / "short_series.md"


def cut(panel: Panel, event: int, before: int, after: int) -> Panel:
    """The panel with ``before`` and ``after`` of its periods about position ``event``."""
    times = panel.times
    return panel.with_windows(
        Windows(times[event - before], times[event - 1], times[event], times[event + after - 1])
    )


def small_counts(number: int) -> Panel:
    """Counts a fortieth as large as those of the world of counts, on their own scale."""
    large = simulate_world("weekly_counts", f"short {number}").panel
    draw = generator_for("short small counts", number)
    counts = draw.poisson(large.frame[large.treated] / SMALLER).astype(float)
    return replace(large, frame=large.frame.assign(**{large.treated: counts}), scale="level")


def one(world: str, before: int, after: int, number: int) -> list[dict[str, object]]:
    if world == PEERS:
        panel = cut(panel_of_equals(number), EVENT, before, min(after, 30))
        methods = {"synthetic_difference_in_differences": ("synthetic_difference_in_differences", {})}
    elif world == SMALL:
        panel = cut(small_counts(number), WEEKLY_EVENT, before, after)
        methods = {"count_time_series": ("count_time_series", {})}
    else:
        panel, methods = cut(simulate_world(world, f"short {number}").panel, WEEKLY_EVENT, before, after), METHODS
    chosen, rows = choose(panel).estimator, []
    for label, (name, options) in methods.items():
        interval = estimate(name, panel, level=LEVEL, **options).interval
        rows.append(
            {
                "world": world, "before": before, "after": panel.n_post, "method": label, "chosen": label == chosen,
                "inside": 0.0 in interval, "width": interval.upper - interval.lower,
            }
        )  # fmt: skip
    return rows


@pytest.mark.slow
def test_what_is_chosen_for_a_short_history_covers() -> None:
    every = (*WORLDS, SMALL, PEERS)
    tasks = [(world, *size, number) for world in every for size in LENGTHS for number in range(SERIES)]
    parts = Parallel(n_jobs=WORKERS)(delayed(one)(*task) for task in tasks)
    rows = pd.DataFrame([row for part in parts for row in part])
    keys = ["world", "before", "after", "method"]
    found = rows.groupby(keys, sort=False).agg(
        chosen=("chosen", "all"), cover=("inside", "mean"), width=("width", "median")
    )
    found = found.reset_index()
    lines = [
        "# Short histories",
        "",
        f"{SERIES} nulls a row, nominal {LEVEL:.0%}; Monte-Carlo error of a share of 95 %: {ERROR:.3f}. In bold: what",
        "the default takes. With fewer than 12 periods it refuses. A yearly season cannot be seen in half a year: its",
        "world is cut at one time of the year only, at others it hides more, and the default warns of it. Made by",
        "`make test-slow`.",
        "",
        "| world | before | after | method | inside | median width |",
        "|---|---|---|---|---|---|",
    ]
    for row in found.itertuples():
        name = f"**{row.method}**" if row.chosen else row.method
        lines.append(f"| {row.world} | {row.before} | {row.after} | {name} | {row.cover:.3f} | {row.width:.3g} |")
    artefacts.write_text(TABLE, "\n".join(lines) + "\n")
    asked = found[found["chosen"] & (found["world"] != "weekly_season")]
    assert len(asked) == (len(every) - 1) * len(LENGTHS)
    assert (asked["cover"] >= LEAST - 2 * ERROR).all(), asked.to_string()
