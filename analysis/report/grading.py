"""How strong the evidence for one outcome is, and how likely its direction: two scales, kept apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from analysis.checks import minimum_detectable_effect

GRADES = ("very_low", "low", "moderate", "high")
LOWERING = ("FAIL", "NOT_RUN")
UNCHECKED = "unchecked"

# Lower ends of the likelihood words (IPCC 2010, guidance note on uncertainties, table 1).
LIKELIHOOD = (("virtually_certain", 0.99), ("very_likely", 0.90), ("likely", 0.66), ("even", 0.0))


# What is not a check and still speaks against a number, in the order it is said.
DATA, SIGN, INTERVAL, PLAN = "data", "sign", "interval", "plan"
AGAINST = (DATA, SIGN, INTERVAL, PLAN)
MISSING = 0.05  # of the periods compared: more than one in twenty without a value is not the series any more
ESTIMATED_AGAIN = ("leave_one_donor_out", "specification_curve")  # checks whose tables can turn the sign
VOUCHES = "null_calibration"  # the check that the interval is as wide as it says
REGISTERED = "as registered"  # the status of a plan that was fixed before the event and kept


@dataclass(frozen=True, slots=True)
class Grade:
    """``design`` names where the grade started; ``lowered_by`` and ``noted`` the checks that moved or marked it.

    ``against``: what else speaks against it, of AGAINST.
    """

    grade: str
    start: str
    design: str
    lowered_by: tuple[str, ...]
    noted: tuple[str, ...]
    against: tuple[str, ...]


def design_of(effect: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    """What the estimate leans on: peers, controls, only its own past, or nothing that gives an interval."""
    if effect.get("interval") is None and effect.get("relative_interval") is None:
        return "description"
    if outcome.get("scale") == "log_return":
        return "market"
    if outcome.get("donors") not in (None, "none", []):
        return "donors"
    return "controls" if outcome.get("covariates") else "own_past"


START = {
    "drawn": "high",  # dates of exit drawn by lot: no case can declare that yet
    "donors": "moderate",
    "controls": "moderate",
    "market": "moderate",
    "own_past": "low",
    "description": "very_low",
}


def grade(
    design: str,
    checks: Iterable[Mapping[str, Any]],
    effect: Mapping[str, Any] | None = None,
    *,
    missing: float = 0.0,
    redefined: bool = False,
    plan: str | None = None,
) -> Grade:
    """The design's grade, one step lower for each of:

    - a check that failed or did not run (once, where nothing was checked at all);
    - data: more than MISSING of the periods compared have no value, or what is counted was redefined inside them
      (unless the check of that name has lowered it for that already);
    - doubt left by a check that asks for a look: another reasonable choice or one donor less turns the sign of an
      ``effect`` (point, interval) whose interval leaves zero out, or the false alarms do not vouch for the interval.
      Both together are one step: they say the same thing, that the number is less sure than its interval.

    High only with a ``plan`` whose status is REGISTERED.
    """
    checks = list(checks)
    # An estimate nobody checked is not better than one whose checks did not run.
    lowered = tuple(item["check"] for item in checks if item["status"] in LOWERING) if checks else (UNCHECKED,)
    noted = tuple(item["check"] for item in checks if item["status"] == "REVIEW")
    found = {
        DATA: missing > MISSING or (redefined and "redefinitions" not in lowered),
        SIGN: sign_turns([item for item in checks if item["check"] in noted], effect),
        INTERVAL: VOUCHES in noted,
        PLAN: plan != REGISTERED,
    }
    steps = len(lowered) + found[DATA] + (found[SIGN] or found[INTERVAL])
    start = START[design]
    reached = max(0, GRADES.index(start) - steps)
    if found[PLAN]:
        reached = min(reached, GRADES.index("high") - 1)
    return Grade(GRADES[reached], start, design, lowered, noted, tuple(name for name in AGAINST if found[name]))


def sign_turns(checks: Iterable[Mapping[str, Any]], effect: Mapping[str, Any] | None) -> bool:
    """Whether an estimate made again has the other sign; where zero is inside the interval, that was open anyway."""
    interval = (effect or {}).get("interval")
    if not interval or interval["lower"] <= 0 <= interval["upper"]:
        return False
    again = [row for item in checks if item["check"] in ESTIMATED_AGAIN for row in item.get("table") or ()]
    return any(row["effect"] * effect["point"] < 0 for row in again if row.get("effect") is not None)


def standard_error_of(lower: float, upper: float, level: float) -> float:
    """The standard error that a normal interval of this width has."""
    return (upper - lower) / (2 * NormalDist().inv_cdf(0.5 + level / 2))


def direction_probability(
    point: float, lower: float, upper: float, level: float, p_values: Iterable[float | None] = ()
) -> float:
    """Probability that the effect has the sign of its point, from the printed interval.

    The interval is read as normal on the side of zero: its end there is as far from the point as its level says. It is
    never more than 1 - p / 2 of the method's own two-sided ``p_values`` (None: it has none): a rank among 24 donors
    cannot be smaller than 1/25, so it supports 98 % at most, however narrow an interval a normal curve gives.
    """
    reach = upper - point if point < 0 else point - lower
    quantile = NormalDist().inv_cdf(0.5 + level / 2)
    found = NormalDist().cdf(quantile * abs(point) / reach) if reach > 0 else 1.0
    return min(found, *(1 - value / 2 for value in p_values if value is not None), 1.0)


def detectable(record: Mapping[str, Any], *, relative: bool) -> float:
    """The smallest change the method would find four times in five, by the definition of the check of that name.

    ``relative``: as a share of what was expected. A change that is not there has the width of the model's scale, not
    that of the effect found: an interval around a fall of three quarters is narrow as a share.
    """
    bounds = record["interval"]
    found = minimum_detectable_effect.smallest_of(
        bounds["lower"], bounds["upper"], bounds["level"], record.get("standard_error")
    )
    if not relative:
        return found
    return minimum_detectable_effect.share_of(found, record["scale"], abs(record["expected_mean"]))


def likelihood_word(probability: float) -> str:
    """The word's key for the probability of the more likely direction (at least one half).

    The word goes by the probability as it is printed, in whole per cent, so that 66 % never reads as more than 66 %.
    """
    highest = LIKELIHOOD[0][1]
    printed = probability if probability > highest else round(probability, 2)
    return next(word for word, least in LIKELIHOOD if printed > least)


def verdict(lower: float | None, upper: float | None, margin: float | None) -> str:
    """The configuration of interval and margin, as the key of its sentence."""
    if lower is None or upper is None:
        return "no_interval"
    beyond_zero = "fall" if upper < 0 else "rise" if lower > 0 else ""
    if margin is None:
        return f"{beyond_zero}_no_margin" if beyond_zero else "open_no_margin"
    if upper < -margin or lower > margin:
        return f"{beyond_zero}_matters"
    if beyond_zero:
        inside = -margin <= lower and upper <= margin
        return f"{beyond_zero}_small" if inside else f"{beyond_zero}_unsettled"
    falls, rises = lower < -margin, upper > margin
    if falls and rises:
        return "inconclusive"
    return "inconclusive_fall" if falls else "inconclusive_rise" if rises else "ruled_out"
