"""Does the estimate hang on where exactly the periods around the event are cut?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import again, amount, count, say, share, whole
from analysis.core.check import CheckResult, Status
from analysis.core.errors import DesignError
from analysis.core.panel import Panel
from analysis.core.windows import Windows

NAME = "donut_and_backdating"
LABEL = "Other cuts around the event"
REFERENCE = "Abadie 2021, Journal of Economic Literature 59(2), section 3.2 (backdating against anticipation)"
WIDER = 2  # periods added to the donut on a side: enough for what spills over a week's end
BACK_SHARE = 5  # back-dated by a fifth of the pre-period: long enough to show anticipation, short enough to still fit
FEWEST_KEPT = 8  # periods before the event that no cut goes below
# Half of the distance to the end of the interval is more than the cut should matter; beyond the interval the two
# answers contradict each other.
REVIEW_ABOVE = 0.5
FAIL_ABOVE = 1.0
SENTENCES = {
    "en": {
        "found": "With {cuts} of the periods around the event the estimate runs from {lowest} to {highest}; the "
        "farthest ({cut}) moves it by {moved} of the way to the end of its interval.",
        "no_interval": "With {cuts} of the periods around the event the estimate runs from {lowest} to {highest}; "
        "there is no interval to compare that with.",
        "before": "donut {wider} periods longer before",
        "after": "donut {wider} periods longer after",
        "both": "donut {wider} periods longer on both sides",
        "back": "back-dated by {periods} periods",
        "advice_fail": "Look at what happened in the periods that this cut leaves out ({cut}), and date the event by "
        "that.",
        "advice": "Report the range beside the estimate, and look for anticipation or a slow start.",
    },
    "it": {
        "found": "Con {cuts} dei periodi attorno all'evento la stima va da {lowest} a {highest}; il più lontano "
        "({cut}) la sposta {moved:del} della distanza dall'estremo del suo intervallo.",
        "no_interval": "Con {cuts} dei periodi attorno all'evento la stima va da {lowest} a {highest}; manca un "
        "intervallo con cui confrontarla.",
        "before": "{wider} periodi esclusi in più, prima",
        "after": "{wider} periodi esclusi in più, dopo",
        "both": "{wider} periodi esclusi in più, prima e dopo",
        "back": "retrodatato di {periods} periodi",
        "advice_fail": "Guardare che cosa è accaduto nei periodi che questo taglio esclude ({cut}), e datare l'evento "
        "di conseguenza.",
        "advice": "Riportare il campo accanto alla stima, e cercare un'anticipazione o un avvio lento.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Needs periods to give away; an announcement has its day."""
    if getattr(estimator_module, "OUTCOME_IS_RETURNS", False):
        return "the day of an announcement is known to the hour"
    if len(cuts(panel, smallest_pre(estimator_module))) < 2:
        return f"{panel.n_pre} periods before and {panel.n_post} after the event leave none to give away"
    return None


def smallest_pre(estimator_module: ModuleType) -> int:
    return getattr(estimator_module, "SMALLEST_PRE_PERIODS", FEWEST_KEPT)


def cuts(panel: Panel, fewest: int) -> dict[str, Windows]:
    """Other windows by name; ``fewest`` periods before stay, and more than half of those after."""
    pre, post, now = panel.times[panel.pre], panel.times[panel.post], panel.windows
    earlier = max(len(pre) // BACK_SHARE, WIDER + 1)
    found = {}
    before = len(pre) - WIDER >= fewest
    after = len(post) > 2 * WIDER
    if before:
        found[say(SENTENCES, "before", wider=whole(WIDER))] = (pre[-1 - WIDER], now.event)
    if after:
        found[say(SENTENCES, "after", wider=whole(WIDER))] = (now.pre_last, post[WIDER])
    if before and after:
        found[say(SENTENCES, "both", wider=whole(WIDER))] = (pre[-1 - WIDER], post[WIDER])
    if len(pre) - earlier >= fewest:
        found[say(SENTENCES, "back", periods=whole(earlier))] = (pre[-1 - earlier], now.event)
    return {name: Windows(now.first, *cut, now.last) for name, cut in found.items()}


def run(context: CheckContext) -> CheckResult:
    """Statistic: the farthest move of the estimate over the distance to the end of its interval on that side."""
    table = cut_table(context)
    if table.empty:
        raise DesignError("no other cut of the windows could be estimated", cure="widen the pre-period")
    farthest = table.loc[table["move"].abs().idxmax()]
    # A table keeps the words alone; the cut itself remembers how they were made.
    cut = next(one for one in cuts(context.panel, smallest_pre(context.module)) if one == farthest["cut"])
    known = context.effect.interval is not None
    moved = float(farthest["share_of_interval"]) if known else float(abs(farthest["move"]))
    status: Status = "REVIEW" if not known or moved > REVIEW_ABOVE else "PASS"
    if known and moved > FAIL_ABOVE:
        status = "FAIL"
    lowest, highest = (amount(float(end), context.effect) for end in (table["effect"].min(), table["effect"].max()))
    ends = {"cuts": count(len(table), "other cut"), "lowest": lowest, "highest": highest}
    sentence = say(SENTENCES, "no_interval", **ends)
    if known:
        sentence = say(SENTENCES, "found", **ends, cut=again(cut), moved=share(moved))
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(status, cut),
        statistic=moved,
        threshold=REVIEW_ABOVE,
        table=table,
    )


def cut_table(context: CheckContext) -> pd.DataFrame:
    """One row a cut that the estimator accepts: cut, effect, lower, upper, move, share_of_interval."""
    rows, now = [], context.effect
    for name, windows in cuts(context.panel, smallest_pre(context.module)).items():
        try:
            effect = context.average_of(context.panel.with_windows(windows))
        except DesignError:
            continue  # a stage or a season that the shorter period no longer carries
        bounds = (np.nan, np.nan) if effect.interval is None else (effect.interval.lower, effect.interval.upper)
        move = effect.point - now.point
        reach = np.nan
        if now.interval is not None:
            reach = now.interval.upper - now.point if move > 0 else now.point - now.interval.lower
        rows.append((name, effect.point, *bounds, move, abs(move) / reach if reach > 0 else np.nan))
    return pd.DataFrame(rows, columns=["cut", "effect", "lower", "upper", "move", "share_of_interval"])


def _advice(status: Status, cut: str) -> str:
    return say(SENTENCES, "advice_fail", cut=again(cut)) if status == "FAIL" else say(SENTENCES, "advice")
