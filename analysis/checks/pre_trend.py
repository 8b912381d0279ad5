"""Did the treated unit already drift away from its donors before the event?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._gaps import gaps_of
from analysis.checks._wording import amount, probability, say, size
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel
from analysis.inference.autoregressive import Contrast, contrast, fit_autoregressive
from analysis.inference.power import FOUR_IN_FIVE
from analysis.inference.time_axis import positions

NAME = "pre_trend"
LABEL = "Trend before the event"
REFERENCE = "Roth 2022, American Economic Review: Insights 4(3):305-322"
SHORTEST = 12  # with fewer points the memory of the gaps cannot be told from a trend (Turner et al. 2021)
REVIEW_BELOW = 0.05
FAIL_BELOW = 0.01
# A trend that makes up half of the estimate or more, if it simply went on, is a rival explanation of it.
RIVAL_SHARE = 0.5
SENTENCES = {
    "en": {
        "drifts": "Before the event the gap to the donors drifts ({p}); carried on to the post-period its line "
        "amounts to {carried}. A trend worth less than {detectable} would go unseen.",
        "none": "Before the event the gap to the donors shows no clear trend ({p}); carried on to the post-period its "
        "line amounts to {carried}. A trend worth less than {detectable} would go unseen.",
        "advice_fail": "Do not read the effect as a finding: the trend alone explains half of it or more. Choose "
        "other donors.",
        "advice": "Look at the gaps before the event, and at how far violated trends would move the estimate.",
    },
    "it": {
        "drifts": "Prima dell'evento la distanza dalle imprese di confronto ha una deriva ({p}); prolungata al "
        "periodo dopo, la sua retta vale {carried}. Una tendenza sotto {detectable:il} non si vedrebbe.",
        "none": "Prima dell'evento la distanza dalle imprese di confronto non mostra una tendenza chiara ({p}); "
        "prolungata al periodo dopo, la sua retta vale {carried}. Una tendenza sotto {detectable:il} non si vedrebbe.",
        "advice_fail": "Non leggere l'effetto come un risultato: la sola tendenza ne spiega metà o più. Scegliere "
        "altre imprese di confronto.",
        "advice": "Guardare le distanze prima dell'evento, e quanto tendenze diverse sposterebbero la stima.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """For comparisons with donors; a method without donors already carries the series' own trend on."""
    if not getattr(estimator_module, "NEEDS_DONORS", 0) or getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "the method models the series' own course, so no difference in trends is left to test"
    if panel.n_pre < SHORTEST:
        return f"{panel.n_pre} periods before the event are too few to see a trend"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: p-value of a straight line through the gaps before the event, errors AR(1), Student's t."""
    slope = slope_before(context)
    distance = distance_to_post(context.panel)
    carried, detectable = slope.estimate * distance, FOUR_IN_FIVE * slope.standard_error * distance
    status = verdict(slope.p_value, carried, context.effect.point)
    sentence = say(
        SENTENCES, "none" if status == "PASS" else "drifts", p=probability(slope.p_value),
        carried=amount(carried, context.effect), detectable=size(detectable, context.effect),
    )  # fmt: skip
    table = pd.DataFrame(
        [(slope.estimate, slope.standard_error, slope.p_value, carried, detectable)],
        columns=["slope", "standard_error", "p_value", "carried_to_post", "detectable"],
    )
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status),
        statistic=slope.p_value,
        threshold=REVIEW_BELOW,
        table=table,
    )


def slope_before(context: CheckContext) -> Contrast:
    """Slope a period of the gaps before the event, its standard error allowing for their memory."""
    panel = context.panel
    at = positions(panel.times)[panel.pre]
    line = np.column_stack([np.ones(len(at)), at - at.mean()])
    return contrast(fit_autoregressive(gaps_of(context)[panel.pre], line, at), [0.0, 1.0])


def distance_to_post(panel: Panel) -> float:
    """Periods from the middle of the pre-period to the middle of the post-period."""
    at = positions(panel.times)
    return float(at[panel.post].mean() - at[panel.pre].mean())


def verdict(p_value: float, carried: float, point: float) -> Status:
    """FAIL for a sure trend that would make up half of the estimate or more."""
    if p_value < FAIL_BELOW and abs(carried) >= RIVAL_SHARE * abs(point):
        return "FAIL"
    return "REVIEW" if p_value < REVIEW_BELOW else "PASS"


def _advice(status: Status) -> str:
    return say(SENTENCES, "advice_fail" if status == "FAIL" else "advice")
