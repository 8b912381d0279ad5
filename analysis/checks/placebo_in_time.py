"""Would the same method have found an effect at dates when nothing happened?"""

import math
from types import ModuleType

import numpy as np
import pandas as pd
from scipy.stats import binom

from analysis.checks._context import CheckContext
from analysis.checks._gaps import claims_an_effect
from analysis.checks._wording import amount, count, say, size
from analysis.core.check import CheckResult, Status
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.said import Said
from analysis.inference.pseudo_dates import pseudo_windows

NAME = "placebo_in_time"
LABEL = "Pretended dates before the event"
REFERENCE = "Abadie, Diamond and Hainmueller 2015, American Journal of Political Science 59(2):495-510"
DATES = 8
FEWEST_DATES = 3
SMALLEST_PRE = 8
ALPHA = 0.05
# A method that cries wolf one time in twenty finds this many or more false effects among the dates with at least
# these probabilities: below .10 is worth a look, below .01 is not chance. Pretended windows overlap, and overlapping
# windows err together, so the share is read as if found among as many windows as do not overlap.
REVIEW_BELOW = 0.10
FAIL_BELOW = 0.01
SENTENCES = {
    "en": {
        "found": "At {dates} before the event the same method found {alarms}; the typical size there is {typical}, "
        "the estimate is {estimate}.",
        "none": "At {dates} before the event the same method found no false effects; the typical size there is "
        "{typical}, the estimate is {estimate}.",
        "typical_as_large": "The estimate is no larger than what the method typically finds where nothing happened.",
        "one_as_large": "The largest there, {largest}, is no smaller than the estimate.",
        "too_few": "Only {dates} could be tried, too few to judge by.",
        "no_p": "At {dates} the typical size is {typical}; the estimate is {estimate}. The method gives no p-value "
        "here to count.",
        "advice_few": "Widen the pre-period, or use fewer stages and harmonics.",
        "advice_no_p": "Compare the two sizes by eye; add donors to get a p-value.",
        "advice_size": "Do not take the estimate for more than chance makes at other dates, whatever its p-value.",
        "advice_fail": "Do not rely on the p-value: the method finds effects where there were none.",
        "advice": "Read the p-value as too small by some amount, and prefer an estimator with fewer false effects "
        "here.",
    },
    "it": {
        "found": "Lo stesso metodo, a {dates} prima dell'evento, ha trovato {alarms}; lì l'ampiezza tipica è "
        "{typical:il}, la stima è {estimate}.",
        "none": "Lo stesso metodo, a {dates} prima dell'evento, non ha trovato effetti falsi; lì l'ampiezza tipica è "
        "{typical:il}, la stima è {estimate}.",
        "typical_as_large": "La stima non supera quanto il metodo trova di solito dove non è accaduto nulla.",
        "one_as_large": "La più grande lì, {largest}, non è minore della stima.",
        "too_few": "Solo {dates} da provare: troppo poche per giudicare.",
        "no_p": "A {dates} l'ampiezza tipica è {typical:il}; la stima è {estimate}. Il metodo non dà qui un valore p "
        "da contare.",
        "advice_few": "Allargare il periodo precedente, o usare meno tappe e armoniche.",
        "advice_no_p": "Confrontare a occhio le due ampiezze; aggiungere imprese di confronto per avere un valore p.",
        "advice_size": "Non prendere la stima per più di quanto il caso fa in altre date, qualunque sia il valore p.",
        "advice_fail": "Non affidarsi al valore p: il metodo trova effetti dove non ce n'erano.",
        "advice": "Leggere il valore p come un po' troppo piccolo, e preferire uno stimatore con meno effetti falsi "
        "qui.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs a pre-period that can be cut into a shorter one and a pretended post-period."""
    if len(pseudo_windows(panel, DATES, smallest_pre(panel, estimator_module))) < FEWEST_DATES:
        return f"{panel.n_pre} periods before the event leave no room for pretended dates"
    return None


def smallest_pre(panel: Panel, estimator_module: ModuleType) -> int:
    """Half of the pre-period, or what the estimator asks for when that is more."""
    return max(panel.n_pre // 2, getattr(estimator_module, "SMALLEST_PRE_PERIODS", SMALLEST_PRE))


def run(context: CheckContext) -> CheckResult:
    """Statistic: share of pretended dates with p < .05 by the same estimator, options and inference.

    FAIL and REVIEW by how unlikely so many are (``verdict``). REVIEW also, whatever the p-values, for an estimate that
    is called an effect (its interval leaves zero out) and is no larger than the typical (median absolute) or than the
    largest effect at the pretended dates (``as_large``). An estimate whose interval holds zero claims nothing that
    such a date could contradict.
    """
    table = placebo_table(context)
    effects, p_values = table["effect"], table["p_value"]
    if len(table) < FEWEST_DATES or p_values.isna().any():
        return _without_p_values(context, table)
    false_alarms = int((p_values < ALPHA).sum())
    found = verdict(false_alarms / len(table), separate_windows(context.panel, table))
    large = as_large(context, effects)
    status: Status = "REVIEW" if found == "PASS" and large else found
    sentence = say(
        SENTENCES, "found" if false_alarms else "none", dates=count(len(table), "pretended date"),
        alarms=count(false_alarms, "false effect"), typical=size(_typical(effects), context.effect),
        estimate=amount(context.effect.point, context.effect),
    )  # fmt: skip
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=_with_size(sentence, context, effects, large),
        recommendation=_advice(found, large),
        statistic=false_alarms / len(table),
        threshold=ALPHA,
        table=table,
    )


def placebo_table(context: CheckContext) -> pd.DataFrame:
    """One row a pretended date that the estimator accepts: date, effect, p_value, lower, upper."""
    rows = []
    for windows in pseudo_windows(context.panel, DATES, smallest_pre(context.panel, context.module)):
        try:
            effect = context.average_of(context.panel.with_windows(windows))
        except DesignError:
            continue  # a stage in the pretended post-period, less than a season: no fair test at this date
        bounds = (np.nan, np.nan) if effect.interval is None else (effect.interval.lower, effect.interval.upper)
        p_value = np.nan if effect.p_value is None else effect.p_value
        rows.append((windows.event, effect.point, p_value, *bounds))
    return pd.DataFrame(rows, columns=["date", "effect", "p_value", "lower", "upper"])


def separate_windows(panel: Panel, table: pd.DataFrame) -> int:
    """How many of the pretended post windows fit side by side between the first and the last date."""
    places = panel.times.get_indexer(table["date"])
    return min(len(table), 1 + int(np.ptp(places)) // panel.n_post)


def verdict(share: float, windows: int) -> Status:
    """By the probability of at least this share of false alarms at one in twenty."""
    false_alarms = math.floor(share * windows + 0.5)
    chance = float(binom.sf(false_alarms - 1, windows, ALPHA))
    if chance < FAIL_BELOW:
        return "FAIL"
    return "REVIEW" if chance < REVIEW_BELOW else "PASS"


def as_large(context: CheckContext, effects: pd.Series) -> str:
    """Which effects at pretended dates are as large as an estimate that is called one, as the key of its sentence."""
    size_of_it = abs(context.effect.point)
    if not claims_an_effect(context) or size_of_it > effects.abs().max():
        return ""
    return "typical_as_large" if size_of_it <= _typical(effects) else "one_as_large"


def _typical(effects: pd.Series) -> float:
    return float(effects.abs().median())


def _with_size(sentence: Said, context: CheckContext, effects: pd.Series, large: str) -> Said:
    if not large:
        return sentence
    largest = amount(float(effects.loc[effects.abs().idxmax()]), context.effect)
    return sentence.then(say(SENTENCES, large, largest=largest))


def _without_p_values(context: CheckContext, table: pd.DataFrame) -> CheckResult:
    if len(table) < FEWEST_DATES:
        sentence = say(SENTENCES, "too_few", dates=count(len(table), "pretended date"))
        return CheckResult(
            check=NAME, outcome=context.outcome, status="NOT_RUN", sentence=sentence, table=table,
            recommendation=say(SENTENCES, "advice_few"),
        )  # fmt: skip
    effect, typical = context.effect, _typical(table["effect"])
    sentence = say(
        SENTENCES, "no_p", dates=count(len(table), "pretended date"), typical=size(typical, effect),
        estimate=amount(effect.point, effect),
    )  # fmt: skip
    return CheckResult(
        check=NAME, outcome=context.outcome, status="REVIEW", sentence=sentence, table=table,
        statistic=typical, recommendation=say(SENTENCES, "advice_no_p"),
    )  # fmt: skip


def _advice(found: Status, large: str) -> Said | str:
    """By what the false effects say; where they are no more than chance, by their size."""
    if found == "PASS":
        return say(SENTENCES, "advice_size") if large else ""
    return say(SENTENCES, "advice_fail" if found == "FAIL" else "advice")
