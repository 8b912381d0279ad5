"""Has the model used up the memory of the series, or is the standard error too small?"""

from types import ModuleType

import numpy as np
import pandas as pd
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.stattools import acf

from analysis.checks._context import CheckContext
from analysis.checks._wording import fixed, line, probability, say, whole
from analysis.core.check import CheckResult, Status
from analysis.core.panel import Panel

NAME = "residual_autocorrelation"
LABEL = "Patterns the model left unexplained"
REFERENCE = "Ljung and Box 1978, Biometrika 65(2):297-303"
SHORTEST = 20  # below it the test has next to no power
MOST_LAGS = 10
PERIODS_PER_LAG = 5
REVIEW_BELOW = 0.05
FAIL_BELOW = 0.01
SENTENCES = {
    "en": {
        "clear": "In the residuals no memory is left over {lags} lags ({p}){carried}.",
        "left": "In the residuals memory is left over {lags} lags ({p}){carried}.",
        "carried": "; the model carries over {rho} of each period's surprise to the next",
        "nothing": "",
        "advice_returns": "Ordinary days carry over a little of the day before, so read the interval as somewhat too "
        "narrow; try another market index or other days before.",
        "advice_bound": "The series wanders like a random walk: use donors, or a short post window, before relying on "
        "it.",
        "advice": "Add harmonics or covariates, or use donors; until then read the interval as too narrow.",
    },
    "it": {
        "clear": "Nei residui non resta memoria su {lags} ritardi ({p}){carried}.",
        "left": "Nei residui resta memoria su {lags} ritardi ({p}){carried}.",
        "carried": "; il modello trasferisce {rho} della sorpresa di ogni periodo al successivo",
        "nothing": "",
        "advice_returns": "Le sedute normali conservano un poco della precedente: leggere l'intervallo come un po' "
        "troppo stretto; provare un altro indice di mercato o altre sedute precedenti.",
        "advice_bound": "La serie vaga come una passeggiata aleatoria: usare imprese di confronto, o una finestra "
        "breve dopo l'evento, prima di affidarvisi.",
        "advice": "Aggiungere armoniche o covariate, o usare imprese di confronto; fino ad allora leggere "
        "l'intervallo come troppo stretto.",
    },
}


def applies(panel: Panel, estimator_module: ModuleType) -> str | None:
    """Not for inference by placebos: the donors' gaps carry the same memory, so it is already in the comparison."""
    if getattr(estimator_module, "NEEDS_DONORS", 0):
        return "the uncertainty comes from placebos, which carry the same memory as the treated unit"
    if panel.n_pre < SHORTEST:
        return f"{panel.n_pre} periods before the event are too few for the test"
    return None


def run(context: CheckContext) -> CheckResult:
    """Statistic: the Ljung-Box p-value of the whitened residuals (of the pre-period gaps where none are stated)."""
    residuals, fitted = residuals_of(context)
    table = ljung_box(residuals, fitted)
    p_value = float(table["p_value"].iloc[-1])
    status: Status = "FAIL" if p_value < FAIL_BELOW else "REVIEW" if p_value < REVIEW_BELOW else "PASS"
    rho = context.effect.diagnostics.get("rho")
    sentence = say(
        SENTENCES, "clear" if status == "PASS" else "left", lags=whole(len(table)), p=probability(p_value),
        carried=line("nothing") if rho is None else line("carried", rho=fixed(rho, 2)),
    )  # fmt: skip
    if context.effect.diagnostics.get("rho_at_bound", False) and status == "PASS":
        status = "REVIEW"
    return CheckResult(
        check=NAME,
        outcome=context.outcome,
        status=status,
        sentence=sentence,
        recommendation="" if status == "PASS" else _advice(context),
        statistic=p_value,
        threshold=REVIEW_BELOW,
        table=table,
    )


def residuals_of(context: CheckContext) -> tuple[np.ndarray, int]:
    """Residuals that should have no memory, and how many autocorrelation terms were fitted to get them."""
    stated = context.effect.diagnostics.get("whitened_residuals")
    if stated is not None:
        return np.asarray(stated, dtype=float), int("rho" in context.effect.diagnostics)
    path = context.effect.path[context.panel.pre]
    gap = context.panel.transform(path["observed"].to_numpy()) - context.panel.transform(path["expected"].to_numpy())
    return gap - gap.mean(), 0


def ljung_box(residuals: np.ndarray, fitted: int = 0) -> pd.DataFrame:
    """Columns lag, autocorrelation, statistic, p_value (with lag - ``fitted`` degrees of freedom; NaN below one)."""
    most = max(min(MOST_LAGS, len(residuals) // PERIODS_PER_LAG), fitted + 1)
    tested = acorr_ljungbox(residuals, lags=most, model_df=fitted)
    correlation = acf(residuals, nlags=most, fft=False)[1:]
    return pd.DataFrame(
        {
            "lag": tested.index.to_numpy(),
            "autocorrelation": correlation,
            "statistic": tested["lb_stat"].to_numpy(),
            "p_value": tested["lb_pvalue"].to_numpy(),
        }
    )


def _advice(context: CheckContext) -> str:
    if getattr(context.module, "OUTCOME_IS_RETURNS", False):
        return say(SENTENCES, "advice_returns")
    return say(SENTENCES, "advice_bound" if context.effect.diagnostics.get("rho_at_bound", False) else "advice")
