"""The estimator that the data before the event can carry, chosen by rule, with the reasons in plain sentences.

Nothing after the event is looked at: a choice that had seen the effect would not be one.
"""

from dataclasses import dataclass

import numpy as np

from analysis.core.errors import DesignError
from analysis.core.panel import AbsentOutcome, Panel

DEFAULT = "default"
DONORS_FOR_RANKS = 19  # 1 / (donors + 1) is the smallest rank p-value: .05 needs 19
DONORS_FOR_WEIGHTS = 5
FEWEST_PRE = 12  # below it no method here was measured to cover (Turner et al. 2021 start at 12 points in all)
SHORT_PRE = 24  # below it drift, memory and noise cannot be told apart: what is assumed of them decides
SMALL_COUNT = 30  # mean count below which a count is no longer close to a continuous quantity


@dataclass(frozen=True, slots=True)
class Choice:
    """``estimator`` is a name; ``reasons`` say why it was chosen, ``warnings`` what the reader must keep in mind."""

    estimator: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def choose(panel: Panel) -> Choice:
    """The estimator for a panel: returns, donors, small counts, length of the pre-period, in that order.

    Rules: ranks among J donors cannot fall below 1 / (J + 1) (Abadie, Diamond and Hainmueller 2010, section 3);
    fewer than 12 periods are described only. From 12 on a single series is modelled with drift, whose declared prior
    then decides how far it may go: a straight line covers too little there (benchmarks/short_series.md). Raises
    StructurallyAbsentOutcome for a series that vanished by construction, DesignError for fewer than 12 periods
    before the event.
    """
    if isinstance(panel, AbsentOutcome):
        raise panel.refuse()
    _require_history(panel)
    if _is_returns(panel):
        return Choice(
            "market_event_study",
            ("The series holds returns and its one control is the market's return.",),
        )
    return _with_donors(panel) if panel.donors else _alone(panel)


def _with_donors(panel: Panel) -> Choice:
    donors = len(panel.donors)
    warnings = _short(panel)
    if _are_small_counts(panel):
        warnings += (
            f"These are counts below {SMALL_COUNT} on average, whose noise differs from the donors' where levels do.",
        )
    if donors < DONORS_FOR_WEIGHTS:
        reason = f"{_counted(donors)} can serve as a comparison, too few to be weighted against each other."
        limit = (
            "With one donor there is no interval: the comparison can be described, not tested."
            if donors == 1
            else f"A controlled comparison only: {donors} donors say little on how much a change varies by chance."
        )
        return Choice("difference_in_differences", (reason,), (limit, *warnings))
    reason = f"{_counted(donors)} can be weighted so that they move with the brand before the event."
    if donors >= DONORS_FOR_RANKS:
        ranks = f"{_counted(donors)} are enough for the brand's rank among them to reach a p-value of .05."
        return Choice("synthetic_difference_in_differences", (reason, ranks), warnings)
    limit = (
        f"With {donors} donors the brand's rank among them cannot reach a p-value of .05; the interval comes from "
        "the spread of the donors' own changes."
    )
    return Choice("synthetic_difference_in_differences", (reason,), (limit, *warnings))


def _alone(panel: Panel) -> Choice:
    reason = "There are no donors, so the series is compared with its own past."
    warnings = (f"Without donors anything else that happened at the time of {_event(panel)} counts as its effect.",)
    small = _are_small_counts(panel)
    if small and panel.scale == "level":
        count = f"The values are whole numbers with a mean below {SMALL_COUNT}, which vary as counts do."
        return Choice("count_time_series", (reason, count), (*warnings, *_short(panel)))
    if small:
        warnings += (
            f"These are counts below {SMALL_COUNT} on average: the scale level would let them be modelled so.",
        )
    if panel.n_pre < SHORT_PRE:
        short = (
            f"{panel.n_pre} periods before the event cannot tell drift from noise, so both are allowed for as far as "
            "the declared prior says."
        )
        return Choice("structural_time_series", (reason, short), (*warnings, *_short(panel)))
    long = f"{panel.n_pre} periods before the event are enough to tell drift, memory and noise apart."
    return Choice("structural_time_series", (reason, long), warnings)


def _require_history(panel: Panel) -> None:
    if panel.n_pre >= FEWEST_PRE:
        return
    before = panel.times[panel.pre]
    back = before[-1] - (FEWEST_PRE - 1) * (before[1] - before[0])
    unit = "periods"
    if hasattr(back, "strftime"):
        unit, back = ("weeks" if (before[1] - before[0]).days == 7 else "periods"), f"{back:%Y-%m-%d}"
    raise DesignError(
        f"{panel.n_pre} {unit} before the event: too few for an estimate, {FEWEST_PRE} are needed",
        where=panel.outcome,
        cure=f"describe only, or add {unit} back to {back}",
    )


def _short(panel: Panel) -> tuple[str, ...]:
    if panel.n_pre >= SHORT_PRE:
        return ()
    return (f"Only {panel.n_pre} periods lie before the event: a yearly season, if there is one, is not known.",)


def _event(panel: Panel) -> str:
    event = panel.windows.event
    return f"{event:%Y-%m-%d}" if hasattr(event, "strftime") else f"period {event}"


def _counted(donors: int) -> str:
    return "One donor" if donors == 1 else f"{donors} donors"


def _are_small_counts(panel: Panel) -> bool:
    before = panel.frame[panel.treated].to_numpy()[panel.pre]
    return bool((before >= 0).all() and (before == np.round(before)).all() and before.mean() < SMALL_COUNT)


def _is_returns(panel: Panel) -> bool:
    """One series and one control, both swinging about zero by less than the whole: no other outcome looks so."""
    if panel.donors or len(panel.covariates) != 1 or panel.scale != "level":
        return False
    both = panel.frame[[panel.treated, *panel.covariates]].to_numpy()[panel.pre]
    about_zero = np.abs(both.mean(axis=0)) < both.std(axis=0)
    return bool((np.abs(both) < 1).all() and (both < 0).any(axis=0).all() and about_zero.all())
