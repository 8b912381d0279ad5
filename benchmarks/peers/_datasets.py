"""The series that everyone is given: simulated worlds, simulated panels, real pages at a date of nothing."""

import importlib.util
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import numpy as np

from analysis import Panel
from analysis.core import paths
from analysis.inference.calendar_terms import is_daily
from analysis.simulate.worlds import simulate_world
from analysis.simulate.worlds_recipes import RECIPES
from benchmarks.peers._registry import FAST, Kind

WORLDS = ("daily_controls", "daily_alone", "weekly_alone")
DROPS = (-0.1, -0.3)
STATISTICAL = paths.PROJECT / "tests" / "statistical"
PAGES = paths.SHARED / "real" / "facebook-pages"
NORMAL = 1.959964


@dataclass(frozen=True, slots=True)
class Dataset:
    """``panels`` as the estimators get them; ``kinds`` of methods that run on them; the oracle's errors and widths
    (one a panel) where there is an oracle."""

    name: str
    label: str
    kinds: tuple[Kind, ...]
    panels: tuple[Panel, ...]
    real: bool = False
    oracle_error: np.ndarray | None = None
    oracle_width: np.ndarray | None = None


def injected(panel: Panel, drop: float) -> Panel:
    """The panel with its treated series multiplied by 1 + drop after the event."""
    frame = panel.frame.copy()
    frame.loc[panel.post, panel.treated] *= 1 + drop
    return replace(panel, frame=frame)


def shifts(panel: Panel) -> np.ndarray:
    """What each drop does to the series after the event on the model scale, (drops, post-periods)."""
    return np.stack([(injected(panel, drop).y - panel.y)[panel.post] for drop in DROPS])


def world(name: str, count: int = FAST) -> Dataset:
    drawn = [simulate_world(name, f"measured {number}") for number in range(count)]
    return Dataset(
        name, RECIPES[name].label, ("single",), tuple(item.panel for item in drawn),
        oracle_error=np.array([item.oracle.estimate - item.truth for item in drawn]),
        oracle_width=np.array([2 * NORMAL * item.oracle.deviation for item in drawn]),
    )  # fmt: skip


@cache
def statistical(name: str) -> ModuleType:
    """A module of the statistical tests, so that both measure on the same panels."""
    spec = importlib.util.spec_from_file_location(name, Path(STATISTICAL / f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def factor_panels(count: int = FAST) -> Dataset:
    module = statistical("test_statistical_panels")
    label = f"panels of {module.DONORS} donors, {module.BEFORE} + {module.AFTER} periods, {module.FACTORS} factors"
    return Dataset("panels", label, ("panel",), tuple(module.panel(number) for number in range(count)))


def pages() -> Dataset | str:
    """Every complete page, or why there are none."""
    if not PAGES.is_dir():
        return "the real pages (../shared/real/facebook-pages) are not beside the project"
    found = tuple(statistical("test_statistical_real_nulls").page_panels())
    return Dataset("pages", "Facebook pages, 88 + 30 weeks", ("single", "panel"), found, real=True)


def arrays(data: Dataset, kind: Literal["single", "panel"], count: int) -> dict[str, np.ndarray]:
    """What an adapter reads, on the model scale; the last series is the first with its larger drop put in."""
    panels = [*data.panels[:count], injected(data.panels[0], DROPS[-1])]
    first = panels[0]
    none = np.empty((len(first.times), 0))
    controls = [panel.transform(panel.covariate_values) if panel.covariates else none for panel in panels]
    return {
        "y": np.stack([panel.y for panel in panels]),
        "controls": np.stack(controls),
        "donors": np.stack([panel.donor_values if kind == "panel" else none for panel in panels]),
        "before": np.array(first.n_pre),
        "dates": np.array([str(time) for time in first.times]),
        "daily": np.array(is_daily(first.times)),
        "shifts": np.stack([shifts(panel) for panel in panels]),
    }
