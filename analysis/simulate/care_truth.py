"""What an analysis of a simulated care log should find: times by channel and together, tone, treatment, privacy.

Shares and ratios that were declared are given as declared. Times come from many cases drawn with the same numbers, the
same cases before and after, so that chance hardly moves their ratio; the shock of a week is drawn for each of them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.seeds import generator_for
from analysis.simulate.care_desk import HOURS_IN_A_DAY, NIGHT_HOURS, WEEKEND, CareDesk, hour_weights
from analysis.simulate.care_stages import Strata, stages

EACH = 100_000  # cases a channel and period
MEASURES = ("first_response", "taken_in_charge", "outcome")
SCOPES = {"all": ("exited", "retained", "owned"), "retained": ("retained",), "owned": ("owned",)}
DEFINITIONS = {
    "log": "Everything is about the cases that the log holds (a sample with a share of its own for each channel).",
    "first_response": "Minutes from the signal to the desk's first word: the private request, or the taking in charge "
                      "where there is none. taken_in_charge and outcome: minutes from the signal to those events.",
    "median": "Median time were no case abandoned: what censoring at the abandonment estimates, as abandonment does "
              "not depend on the desk. median_incidence: the time by which half of all cases had the event, abandoned "
              "ones counted as never (null where half never had it).",
    "share_in_target": "Share of all cases with the event within target_minutes, not abandoned before it; "
                       "share_in_horizon within horizon_hours.",
    "ratio": "After to before, of the medians. Channels that closed have no after. same_channels compares the channels "
             "that stayed, with the channel mix of the period before in both periods; all, retained and owned compare "
             "each period with its own mix.",
    "effect_by_channel": "Declared ratio of first response with the exit to without it on weekdays, a channel.",
    "weekend": "Declared ratio of first response of weekend signals to weekday signals.",
    "equal_treatment": "Declared ratio of the median first response of a group to that of the reference group; "
                       "attributes are independent of everything else.",
    "private_share": "Share of cases whose signal was not public.",
    "reopened_share": "Share of outcomes that are reopened. abandoned_share: share of cases abandoned before their "
                      "outcome.",
    "transition": "True last tone (columns) by true first tone (rows), worst class first, of all cases, also those who "
                  "never wrote again.",
    "positive_given_negative": "Share of cases with the best last tone among those with the worst first tone. naive is "
                               "what the classifier's words give among those who wrote again.",
}  # fmt: skip


def care_truth(
    desk: CareDesk, contacts: pd.DataFrame, *, target_minutes: float, horizon_hours: float
) -> dict[str, Any]:
    """The part ``service`` of truth.json. ``contacts``: expected contacts with the exit by day, a column a channel."""
    arrivals = {name: _arrivals(desk, contacts, *getattr(desk, name)) for name in ("before", "after")}
    drawn = {name: _population(desk, arrivals[name], after=name == "after") for name in arrivals}
    limits = (target_minutes, 60 * horizon_hours)
    return {
        "definitions": DEFINITIONS,
        "target_minutes": target_minutes,
        "horizon_hours": horizon_hours,
        "windows": {name: list(getattr(desk, name)) for name in arrivals},
        "times": _times(drawn, _scopes(desk, arrivals), limits),
        "effect_by_channel": {name: desk.response_ratio[name] for name in _stayed(desk)},
        "weekend": dict(zip(("before", "after"), desk.weekend_ratio, strict=True)),
        "equal_treatment": {
            attribute: {"reference": next(iter(groups)), "ratios": {name: ratio for name, (_, ratio) in groups.items()}}
            for attribute, groups in desk.groups.items()
        },
        "private_share": {name: _private(desk, counts) for name, counts in arrivals.items()},
        "reopened_share": desk.reopened[0],
        "abandoned_share": {name: _abandoned(desk, drawn[name], arrivals[name]) for name in arrivals},
        "tone": _tone(desk),
    }


def _stayed(desk: CareDesk) -> tuple[str, ...]:
    return tuple(name for name, role in desk.roles.items() if role != "exited")


def _arrivals(desk: CareDesk, contacts: pd.DataFrame, first: object, last: object) -> pd.DataFrame:
    """Expected cases of the log by day and channel within a window."""
    window = contacts.loc[pd.Timestamp(first) : pd.Timestamp(last), list(desk.channels)]
    return window * pd.Series(desk.sample)


def _scopes(desk: CareDesk, arrivals: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, pd.Series]]:
    """For each comparison the weight of each channel before and after."""
    totals = {name: counts.sum() for name, counts in arrivals.items()}
    scopes = {}
    for scope, roles in SCOPES.items():
        kept = pd.Series({name: float(role in roles) for name, role in desk.roles.items()})
        scopes[scope] = {name: counts * kept for name, counts in totals.items()}
    kept = pd.Series({name: float(name in _stayed(desk)) for name in desk.channels})
    scopes["same_channels"] = {name: totals["before"] * kept for name in totals}
    for channel in desk.channels:
        own = pd.Series({name: float(name == channel) for name in desk.channels})
        scopes[channel] = {"before": own} | ({"after": own} if channel in _stayed(desk) else {})
    return {
        scope: weights for scope, weights in scopes.items() if all(values.sum() > 0 for values in weights.values())
    }


def _population(desk: CareDesk, arrivals: pd.DataFrame, *, after: bool) -> pd.DataFrame:
    """EACH cases a channel with the desk's numbers; the same random numbers whatever the period."""
    weekend = arrivals.index.day_of_week.isin(WEEKEND)
    parts = []
    for number, name in enumerate(desk.channels):
        draw = generator_for("care desk", desk.seed, "truth", name)
        share = arrivals.loc[weekend, name].sum() / max(arrivals[name].sum(), 1e-12)
        hours = draw.choice(HOURS_IN_A_DAY, EACH, p=hour_weights(desk, name))
        slower = desk.customer_deviation * draw.standard_normal(EACH)
        for groups in desk.groups.values():
            logs = np.log([ratio for _, ratio in groups.values()])
            slower = slower + draw.choice(logs, EACH, p=[part for part, _ in groups.values()])
        cases = Strata(
            channel=np.full(EACH, number),
            weekend=draw.random(EACH) < share,
            night=np.isin(hours, NIGHT_HOURS),
            public=draw.random(EACH) < desk.public_share[name],
            after=np.full(EACH, after),
            shock=desk.week_shock[1] * draw.standard_normal(EACH),
            slower=slower,
        )
        parts.append(stages(desk, cases, draw).assign(channel=number))
    return pd.concat(parts, ignore_index=True)


def _times(
    drawn: Mapping[str, pd.DataFrame], scopes: Mapping[str, Mapping[str, pd.Series]], limits: tuple[float, float]
) -> dict[str, Any]:
    """Scope -> measure -> before, after, ratio."""
    result: dict[str, Any] = {scope: {measure: {} for measure in MEASURES} for scope in scopes}
    for period, cases in drawn.items():
        for measure in MEASURES:
            time = cases[measure].to_numpy()
            had = np.where(time < cases["abandoned"].to_numpy(), time, np.inf)
            columns = [(values[order], cases["channel"].to_numpy()[order]) for values in (time, had)
                       for order in [np.argsort(values)]]  # fmt: skip
            for scope, weights in scopes.items():
                if period in weights:
                    result[scope][measure][period] = _measured(columns, weights[period].to_numpy(), limits)
    for measures in result.values():
        for found in measures.values():
            if len(found) == len(drawn):
                found["ratio"] = found["after"]["median"] / found["before"]["median"]
    return result


def _measured(
    columns: list[tuple[np.ndarray, np.ndarray]], weights: np.ndarray, limits: tuple[float, float]
) -> dict[str, float | None]:
    """``columns``: sorted times and the channels they are of, for the time itself and with abandoned cases at never."""
    sums = [np.cumsum(weights[channels]) for _, channels in columns]
    medians = [times[np.searchsorted(total, total[-1] / 2)] for (times, _), total in zip(columns, sums, strict=True)]
    had, total = columns[1][0], np.append(0.0, sums[1])
    target, horizon = total[np.searchsorted(had, limits, side="right")] / total[-1]
    return {
        "median": float(medians[0]),
        "median_incidence": float(medians[1]) if np.isfinite(medians[1]) else None,
        "share_in_target": float(target),
        "share_in_horizon": float(horizon),
    }


def _private(desk: CareDesk, arrivals: pd.DataFrame) -> float:
    counts = arrivals.sum()
    return float(1 - (counts * pd.Series(desk.public_share)).sum() / counts.sum())


def _abandoned(desk: CareDesk, cases: pd.DataFrame, arrivals: pd.DataFrame) -> float:
    each = (cases["abandoned"] <= cases["outcome"]).groupby(cases["channel"]).mean().to_numpy()
    counts = arrivals.sum().to_numpy()
    return float((each * counts).sum() / counts.sum())


def _tone(desk: CareDesk) -> dict[str, Any]:
    matrices = {"before": desk.tone_before, "after": desk.tone_after}
    return {
        "classes": list(desk.tones),
        "first": list(desk.first_tone),
        "transition": matrices,
        "positive_given_negative": {name: matrix[0][-1] for name, matrix in matrices.items()},
        "naive_positive_given_negative": {name: _naive(desk, np.array(matrix)) for name, matrix in matrices.items()},
        "last": {name: np.array(desk.first_tone) @ np.array(matrix) for name, matrix in matrices.items()},
        "writes": list(desk.writes),
        "confusion": desk.confusion,
    }


def _naive(desk: CareDesk, transition: np.ndarray) -> float:
    """Said best last among those said worst first, of those who wrote again."""
    confusion = np.array(desk.confusion)
    joint = np.array(desk.first_tone)[:, None] * transition * np.array(desk.writes)
    said = confusion.T @ joint @ confusion
    return float(said[0, -1] / said[0].sum())
