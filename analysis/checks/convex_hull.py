"""Could any mixture of the donors have reached the treated unit before the event?"""

from types import ModuleType

import numpy as np
import pandas as pd

from analysis.checks._context import CheckContext
from analysis.checks._wording import count, line, say, share
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel

NAME = "convex_hull"
LABEL = "Within the range of the donors"
REFERENCE = "Abadie 2021, Journal of Economic Literature 59(2), section 3.4 (no extrapolation beyond the donors)"
# These mix levels; the other donor methods take out a constant difference first, and so does this check for them.
MIXES_LEVELS = ("synthetic_control", "augmented_synthetic_control")
# A unit that is one of J + 1 alike is the highest or the lowest in 2 / (J + 1) of the periods: twice that is more
# than chance. With half of the periods outside no mixture follows the unit most of the time.
TIMES_CHANCE = 2.0
FAIL_ABOVE = 0.5
SENTENCES = {
    "en": {
        "found": "Before the event the series lies outside the range of its {donors} in {outside} of the "
        "periods{about}{most}.",
        "centred": ", constant differences taken out",
        "most": ", at most by {farthest} of its usual variation",
        "nothing": "",
        "advice_levels": "Add donors of its size, or use synthetic_difference_in_differences, which allows a constant "
        "difference.",
        "advice": "Add donors that move as widely as the series, or read the estimate as an extrapolation beyond them.",
    },
    "it": {
        "found": "Prima dell'evento la serie sta fuori dal campo di {donors} {outside:nel} dei periodi{about}{most}.",
        "centred": ", tolte le differenze costanti",
        "most": ", al massimo {farthest:del} della sua variazione usuale",
        "nothing": "",
        "advice_levels": "Aggiungere imprese della stessa dimensione, o usare synthetic_difference_in_differences, "
        "che ammette una differenza costante.",
        "advice": "Aggiungere imprese che si muovano quanto la serie, o leggere la stima come un'estrapolazione.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Only for mixtures of two donors or more."""
    if not getattr(estimator_module, "NEEDS_DONORS", 0) or len(panel.donors) < 2:
        return "the estimate is not a mixture of donors"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: share of the periods before the event in which the treated unit lies outside the donors' range."""
    panel = context.panel
    table = range_table(panel, centred=context.estimator not in MIXES_LEVELS)
    outside = float((table["outside"] > 0).mean())
    spread = float(panel.y[panel.pre].std(ddof=1))
    farthest = float(table["outside"].max()) / spread if spread > 0 else 0.0
    allowed = min(TIMES_CHANCE * 2 / (len(panel.donors) + 1), FAIL_ABOVE)
    status: Status = "FAIL" if outside > FAIL_ABOVE else "REVIEW" if outside > allowed else "PASS"
    sentence = say(
        SENTENCES, "found", donors=count(len(panel.donors), "donor"), outside=share(outside),
        about=line("nothing" if context.estimator in MIXES_LEVELS else "centred"),
        most=line("most", farthest=share(farthest)) if outside > 0 else line("nothing"),
    )  # fmt: skip
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(context),
        statistic=outside,
        threshold=allowed,
        table=table,
    )


def range_table(panel: Panel, *, centred: bool) -> pd.DataFrame:
    """One row a period before the event, model scale: time, series, lowest, highest, outside (distance, 0 inside)."""
    series, donors = panel.y[panel.pre], panel.donor_values[panel.pre]
    if centred:
        series, donors = series - series.mean(), donors - donors.mean(axis=0)
    lowest, highest = donors.min(axis=1), donors.max(axis=1)
    outside = np.maximum(np.maximum(lowest - series, series - highest), 0.0)
    columns = {"series": series, "lowest": lowest, "highest": highest, "outside": outside}
    return pd.DataFrame({"time": panel.times[panel.pre], **columns})


def _advice(context: CheckContext) -> str:
    return say(SENTENCES, "advice_levels" if context.estimator == "synthetic_control" else "advice")
