"""What follows from an interval and the thresholds declared beforehand: stay out, keep measuring, go back, or not yet.

The expected loss of an action is the average amount by which the other one would have been better, over the plausible
effects (Raiffa and Schlaifer 1961, Applied Statistical Decision Theory, chapter 5), the break-even being the threshold
from which going back is settled. Plausible effects: normal on each side of the estimate, with the printed interval's
own reach on that side (split normal, Wallis 2014, Statistical Science 29(1):106-112).
"""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

from analysis.core.store import Store

KEEP, EXTEND, REVERSE, OPEN = "keep", "extend", "reverse", "open"
NO_RETURN, NO_KEEP = "no_return", "no_keep"  # one end is settled, the other is open
MIXED = "mixed"
STANDARD = NormalDist()
DENSITY_AT_MODE = STANDARD.pdf(0.0)
# Checks whose tables hold the same effect estimated in other defensible ways.
AGAIN = ("donut_and_backdating", "leave_one_donor_out", "specification_curve")


def action(lower: float, upper: float, threshold: Mapping[str, Any]) -> str:
    """By where the whole interval lies: beyond ``keep``, beyond ``reverse``, between the two, or across one of them or
    both.
    """
    keep, reverse = threshold["keep"], threshold["reverse"]
    if threshold["better"] == "lower":
        lower, upper, keep, reverse = -upper, -lower, -keep, -reverse
    if lower >= keep:
        return KEEP
    if upper <= reverse:
        return REVERSE
    no_return, no_keep = lower > reverse, upper < keep
    if no_return and no_keep:
        return EXTEND
    return NO_RETURN if no_return else NO_KEEP if no_keep else OPEN


def overall(actions: list[str]) -> str:
    """What all outcomes together answer: staying out asks that each meets its threshold, going back that one does."""
    if REVERSE in actions:
        return REVERSE
    no_keep = EXTEND in actions or NO_KEEP in actions
    if OPEN in actions or NO_KEEP in actions:  # whether to go back is not settled
        return NO_KEEP if no_keep else OPEN
    return EXTEND if no_keep else NO_RETURN if NO_RETURN in actions else KEEP


def expected_losses(
    point: float, lower: float, upper: float, level: float, threshold: Mapping[str, Any]
) -> dict[str, float]:
    """Of staying out and of going back, as shares of what was expected: the loss integral of the split normal."""
    reach = NormalDist().inv_cdf(0.5 + level / 2)
    worse_side, better_side, worse = (point - lower) / reach, (upper - point) / reach, threshold["reverse"] - point
    if threshold["better"] == "lower":
        worse_side, better_side, worse = better_side, worse_side, -worse
    both = worse_side + better_side
    if both <= 0:
        return {"stay": max(worse, 0.0), "return": max(-worse, 0.0)}
    if worse <= 0:
        stay = 2 / both * worse_side * _below(worse, worse_side)
    else:
        beyond = _below(worse, better_side) - DENSITY_AT_MODE * better_side - worse / 2
        stay = 2 / both * (worse_side * (worse_side * DENSITY_AT_MODE + worse / 2) + better_side * beyond)
    mean = 2 * DENSITY_AT_MODE * (better_side - worse_side)
    return {"stay": stay, "return": stay - worse + mean}


def _below(reach: float, error: float) -> float:
    """By how much, on average, a normal effect of this standard error lies below ``reach``."""
    if error <= 0:
        return max(reach, 0.0)
    ratio = reach / error
    return error * (STANDARD.pdf(ratio) + ratio * STANDARD.cdf(ratio))


def of_decisions(store: Store, case: Mapping[str, Any], flat: Mapping[str, Any]) -> dict[str, Any]:
    """Every number and key of the decision section; empty where the case declares no plan for what was
    estimated."""
    plan = case.get("plan") or {"thresholds": []}
    thresholds = [item for item in plan["thresholds"] if item["outcome"] in store.outcomes]
    if not thresholds:
        return {}
    found: dict[str, Any] = {"decision.rows": len(thresholds)}
    for place, threshold in enumerate(thresholds):
        stem, name = f"decision.{place}", threshold["outcome"]
        found |= {f"{stem}.{key}": threshold[key] for key in ("outcome", "better", "keep", "reverse", "because")}
        ends = [flat.get(f"effects.{name}.shown.{key}") for key in ("point", "lower", "upper", "level")]
        if any(end is None for end in ends) or flat.get(f"effects.{name}.shown.style") != "percent":
            found[f"{stem}.action"] = OPEN
            continue
        point, lower, upper, level = ends
        found[f"{stem}.action"] = action(lower, upper, threshold)
        losses = expected_losses(point, lower, upper, level, threshold)
        found |= {f"{stem}.loss.{key}": value for key, value in losses.items()}
        found |= _again(store, name, stem, threshold, (lower, upper))
    found["decision.action"] = overall([found[f"decision.{place}.action"] for place in range(found["decision.rows"])])
    return found | _next_look(case, plan["horizons_weeks"])


def _again(
    store: Store, name: str, stem: str, threshold: Mapping[str, Any], shown: tuple[float, float]
) -> dict[str, Any]:
    """What each passed check that estimates the effect again would answer, and how many of its estimates give which
    answer; the declared estimate, where a check lists it too, is no other one."""
    record = store.effect(name)
    answers = []
    for one in store.checks(name):
        if one["check"] not in AGAIN or one["status"] != "PASS":
            continue
        others = [row for row in one["table"] if row.get("effect") is not None and not row.get("declared")]
        counts = Counter(action(*_ends(row, record, shown), threshold) for row in others)
        if counts:
            answers.append((one["label"], counts))
    found: dict[str, Any] = {f"{stem}.again.rows": len(answers)}
    for place, (label, counts) in enumerate(answers):
        row = f"{stem}.again.{place}"
        found |= {f"{row}.check": label, f"{row}.of": counts.total()}
        found |= {f"{row}.answers.{name}": count for name, count in counts.items()}
        found[f"{row}.action"] = next(iter(counts)) if len(counts) == 1 else MIXED
    return found


def _ends(row: Mapping[str, Any], record: Mapping[str, Any], shown: tuple[float, float]) -> tuple[float, float]:
    """The interval of a row as shares of the expected; where it has none, and on the level scale, the printed one moved
    to the row's effect."""
    if record["scale"] != "log":
        scale = abs(record["expected_mean"])
        moved = (row["effect"] - record["point"]) / scale
        return shown[0] + moved, shown[1] + moved
    if row.get("lower") is not None and row.get("upper") is not None:
        return math.expm1(row["lower"]), math.expm1(row["upper"])
    factor = math.exp(row["effect"] - record["point"])
    return (1 + shown[0]) * factor - 1, (1 + shown[1]) * factor - 1


def _next_look(case: Mapping[str, Any], horizons: list[int]) -> dict[str, Any]:
    """The first declared look that the study's data do not yet reach, if one is left before the brand went back."""
    event, last = (_day(case["windows"][end]) for end in ("event", "last"))
    returned = min((_day(item["date"]) for item in case["stages"] if item["kind"] == "returned"), default=None)
    ahead = [event + timedelta(weeks=weeks) for weeks in sorted(horizons)]
    later = next((day for day in ahead if day > last + timedelta(days=7)), None)
    if returned and later and later >= returned:
        later = None
    found = {"decision.next_look": later.isoformat() if later else None}
    return found | ({"decision.returned": returned.isoformat()} if returned else {})


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])
