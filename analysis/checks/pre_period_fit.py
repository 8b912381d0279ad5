"""Did the model follow the series while nothing had happened yet?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import fixed, say, share
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel

NAME = "pre_period_fit"
LABEL = "Fit before the event"
REFERENCE = "Abadie 2021, Journal of Economic Literature 59(2), section 5 (a bad fit should stop the analysis)"
# The typical miss as a share of the series' own standard deviation before the event. At 1 the model does no better
# than the series' average; two unrelated series of equal spread miss each other by the square root of 2.
REVIEW_ABOVE = 1.0
FAIL_ABOVE = 2**0.5
# A treated unit missed twice as badly as the typical donor is not one of them (Abadie et al. 2010, section 3.4, drop
# placebos by the same kind of factor).
WORSE_THAN_DONORS = 2.0
SENTENCES = {
    "en": {
        "found": "Before the event the model misses the series by {ratio} of its usual variation.",
        "against": "Before the event the model misses the series by {ratio} of its usual variation, {against} times "
        "the typical donor's miss.",
        "advice_fail": "Do not read the effect as a finding: the model did not know the series before the event "
        "either.",
        "advice": "Look at the path before the event, and at a second estimator or other donors, before relying on "
        "the effect.",
    },
    "it": {
        "found": "Prima dell'evento lo scarto del modello dalla serie è {ratio:il} della sua variazione usuale.",
        "against": "Prima dell'evento lo scarto del modello dalla serie è {ratio:il} della sua variazione usuale, "
        "{against} volte quello tipico delle imprese di confronto.",
        "advice_fail": "Non leggere l'effetto come un risultato: il modello non conosceva la serie neppure prima "
        "dell'evento.",
        "advice": "Prima di affidarsi all'effetto, guardare il corso prima dell'evento e un secondo stimatore o altre "
        "imprese di confronto.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Not for returns: most of a day's return is noise that no model should follow."""
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "daily returns are mostly noise, so a close fit before the event is not expected"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: root mean square miss before the event over the standard deviation there, on the model's scale."""
    miss, spread = typical_miss(context), float(context.panel.y[context.panel.pre].std(ddof=1))
    ratio = miss / spread if spread > 0 else np.inf
    donors = context.effect.diagnostics.get("placebo_pre_rmspe", {})
    typical_donor = float(np.median(list(donors.values()))) if donors else np.nan
    against = miss / typical_donor if donors and typical_donor > 0 else np.nan
    status = _status(ratio, against)
    sentence = say(
        SENTENCES, "against" if np.isfinite(against) else "found", ratio=share(ratio), against=fixed(against, 1)
    )
    rows = [("treated", context.panel.treated, miss), *(("donor", name, value) for name, value in donors.items())]
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(ratio),
        statistic=ratio,
        threshold=REVIEW_ABOVE,
        table=pd.DataFrame(rows, columns=["role", "unit", "pre_rmspe"]),
    )


def typical_miss(context: CheckContext) -> float:
    """Root mean square gap before the event: the estimator's own where it states one, else from the path."""
    stated = context.effect.diagnostics.get("pre_rmspe")
    if stated is not None:
        return float(stated)
    path = context.effect.path[context.panel.pre]
    gap = context.panel.transform(path["observed"].to_numpy()) - context.panel.transform(path["expected"].to_numpy())
    return float(np.sqrt(np.mean(gap**2)))


def _status(ratio: float, against: float) -> Status:
    if ratio > FAIL_ABOVE:
        return "FAIL"
    return "REVIEW" if ratio > REVIEW_ABOVE or against > WORSE_THAN_DONORS else "PASS"


def _advice(ratio: float) -> str:
    return say(SENTENCES, "advice_fail" if ratio > FAIL_ABOVE else "advice")
