"""What every estimator asks of a panel, refused in the same words."""

from analysis.core.errors import CaseError, DesignError
from analysis.core.panel import Panel

SMALLEST_PRE = 8  # below it a series can be described, not extrapolated (Turner et al. 2021 start at 12 points)


def require_level(level: float) -> None:
    """Raise CaseError unless ``level`` is a confidence level such as .95."""
    if not 0.5 <= level < 1:
        raise CaseError(f"level {level} is not a confidence level", where="options, level", cure="use .9, .95 or .99")


def require_pre_periods(panel: Panel, smallest: int = SMALLEST_PRE) -> None:
    """Raise DesignError for a pre-period too short for any estimate."""
    if panel.n_pre < smallest:
        raise DesignError(
            f"{panel.n_pre} periods before the event are too few for an estimate: {smallest} are needed",
            where=panel.outcome,
            cure="describe the series only, or widen the pre-period",
        )


def require_donors(panel: Panel, smallest: int) -> None:
    """Raise DesignError for fewer donors than the method can work with."""
    if len(panel.donors) < smallest:
        raise DesignError(
            f"{len(panel.donors) or 'no'} donors where at least {smallest} are needed",
            where=panel.outcome,
            cure="name unaffected peers as donors, or use interrupted_time_series, which needs none",
        )
