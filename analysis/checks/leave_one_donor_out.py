"""Does the estimate hang on a single donor?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._placebo_nulls import bare_point
from analysis.checks._wording import amount, counted, say, text
from analysis.core.check import CheckResult, Status
from analysis.core.effect import Effect
from analysis.core.panel import Panel

NAME = "leave_one_donor_out"
LABEL = "Each donor left out"
REFERENCE = "Abadie, Diamond and Hainmueller 2015, American Journal of Political Science 59(2):495-510"
SMALLEST_WEIGHT = 1e-6  # a donor with less contributes nothing that leaving it out could change
# A point that moves by more than half of the interval's half-width depends on one donor about as much as on noise.
REVIEW_SHARE = 0.5
SENTENCES = {
    "en": {
        "found": "Leaving out one donor at a time, the estimate of {estimate} ranges from {lowest} to {highest}; it "
        "depends most on {donor}.",
        "advice_fail": "Find out what happened to {donor} after the event; without an answer the estimate does not "
        "stand.",
        "advice": "Find out whether something of its own happened to {donor}, and report the range beside the "
        "estimate.",
    },
    "it": {
        "found": "Togliendo un'impresa di confronto alla volta, la stima ({estimate}) va da {lowest} a {highest}; "
        "dipende soprattutto da {donor}.",
        "advice_fail": "Scoprire che cosa è accaduto a {donor} dopo l'evento; senza risposta la stima non regge.",
        "advice": "Scoprire se a {donor} sia accaduto qualcosa di proprio, e riportare il campo accanto alla stima.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs an estimator with donors and one donor more than it asks for."""
    needed = getattr(estimator_module, "NEEDS_DONORS", 0)
    if not needed:
        return "the method uses no donors"
    if len(panel.donors) <= needed:
        return f"{counted(len(panel.donors), 'donor')}: none can be left out"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: the largest move of the point when one donor is left out, in the effect's own unit."""
    effect, table = context.effect, leave_one_out_table(context)
    points = table["effect"].to_numpy()
    move = float(np.abs(points - effect.point).max())
    status = verdict(effect, points)
    farthest = table["left_out"].iloc[int(np.abs(points - effect.point).argmax())]
    sentence = say(
        SENTENCES, "found", estimate=amount(effect.point, effect), lowest=amount(float(points.min()), effect),
        highest=amount(float(points.max()), effect), donor=text(farthest),
    )  # fmt: skip
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status, str(farthest)),
        statistic=move,
        threshold=None if effect.interval is None else REVIEW_SHARE * _half_width(effect),
        table=table,
    )


def leave_one_out_table(context: CheckContext) -> pd.DataFrame:
    """Columns left_out, weight, effect: one row a donor that carries weight (all, where none are stated)."""
    panel = context.panel
    weights = context.effect.diagnostics.get("weights", dict.fromkeys(panel.donors, np.nan))
    rows = []
    for donor in panel.donors:
        if weights[donor] <= SMALLEST_WEIGHT:
            continue
        others = [name for name in panel.donors if name != donor]
        rows.append((donor, weights[donor], bare_point(context, panel.with_donors(others))))
    return pd.DataFrame(rows, columns=["left_out", "weight", "effect"])


def verdict(effect: Effect, points: np.ndarray) -> Status:
    """FAIL: a single donor decides the sign of an effect that was called real, or moves it out of its interval."""
    flips = bool((np.sign(points) != np.sign(effect.point)).any())
    claimed = effect.p_value is not None and effect.p_value < 0.05
    if effect.interval is None:
        return "REVIEW" if flips else "PASS"
    outside = bool(((points < effect.interval.lower) | (points > effect.interval.upper)).any())
    if outside or (flips and claimed):
        return "FAIL"
    return "REVIEW" if np.abs(points - effect.point).max() > REVIEW_SHARE * _half_width(effect) else "PASS"


def _half_width(effect: Effect) -> float:
    return (effect.interval.upper - effect.interval.lower) / 2


def _advice(status: Status, donor: str) -> str:
    return say(SENTENCES, "advice_fail" if status == "FAIL" else "advice", donor=text(donor))
