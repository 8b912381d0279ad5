"""What each world is made of, declared: lengths, dynamics, controls, and what the suite is expected to do with it.

Deviations are on the log scale (.08 = 8 %); worlds on the level scale are the same numbers times ``LEVEL``.
"""

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

Behaviour = Literal["find", "flag", "refuse"]
LEVEL = 100.0  # the mean of a world on the level scale
WEEK_PROFILE = (0.10, 0.06, 0.04, 0.05, 0.0, -0.15, -0.10)


@dataclass(frozen=True, slots=True)
class Recipe:
    """``drift`` is the deviation of one step of the common random walk, ``own_drift`` of the series' own; ``memory``
    the autoregressive coefficients of a part with deviation ``memory_deviation``; ``noise`` white.

    ``controls`` carry the common walk with loadings .8, 1, 1.2 in turn and noise of their own; ``donors`` like them.
    ``volatility`` multiplies variance from the middle of the pre-period on. ``bend`` is a slope a period that
    changes sign in the middle of the pre-period, ``season`` the amplitude of a year, ``pre_shift`` a step in the
    pre-period, ``control_break`` a step at a random time in the first control, ``control_hit`` a step of every
    control at the exit, ``donor_hit`` of every donor, ``anticipation`` a slide of the series over the last tenth of
    the pre-period. ``count_mean`` with ``dispersion`` makes negative binomial counts.
    """

    name: str
    label: str
    frequency: Literal["D", "W-MON"]
    before: int
    after: int
    scale: Literal["level", "log"] = "log"
    behaviour: Behaviour = "find"
    controls: int = 0
    donors: int = 0
    drift: float = 0.01
    own_drift: float = 0.004
    memory: tuple[float, ...] = (0.5,)
    memory_deviation: float = 0.08
    noise: float = 0.05
    heavy_tails: bool = False
    volatility: float = 1.0
    bend: float = 0.0
    season: float = 0.0
    pre_shift: float = 0.0
    control_break: float = 0.0
    control_hit: float = 0.0
    donor_hit: float = 0.0
    anticipation: float = 0.0
    count_mean: float | None = None
    dispersion: float = 0.01
    options: Any = field(default_factory=lambda: MappingProxyType({}))

    @property
    def periods(self) -> int:
        return self.before + self.after


DAILY = Recipe("daily", "", "D", 365, 60)
WEEKLY = Recipe("weekly", "", "W-MON", 104, 38, drift=0.02, own_drift=0.008, memory_deviation=0.06, noise=0.03)
STEADY = {"drift": 0.0, "own_drift": 0.0}


def _made(base: Recipe, name: str, label: str, **changes: Any) -> Recipe:
    return replace(base, name=name, label=label, **changes)


ACCEPTED = (
    _made(DAILY, "daily_controls", "daily, drifting, three noisy controls", scale="level", controls=3),
    _made(DAILY, "daily_alone", "daily, drifting, no control", scale="level"),
    _made(DAILY, "daily_steady", "daily, no drift, no control", scale="level", **STEADY),
    _made(DAILY, "daily_lognormal_controls", "daily, log-normal, three noisy controls", controls=3),
    _made(DAILY, "daily_lognormal", "daily, log-normal, no control"),
    _made(DAILY, "daily_counts_controls", "daily counts, three noisy controls", controls=3, count_mean=400.0),
    _made(DAILY, "daily_counts", "daily counts, no control", count_mean=400.0),
    _made(WEEKLY, "weekly_controls", "weekly, log-normal, three noisy controls", controls=3),
    _made(WEEKLY, "weekly_alone", "weekly, log-normal, no control"),
    _made(WEEKLY, "weekly_steady", "weekly, log-normal, no drift, no control", **STEADY),
    _made(WEEKLY, "weekly_counts_controls", "weekly counts, three noisy controls", controls=3, count_mean=400.0),
    _made(WEEKLY, "weekly_counts", "weekly counts, no control", count_mean=400.0),
    _made(
        WEEKLY, "weekly_season", "weekly, log-normal, yearly season", season=0.15,
        options=MappingProxyType({"harmonics": 1}),
    ),
)  # fmt: skip
STRAINED = (
    _made(DAILY, "memory_of_two", "AR(2)", memory=(0.5, 0.3)),
    _made(DAILY, "heavy_tails", "t₃ noise", heavy_tails=True),
    _made(DAILY, "variance_doubles", "variance that doubles", volatility=2.0),
    _made(DAILY, "bent_trend", "trend that bends", bend=0.4 / 365, **STEADY),
    _made(DAILY, "control_with_break", "a control with a break of its own", controls=3, control_break=0.15),
)
TROUBLED = (
    _made(WEEKLY, "level_shift", "level shift in the pre-period", pre_shift=0.5, behaviour="flag", **STEADY),
    _made(WEEKLY, "control_hit", "a control that the exit moves too", controls=1, control_hit=-0.15, behaviour="flag"),
    _made(WEEKLY, "donors_hit", "donors hit by the same exit", donors=20, donor_hit=-0.15, behaviour="flag"),
    _made(WEEKLY, "anticipation", "a slide before the exit", anticipation=-0.3, behaviour="flag", **STEADY),
    _made(WEEKLY, "few_donors", "four donors", donors=4, behaviour="flag"),
    _made(WEEKLY, "ten_weeks", "ten weeks before the exit", before=10, after=10, behaviour="refuse"),
)
RECIPES = MappingProxyType({recipe.name: recipe for recipe in (*ACCEPTED, *STRAINED, *TROUBLED)})
